"""Signs of levelling in marks that keep the quotas: bunched at a line, few values, a narrow band, a copied order.

A sign is no verdict: these are plain statistics beside thresholds of the rule-book. Nothing is said of small groups.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from txlib.audits.audit import Audit, Evidence, Finding, Found, cited
from txlib.audits.chance import chance, discordant
from txlib.audits.marks import ITEM, Flags, Marking, beyond
from txlib.base.numbers import Array, Counts
from txlib.rules.quotas import Levelling, Quota, Quotas

SIGNS = [*ITEM, "units", "sign", "level", "count", "value", "threshold", "others", "flagged", "judged", "clause"]
COPIED = ["category", "item", "other", "item_name", "item_name_en", "other_name", "other_name_en", "lead", "other_lead",
          "units", "discordant", "pairs", "turned", "chance", "tests", "adjusted", "flagged", "reason", "clause"]


class LevellingAudit(Audit, name="levelling", rules=("quotas.levelling",),
                     kinds=("near_line", "few_values", "narrow_band", "copied"), frames={"signs": SIGNS, "copied": COPIED}):
    """`signs` (SIGNS) of an item by itself, and `copied` (COPIED), how close the orders of two items are.

    Findings: of every item that is judged each sign, of every two that were tested their order; flagged where it looks
    levelled. `line` and `near` are told of near_line only; `chance` is the adjusted one.
    """

    def run(self, given: Evidence) -> Found:
        made, rules = given.own_made, given.own.rules
        found, pairs = signs(made, rules), copied(made, rules)
        return Found({"signs": found, "copied": pairs}, [*_of_items(found, rules), *_of_pairs(pairs)])


def _of_items(found: pd.DataFrame, rules: Quotas) -> Iterator[Finding]:
    """A finding for every sign of an item that is judged."""
    lines = {level.code: float(level.line) for level in rules.levels}
    near = float(rules.levelling.near) if rules.levelling else math.nan
    for row in found[found["judged"].astype(bool)].itertuples():
        beside = {"level": row.level, "line": lines[str(row.level)], "near": near} if row.level else {}
        values = {**beside, "count": row.count, "value": row.value, "threshold": row.threshold, "others": row.others}
        yield Finding(str(row.sign), str(row.category), str(row.item), str(row.lead), (), values, bool(row.flagged),
                      str(row.clause))


def _of_pairs(pairs: pd.DataFrame) -> Iterator[Finding]:
    """A finding for every two items whose orders were compared."""
    for row in pairs[pairs["chance"].notna()].itertuples():
        values = {"other": row.other, "discordant": row.discordant, "pairs": row.pairs, "turned": row.turned,
                  "chance": row.adjusted}
        yield Finding("copied", str(row.category), str(row.item), str(row.lead), (), values, bool(row.flagged), str(row.clause))


def signs(made: Marking, rules: Quotas) -> pd.DataFrame:
    """One row an item, category and sign (SIGNS); no rows without a rule.

    `sign`: near_line (of `level`: `count` units within `near` points outside its line; value: their share), few_values
    (`count` distinct marks; value: per unit), narrow_band (value: highest less lowest mark). `others`: the median value of
    the category's other items. Groups of fewer units than `smallest` are not judged and have no value.
    """
    rule = rules.levelling
    if rule is None:
        return pd.DataFrame(columns=SIGNS)
    judged = made.units >= rule.smallest
    frames = [_sign(made, judged, "near_line", level.code, *_near(made, level, rule), rule.near_share)
              for level in rules.levels]
    few = made.distinct()
    frames.append(_sign(made, judged, "few_values", "", few, _per_unit(few, made),
                        few * rule.distinct.denominator < rule.distinct.numerator * made.units, rule.distinct))
    ranges, narrow = np.full(len(made.items), math.nan), np.zeros(len(made.items), dtype=bool)
    spread = made.highest(made.mark.value) - made.lowest(made.mark.value)
    ranges[made.present] = made.mark.floats(spread)
    narrow[made.present] = spread <= math.floor(rule.band * made.mark.over)
    frames.append(_sign(made, judged, "narrow_band", "", made.units, ranges, narrow, rule.band))
    frame = pd.concat(frames).sort_index(kind="stable").reset_index(drop=True)
    frame["others"] = _others(frame)
    return frame.assign(clause=cited(rule))[SIGNS]


def _near(made: Marking, level: Quota, rule: Levelling) -> tuple[Counts, Any, Flags]:
    """Units that stand just outside a quota's line: just below 90, just above 80."""
    upper = level.marks in ("at_least", "above")
    close = (beyond(made.mark, "at_least", level.line - rule.near) if upper
             else beyond(made.mark, "at_most", level.line + rule.near))
    inside = beyond(made.mark, level.marks, level.line)
    count = np.bincount(made.row[close & ~inside], minlength=len(made.items))
    share = rule.near_share
    return count, _per_unit(count, made), count * share.denominator >= share.numerator * made.units


def _per_unit(count: Counts, made: Marking) -> Any:
    return count / np.maximum(made.units, 1)


def _sign(made: Marking, judged: Flags, sign: str, level: str, count: Counts, value: Any, flagged: Flags,
          threshold: Fraction) -> pd.DataFrame:
    return made.items[ITEM].assign(
        units=made.units, sign=sign, level=level, count=np.where(judged, count, 0), value=np.where(judged, value, math.nan),
        threshold=float(threshold), flagged=np.asarray(flagged, dtype=bool) & judged, judged=judged)


def _others(frame: pd.DataFrame) -> list[float]:
    """For each row the median value of the same sign among the category's other items that are judged."""
    values, medians = frame["value"].tolist(), [math.nan] * len(frame)
    same = dict[Any, list[int]]()
    for i, key in enumerate(zip(frame["category"], frame["sign"], frame["level"], strict=True)):
        same.setdefault(key, []).append(i)
    for rows in same.values():
        known = [i for i in rows if not math.isnan(values[i])]
        for i in rows:
            rest = [values[k] for k in known if k != i]
            medians[i] = statistics.median(rest) if rest else math.nan
    return medians


# ── the same order copied ───────────────────────────────────────────────────────────────────────────────────────────


def copied(made: Marking, rules: Quotas) -> pd.DataFrame:
    """One row a pair of items of a category (COPIED): how close their orders of the units that both assess are.

    `discordant` of `pairs` that neither has tied, NaN for too few units; `turned`: their share; `chance`: the exact share of
    all orders at least as close (chance.chance); `tests`: how many pairs of the category could have had the same order;
    `adjusted`: the chance after Holm's correction for them (1979). `flagged` where that is at most the rule's `copied` and
    `turned` at most the rule's: in a large group chance alone would tell any two items that measure like things. `reason` why
    a pair was not tested: too_few common units, or as in `chance.chance`, where `at_most` says that the chance is a bound
    above the exact one.
    """
    rule = rules.levelling
    rows = list[dict[str, Any]]()
    if rule is not None:
        unit = pd.factorize(made.unit)[0]
        where = dict(zip(made.present.tolist(), np.split(np.arange(len(unit)), made.start[1:]), strict=True)) if len(unit) else {}
        for _, items_of in made.items.groupby("category", sort=False):
            rows += _holm([_pair(made, unit, where, i, j, rule) for i, j in itertools.combinations(items_of.index, 2)], rule)
    return pd.DataFrame(rows, columns=COPIED)


def _pair(made: Marking, unit: Array, where: dict[int, Array], i: int, j: int, rule: Levelling) -> dict[str, Any]:
    mine, theirs = (where.get(k, np.zeros(0, dtype=np.int64)) for k in (i, j))
    common, a, b = np.intersect1d(unit[mine], unit[theirs], return_indices=True)
    x, y = made.step[mine[a]], made.step[theirs[b]]
    found, reason = chance(x, y) if len(common) >= rule.smallest else (None, "too_few")
    apart, pairs = discordant(x, y) if reason != "too_few" else (math.nan, math.nan)
    one, other = made.items.loc[i], made.items.loc[j]
    return {**{name: one[name] for name in ITEM}, "other": other["item"], "other_name": other["item_name"],
            "other_name_en": other["item_name_en"], "other_lead": other["lead"], "units": len(common), "discordant": float(apart),
            "pairs": float(pairs), "turned": apart / pairs if pairs else math.nan, "chance": found, "reason": reason,
            "clause": cited(rule)}


def _holm(rows: Sequence[dict[str, Any]], rule: Levelling) -> list[dict[str, Any]]:
    """The pairs of one category with their chances corrected for how many have an order, in exact fractions.

    A pair with too many units for its chance counts as a test too: had its order been the same, it would have been one.
    """
    tested = sorted((row for row in rows if row["chance"] is not None), key=lambda row: row["chance"])
    tests, adjusted = len(tested) + sum(row["reason"] == "too_many" for row in rows), Fraction(0)
    for place, row in enumerate(tested):
        adjusted = max(adjusted, min(Fraction(1), row["chance"] * (tests - place)))
        close = row["discordant"] * rule.turned.denominator <= rule.turned.numerator * row["pairs"]
        row |= {"flagged": close and adjusted <= rule.copied, "adjusted": float(adjusted), "chance": float(row["chance"])}
    return [{"adjusted": math.nan, "flagged": False, **row, "tests": tests,
             "chance": math.nan if row["chance"] is None else row["chance"]} for row in rows]
