"""The ranking without one indicator, branch, adjustment or unit: what could go without changing anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from txlib.assess import assess
from txlib.base.numbers import Array, Bools, Floats, exact, places
from txlib.intake.data import Data
from txlib.rules.category import Category, Node
from txlib.scoring.caps import over_cap
from txlib.scoring.places import ranking, tier_codes
from txlib.scoring.result import Result
from txlib.sensitivity.weighed import WeighedTree, model, points_at, weighed, whole_numbers

PLACES = ["kind", "left_out", "unit", "name", "name_en", "rank", "without", "shift", "tier_code", "tier_without"]
SUMMARY = ["kind", "left_out", "name", "name_en", "weight", "mean_shift", "largest_shift", "moved", "tiers_changed", "note"]


@dataclass(frozen=True)
class LeftOut:
    """What leaving out does.

    `summary` (SUMMARY), one row for what is left out: `kind` leaf, branch, adjustment or unit; `weight` as a part of the
    tree's points, NaN for adjustments and units; the mean and largest number of places that a unit shifts, how many units
    move and how many change tier. `places` (PLACES), one row for each and every unit that remains: `rank` among those that
    remain as published, `without` the new place, `shift` places lost. `note` says why there are no places.
    """

    summary: pd.DataFrame
    places: pd.DataFrame = field(repr=False)


class Without(NamedTuple):
    """What is left out, and the ranking without it."""

    kind: str
    code: str
    name: str
    name_en: str
    weight: float
    table: pd.DataFrame
    note: str = ""


def leave_one_out(result: Result, data: Data | None = None) -> LeftOut:
    """The category ranked again without each node, whose weight its siblings take over, and without each unit.

    A unit's leaving changes its peers' statistics and how many a tier takes, so all others are ranked again: with `data`
    only. What nothing can be left of, the only leaf or the only unit, is not left out. What a lead department loses for its
    marks (`quota_penalty`) rests on all marks as handed in and stays. A common cap is left out as an adjustment is; without one
    of those under it, it takes what the others are above it.
    """
    head, m = result.category, model(result)
    found = [Without(_kind(node, head), node.code, node.name.zh, node.name.en, _weight(node, m), table)
             for node in head.nodes if (table := _without_node(node, m, result)) is not None]
    if data is not None and len(result.units) > 1:
        found += list(_units(result, data))
    tables = [_moves(result, each.table).assign(kind=each.kind, left_out=each.code) for each in found]
    rows = []
    for each, moves in zip(found, tables, strict=True):
        shift = moves["shift"].abs()
        rows.append({"kind": each.kind, "left_out": each.code, "name": each.name, "name_en": each.name_en, "weight": each.weight,
                     "mean_shift": shift.mean(), "largest_shift": shift.max(), "moved": int((shift > 0).sum()), "note": each.note,
                     "tiers_changed": int((moves["tier_code"] != moves["tier_without"]).sum())})
    every = pd.concat(tables, ignore_index=True)[PLACES] if tables else pd.DataFrame(columns=PLACES)
    return LeftOut(pd.DataFrame(rows, columns=SUMMARY), every)


def _kind(node: Node, head: Category) -> str:
    if node.adjusts:
        return "adjustment"
    return "branch" if node.children else "leaf"


def _weight(node: Node, m: WeighedTree) -> float:
    return float("nan") if node.adjusts else float(m.weight[m.below[node.code]].sum())


def _without_node(node: Node, m: WeighedTree, result: Result) -> pd.DataFrame | None:
    """The ranking without a node; None where nothing is left to weigh."""
    columns = np.ascontiguousarray(m.weight[:, None])
    if node.code in m.adjusted:
        left = _adjusted_without(node, m, result.category)
        less = replace(m, added=m.added + sum(left[code] - column for code, column in m.adjusted.items()), adjusted=left)
    elif node.beside:
        less = replace(m, tree=replace(m.tree, added={code: each for code, each in m.tree.added.items() if code != node.beside}))
    else:
        less = replace(m, tree=replace(m.tree, dropped=node.code))
        if not less.tree.counts[m.tree.top.code].any():
            return None
    totals = weighed(less, columns)
    criteria = [np.round(each[0], 9) for each in points_at(less, columns, m.tie_break)]
    scores = whole_numbers(totals.copy(), m)[0] / 10.0**m.decimals
    return ranking(m.units, totals[0], result.book, scores, criteria, m.vetoed)


def _adjusted_without(node: Node, m: WeighedTree, head: Category) -> Mapping[str, Floats]:
    """What is added to the tree's points without an adjustment or a common cap: what caps take of the others is found anew."""
    left = {**m.adjusted, node.code: np.zeros(len(m.units))}
    return left | {cap.code: over_cap(cap, left) for cap in head.caps if node.code in cap.over}


def _units(result: Result, data: Data) -> Iterator[Without]:
    """The category ranked without each unit, assessed again where points rest on peers; a divisor that is refused without it is
    told."""
    by_peers, exactly = result.category.by_peers, exact(result.ranking["score"].to_numpy())
    for row in result.units.to_dict("records"):
        note = ""
        if by_peers:
            fewer = data.replaced(units=data.units[data.units["unit"] != row["unit"]])
            try:
                table = assess(result.book, fewer, result.category).ranking
            except ValueError as error:
                table, note = result.ranking.iloc[:0], str(error)
        else:
            table = _closed_up(result, (result.ranking["unit"] != row["unit"]).to_numpy(), exactly)
        yield Without("unit", row["unit"], row["name"], row["name_en"], float("nan"), table, note)


def _closed_up(result: Result, kept: Bools, scores: Array) -> pd.DataFrame:
    """The places and tiers of those who are `kept`, with the points that they have; `scores`: of all as ranked, in fractions."""
    rest, book = result.ranking[kept], result.book
    order = -rest["rank"].to_numpy(dtype=np.float64)
    codes = [""] * len(rest)
    if book.tiers:
        codes = list(tier_codes(scores[kept], book.tiers, order, rest["unit"].isin(result.vetoed).to_numpy()))
    return rest.assign(rank=places(order, ties=book.ties), tier_code=codes)  # type: ignore[arg-type]


def _moves(result: Result, table: pd.DataFrame) -> pd.DataFrame:
    """Places before, among the units of `table`, and in it; in the order of the ranking."""
    both = result.ranking[["unit", "name", "name_en", "rank", "tier_code"]].merge(
        table[["unit", "rank", "tier_code"]], on="unit", suffixes=("", "_without"))
    before: Floats = places(both["rank"].to_numpy(dtype=np.float64), direction="down",
                            ties=result.book.ties) if len(both) else np.zeros(0)  # type: ignore[arg-type]
    both["rank"], both["without"] = before, both["rank_without"].astype(np.float64)
    return both.assign(shift=both["without"] - both["rank"], tier_without=both["tier_code_without"])
