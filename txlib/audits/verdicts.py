"""Whether each quota is kept by each group of units, who missed one, and what that costs (1.3g, 1.3i)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from txlib.audits.audit import cited
from txlib.audits.marks import Flags, MarkGroups, Marking, beyond, grouped
from txlib.base.numbers import Counts
from txlib.rules.quotas import Quota, Quotas
from txlib.scoring.places import whole

PENALTIES = ["lead", "category", "points", "items", "clause"]


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
