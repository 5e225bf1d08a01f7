"""What last year's data give under either year's rules, on the indicators that both years share: a what-if, no result."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import pandas as pd

from txlib.audits.verdicts import PENALTIES
from txlib.editions.changes import matched
from txlib.editions.values import Stated, entries_of
from txlib.intake import tables
from txlib.intake.data import Data
from txlib.methods import BesideTheTree, Recorded
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.scoring.result import Result, scored

PLACES = ["category", "unit", "name", "name_en", "rank_then", "rank", "moved"]
LEFT_OUT = ["category", "year", "code", "name", "name_en", "points", "why"]
WHY = ("new", "gone", "renamed", "measured", "made", "table", "beside", "divisor", "range", "not_allowed", "groups", "levels",
       "kinds", "roles", "penalty", "linked", "empty")


@dataclass(frozen=True)
class Carried:
    """Last year's data under the rules of both years.

    `places` (PLACES): one row a unit of a category that both years have, by its place under this year's rules (`rank`);
    `rank_then` is its place under last year's, on the same shared indicators, so that no place differs for what is left out;
    `moved` is places gained. `left_out` (LEFT_OUT): indicators that only one year has, or that last year's data cannot be
    scored by, with their points in the year's own tree (0: an adjustment) and the reason, one of WHY. `shared`: by category
    the part of this year's points that the shared indicators carry. `impossible`: categories that could not be scored. What
    is left out leaves its weight to its siblings, in each year's tree.
    """

    places: pd.DataFrame
    left_out: pd.DataFrame = field(repr=False)
    shared: Mapping[str, Fraction]
    impossible: tuple[str, ...] = ()


def carried(then: RuleBook, data: Data, now: RuleBook) -> Carried:
    """Every category there in both years, last year's units and data scored by the rules of either.

    Indicators are the same as in `diff_rules`, but not those of another name, unit of measure or table: whether such are still
    what they were, the rules do not say.
    """
    old, new = entries_of(then).trees, entries_of(now).trees
    places, left, shared, impossible = [], [], {}, []
    for code in (code for code in now.categories if code in then.categories):
        sorted_out = _Sorted(then.categories[code], now.categories[code], data, matched(old[code], new[code]))
        left += [{"category": code, **row} for row in sorted_out.left_out(old[code])]
        head = sorted_out.pruned()
        shared[code] = sum((leaf.full for leaf in head.leaves), Fraction(0)) / now.categories[code].total
        results = (_assessed(then, sorted_out.kept(), sorted_out.pruned_then()),
                   _assessed(now, sorted_out.recoded(), head))
        if results[0] is None or results[1] is None:
            impossible.append(code)
        else:
            places.append(_places(results[0], results[1]))
    table = pd.concat(places, ignore_index=True) if places else pd.DataFrame(columns=PLACES)
    return Carried(table, pd.DataFrame(left, columns=LEFT_OUT), shared, tuple(impossible))


def _assessed(book: RuleBook, data: Data, head: Category) -> Result | None:
    """The result by a year's rules; None where nothing is shared or a method cannot work with the numbers."""
    try:
        return scored(book, data, head, pd.DataFrame(columns=PENALTIES)) if head.leaves else None
    except (ValueError, ArithmeticError):
        return None


def _places(then: Result, now: Result) -> pd.DataFrame:
    table = now.ranking[["unit", "name", "name_en", "rank"]].assign(category=then.category.code)
    table = table.merge(then.ranking[["unit", "rank"]], on="unit", suffixes=("", "_then"))
    return table.assign(moved=table["rank_then"] - table["rank"])[PLACES]


class _Sorted:
    """A category's indicators of both years, sorted into shared ones and those left out; `same`: codes then to codes now."""

    def __init__(self, then: Category, now: Category, data: Data, same: Mapping[str, str]) -> None:
        self.then, self.now, self.data, self.same = then, now, data, same
        self.units = [unit for unit in data.units_of(then.code)["unit"]
                      if unit not in data.decided("excluded", data.units_of(then.code))]
        back = {new: old for old, new in same.items()}
        known = {node.code: node for node in (*then.leaves, *then.adjustments, *then.priced)}
        self.why = {node.code: self._why(node, known.get(back.get(node.code, "")))
                    for node in (*now.leaves, *now.adjustments, *now.priced)}

    def left_out(self, tree: Mapping[str, Stated]) -> list[dict[str, Any]]:
        """Rows of LEFT_OUT without the category: of this year's tree, then of last year's."""
        then, now = ((*head.leaves, *head.adjustments, *head.priced) for head in (self.then, self.now))
        rows = [(node, "now", why) for node in now if (why := self.why[node.code])]
        rows += [(node, "then", "gone") for node in then if node.code not in self.same or (
            node in self.then.priced and self.same[node.code] not in self.why)]
        weighed = (*self.now.leaves, *self.then.leaves)
        return [{"year": year, "code": node.code, "name": node.name.zh, "name_en": node.name.en, "why": why,
                 "points": float(node.full) if node in weighed else 0.0} for node, year, why in rows]

    def pruned(self) -> Category:
        """This year's tree with the shared indicators alone; what is left of a branch keeps the branch's weight."""
        return _pruned(self.now, {code for code, why in self.why.items() if not why})

    def pruned_then(self) -> Category:
        """Last year's tree with the same indicators."""
        return _pruned(self.then, self.shared())

    def shared(self) -> dict[str, str]:
        """The shared indicators: codes then to codes now."""
        return {old: new for old, new in self.same.items() if self.why.get(new) == ""}

    def kept(self) -> Data:
        """Last year's tables with what is shared alone."""
        return self._recoded({old: old for old in self.shared()})

    def recoded(self) -> Data:
        """Last year's tables under this year's codes, with what is shared alone."""
        return self._recoded(self.shared())

    def _recoded(self, codes: Mapping[str, str]) -> Data:
        def recoded(frame: pd.DataFrame) -> pd.DataFrame:
            mine = frame[frame["indicator"].isin(codes)]
            return mine.assign(indicator=mine["indicator"].map(codes))

        mine = {row.frame: self.data.tables[row.frame] for row in tables.named().values()
                if not row.of_year and {"category", "unit"} < {*row.kept}}
        frames = {name: recoded(frame[frame["category"] == self.then.code]) for name, frame in mine.items()}
        of_year = [row.frame for row in tables.named().values() if row.of_year and {"unit", "indicator"} <= {*row.kept}]
        frames |= {name: recoded(self.data.tables[name][self.data.tables[name]["unit"].isin(self.units)]) for name in of_year}
        return self.data.replaced(**frames)

    def _why(self, now: Node, then: Node | None) -> str:
        """Why an indicator of this year is left out; empty where it is shared."""
        if then is None or then.rule is None or now.rule is None:
            return "new"
        if now.penalty:
            return "penalty"
        if now in self.now.linked:
            return "linked"
        if then.name.zh != now.name.zh:
            return "renamed"
        if then.rule.table != now.rule.table:
            return "table"
        if then.measured_in != now.measured_in:
            return "measured"
        if [(made.column, made.by) for made in then.made] != [(made.column, made.by) for made in now.made]:
            return "made"
        frame = self.data.of(now.rule) if isinstance(now.rule, Recorded | BesideTheTree) else self.data.observations
        return _unusable(now, frame[(frame["indicator"] == then.code) & frame["unit"].isin(self.units)], self.units)


def _pruned(head: Category, shared: Collection[str]) -> Category:
    """A category with the shared leaves and adjustments alone, and the caps over these."""
    roots = tuple(kept for root in head.roots if (kept := _kept(root, shared)))
    adjustments = tuple(node for node in head.adjustments if node.code in shared)
    there = {node.code for root in roots for node in root.walk()} | {node.code for node in adjustments}
    caps = tuple(replace(cap, over=over) for cap in head.caps if (over := tuple(code for code in cap.over if code in there)))
    criteria = tuple(code for code in head.tie_break if code in there)
    return replace(head, roots=roots, adjustments=adjustments, caps=caps, tie_break=criteria)


def _kept(node: Node, shared: Collection[str]) -> Node | None:
    if node.rule is not None:
        return node if node.code in shared else None
    children = tuple(kept for child in node.children if (kept := _kept(child, shared)))
    adjusted_by = node.adjusted_by if node.code in shared else None
    return replace(node, children=children, adjusted_by=adjusted_by) if children else None


def _unusable(node: Node, rows: pd.DataFrame, units: Collection[str]) -> str:
    """Why this year's rule cannot score last year's rows of an indicator; empty where it can."""
    assert node.rule is not None
    row = tables.named()[node.rule.table]
    if isinstance(node.rule, BesideTheTree):
        return row.unusable(node, rows)
    rows = row.reported(rows)
    if rows.empty:
        return "empty"
    if node.not_applicable.rule == "not_allowed" and rows["unit"].nunique() < sum(map(node.is_of, units)):
        return "not_allowed"
    return row.unusable(node, rows)
