"""The audit of marks: how many units are where a quota draws its line, full marks, spread, what is counted, penalties."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.audits.marks import HUNDRED, ITEM, Flags, MarkGroups, Marking, beyond, grouped, marking, roomy, split
from txlib.base.numbers import Array, Counts
from txlib.rules.quotas import Quota, Quotas
from txlib.scoring.places import whole

GROUPS = [*ITEM, "categories", "level", "bound", "units", "share", "allowed", "found", "kept", "judged", "units_concerned",
          "clause"]
BREACHES = ["item", "lead", "category", "rule", "limit", "found", "units", "clause", "bound", "assessed", "categories",
            "item_name", "item_name_en"]
FULL_MARKS = [*ITEM, "unit", "mark", "clause"]
SPREAD = [*ITEM, "units", "lowest", "highest", "range", "deviation", "distinct"]
QUANTITATIVE = [*ITEM, "units", "declared", "at_least", "kept", "effective", "reason", "constant", "clause"]
PENALTIES = ["lead", "category", "points", "items", "clause"]
NEXT_YEAR = ["lead", "breached", "categories", "items", "proposal", "clause"]


@dataclass(frozen=True)
class Audit:
    """What the marks of a year, or of a category, keep and break; a breach is a result.

    `groups` (GROUPS): one row a group of units and quota: `allowed` units `bound` (at_most, at_least), `found`, whether
    kept, whether judged (enough units), the units with such marks. `breaches` (BREACHES): those judged and not kept.
    `full_marks` (FULL_MARKS): the units that have them, `mark` in points. `spread` (SPREAD): marks out of 100 by item and
    category, population standard deviation; NaN where nobody was assessed. `quantitative` (QUANTITATIVE): shares declared
    and effective; `reason` why there is no effective one (not_assessed, no_parts, one_unit, equal_totals); `constant`:
    the same quantitative part for all. `penalties` (PENALTIES) and `next_year` (NEXT_YEAR, proposal lower or withdraw).
    """

    groups: pd.DataFrame
    breaches: pd.DataFrame
    full_marks: pd.DataFrame
    spread: pd.DataFrame
    quantitative: pd.DataFrame
    penalties: pd.DataFrame
    next_year: pd.DataFrame


@dataclass(frozen=True)
class Verdicts:
    """Counts of each group (row) and quota (column); `judged`, one a group: it has enough units."""

    groups: MarkGroups
    found: Counts
    allowed: Counts
    kept: Flags
    judged: Flags

    def broken(self) -> Flags:
        """Which quotas are broken, group by quota."""
        return self.judged[:, None] & ~self.kept


def audit(marks: pd.DataFrame, items: pd.DataFrame, rules: Quotas) -> Audit:
    """Every quota counted, and what follows (1.3e–1.3i).

    `marks`: category, item, unit, quantitative, total in points, one row a unit and item, total NaN where the item does
    not apply; `items`: category, item, name, name_en, lead, out_of, declared. ValueError: a mark for an item not listed.
    """
    made = marking(marks, items)
    found = verdicts(made, rules)
    groups = group_frame(made, found, rules)
    penalised = missed(made, found)
    return Audit(groups, breach_frame(groups), full_marks(made, rules), spread(made), quantitative(made, rules),
                 penalties(penalised, rules), next_year(penalised, rules))


# ── quotas ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def verdicts(made: Marking, rules: Quotas) -> Verdicts:
    """For each group and quota the units allowed and found, and whether that keeps it (1.3g)."""
    groups = grouped(made, rules.per)
    shape = len(groups.frame), len(rules.levels)
    found, allowed = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    kept = np.ones(shape, dtype=bool)
    for j, level in enumerate(rules.levels):
        inside = beyond(made.mark, level.marks, level.line)
        found[:, j] = np.bincount(groups.of[inside], minlength=shape[0])
        allowed[:, j] = bounds(level, groups.units)
        kept[:, j] = found[:, j] <= allowed[:, j] if level.units == "at_most" else found[:, j] >= allowed[:, j]
    return Verdicts(groups, found, allowed, kept, groups.units >= rules.smallest)


def bounds(level: Quota, units: Counts) -> Counts:
    """The quota's share of each number of units as a whole number of them, rounded as ruled."""
    sizes, at = np.unique(units, return_inverse=True)
    return np.array([whole(level.share * int(size), level.count) for size in sizes], dtype=np.int64)[at]


def group_frame(made: Marking, found: Verdicts, rules: Quotas) -> pd.DataFrame:
    """One row a group and quota (GROUPS), in the order of the items and of the rule-book."""
    groups, levels = found.groups, rules.levels
    n = len(groups.frame)
    concerned: list[Any] = [()] * (n * len(levels))
    for j, level in enumerate(levels):
        inside = beyond(made.mark, level.marks, level.line)
        concerned[j::len(levels)] = split(made.unit[inside], groups.of[inside], n)
    present = made.present
    held = split(made.items["category"].to_numpy(dtype=object)[present], groups.of_row[present], n)
    frame = {name: np.repeat(groups.frame[name].to_numpy(dtype=object), len(levels)) for name in ITEM}
    columns = {name: np.tile(np.array(values, dtype=kind), n) for name, values, kind in (
        ("level", [level.code for level in levels], object), ("bound", [level.units for level in levels], object),
        ("share", [float(level.share) for level in levels], float), ("clause", [cited(level) for level in levels], object))}
    return pd.DataFrame({
        **frame, "categories": _objects([each for each in held for _ in levels]), **columns,
        "units": np.repeat(groups.units, len(levels)), "allowed": found.allowed.ravel(), "found": found.found.ravel(),
        "kept": found.kept.ravel(), "judged": np.repeat(found.judged, len(levels)), "units_concerned": _objects(concerned),
    })[GROUPS]


def breach_frame(groups: pd.DataFrame) -> pd.DataFrame:
    """The quotas that are judged and not kept (BREACHES)."""
    broken = groups[groups["judged"] & ~groups["kept"]].rename(columns={
        "level": "rule", "allowed": "limit", "units": "assessed", "units_concerned": "units"})
    return broken[BREACHES].reset_index(drop=True)


def cited(rule: Any) -> str:
    """A rule's clauses as tables show them; none where there is no such rule."""
    return ", ".join(rule.clause) if rule is not None else ""


def _objects(values: list[Any]) -> Array:
    """Tuples as the elements of one column."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


# ── full marks, spread, what is counted ─────────────────────────────────────────────────────────────────────────────


def full_marks(made: Marking, rules: Quotas) -> pd.DataFrame:
    """The units with full marks (1.3h), none where no rule asks."""
    at = np.flatnonzero(made.mark.value >= HUNDRED * made.mark.over) if rules.full_marks else np.arange(0)
    frame = made.items.iloc[made.row[at]][ITEM].reset_index(drop=True)
    return frame.assign(unit=made.unit[at], mark=made.total.floats(made.total.value[at]), clause=cited(rules.full_marks))


def spread(made: Marking) -> pd.DataFrame:
    """Lowest, highest, range, population standard deviation and distinct marks of each item and category, out of 100."""
    lowest, highest = made.lowest(made.mark.value), made.highest(made.mark.value)
    n = made.units[made.present]
    squares, _ = _moments(made, made.mark.value, made.mark.value)
    deviation = [math.sqrt(int(s)) / int(k) / made.mark.over for s, k in zip(squares, n, strict=True)]
    columns = {name: _filled(made, values) for name, values in (
        ("lowest", made.mark.floats(lowest)), ("highest", made.mark.floats(highest)),
        ("range", made.mark.floats(highest - lowest)), ("deviation", deviation))}
    return made.items[ITEM].assign(units=made.units, **columns, distinct=made.distinct())[SPREAD]


def quantitative(made: Marking, rules: Quotas) -> pd.DataFrame:
    """The share that is counted: as declared, and as it decides who is ahead, cov(quantitative, total) ÷ var(total) (1.3e).

    The covariances of the parts with the total add up to its variance, so the shares of the parts add up to one.
    """
    rule, n = rules.quantitative, made.units[made.present]
    shared, own = _moments(made, made.quantitative.value, made.total.value)
    part = made.above_lowest(made.quantitative.value)
    known = made.totals_of(made.known.astype(np.int64)) == n
    reason = np.full(len(made.items), "not_assessed", dtype=object)
    reason[made.present] = np.select([~known, n == 1, own == 0], ["no_parts", "one_unit", "equal_totals"], "")
    effective = [int(s) / int(o) if ok and o else math.nan for s, o, ok in zip(shared, own, known, strict=True)]
    same = np.zeros(len(made.items), dtype=bool)
    same[made.present] = known & (n > 1) & (made.highest(part) == 0)
    declared = made.items["declared"]
    limit = rule.at_least if rule else 0
    return made.items[ITEM].assign(
        units=made.units, declared=[math.nan if share is None else float(share) for share in declared],
        at_least=float(limit) if rule else math.nan,
        kept=np.array([rule is None or (share is not None and share >= limit) for share in declared], dtype=bool),
        effective=_filled(made, effective), reason=reason, constant=same, clause=cited(rule))[QUANTITATIVE]


def _moments(made: Marking, x: Array, y: Array) -> tuple[Array, Array]:
    """n² times the covariance of x and y and the variance of y, for each row that is present; integers, exact."""
    n = made.units[made.present]
    x, y = made.above_lowest(x), made.above_lowest(y)
    largest = max((int(v) for values in (x, y) if len(values) for v in [values.max()]), default=0)
    room = max(1, largest) * int(n.max(initial=1)) ** 2
    x, y = roomy(x, room), roomy(y, room)
    sums = made.totals_of(y)
    return n * made.totals_of(x * y) - made.totals_of(x) * sums, n * made.totals_of(y * y) - sums * sums


def _filled(made: Marking, values: Any) -> npt.NDArray[np.float64]:
    """One number a row of items, NaN where nobody was assessed."""
    column = np.full(len(made.items), math.nan)
    column[made.present] = values
    return column


# ── what follows ────────────────────────────────────────────────────────────────────────────────────────────────────


def missed(made: Marking, found: Verdicts) -> pd.DataFrame:
    """lead, category, item: where a department missed a quota; where an item's categories are one group, in each of them."""
    rows = np.asarray(found.broken().any(axis=1))[found.groups.of_row] & (made.units > 0)
    return made.items.loc[rows, ["lead", "category", "item"]].reset_index(drop=True)


def penalties(misses: pd.DataFrame, rules: Quotas) -> pd.DataFrame:
    """What each lead department loses, once a category or for each item in it, as ruled (PENALTIES; 1.3i)."""
    rule, items = rules.penalty, dict[tuple[str, ...], list[str]]()
    for lead, category, item in misses.itertuples(index=False) if rule else ():
        items.setdefault((lead, category, item) if rule and rule.per == "item" else (lead, category), []).append(item)
    order = {lead: place for place, lead in enumerate(dict.fromkeys(misses["lead"]))}
    rows = [{"lead": key[0], "category": key[1], "points": float(rule.points) if rule else 0.0, "items": tuple(each),
             "clause": cited(rule)} for key, each in sorted(items.items(), key=lambda pair: order[pair[0][0]])]
    return pd.DataFrame(rows, columns=PENALTIES)


def next_year(misses: pd.DataFrame, rules: Quotas) -> pd.DataFrame:
    """For each lead department that missed a quota in enough categories: lower its weight, or withdraw its right (1.3i)."""
    rule, mine = rules.next_year, dict[str, tuple[dict[str, None], dict[str, None]]]()
    for lead, category, item in misses.itertuples(index=False):
        categories, items = mine.setdefault(lead, ({}, {}))
        categories[category] = items[item] = None
    rows = [{"lead": lead, "breached": len(categories), "categories": tuple(categories), "items": tuple(items),
             "proposal": "withdraw" if len(categories) >= rule.withdraw_from else "lower", "clause": cited(rule)}
            for lead, (categories, items) in mine.items() if rule and len(categories) >= rule.lower_from]
    return pd.DataFrame(rows, columns=NEXT_YEAR)
