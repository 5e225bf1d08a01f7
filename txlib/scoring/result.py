"""One category scored: what was handed in and what was deducted, scored, ranked, and laid out as plain frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from txlib.base.numbers import floats, is_exact
from txlib.intake.data import Data
from txlib.methods import BesideTheTree, Method, OnBranch, Recorded
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node
from txlib.scoring.places import ranking
from txlib.scoring.points import Handed, NodePoints, Scoring, score

SCORES = ["unit", "indicator", "parent", "level", "name", "name_en", "method", "measured_in", "measured_in_en",
          "observed", "target", "last_year", "place", "status", "points", "full", "weight", "clause", "assumed"]


@dataclass(frozen=True)
class Result:
    """One category assessed.

    `ranking`: one row a unit, by place (places.RANKING). `scores`: one row a unit and indicator, in the order of units
    and tree (SCORES): observed and target as handed in, `full` the points at most after what does not apply was ruled
    upon, `weight` the same before; a status only at leaves, `not_own` where one is not the unit's. `excluded`: units that a
    decision leaves out of the ranking, as in `units`. `handed`: what was scored, as matrices; `points`: the points as they
    were computed, fractions but for large inputs. `records`: by node code, the rows of surveys, events, superior
    indicators, marks or penalties that a node is scored from; `figures`: what values and targets are made of. `vetoed`: units
    under a veto.
    """

    book: RuleBook = field(repr=False)
    category: Category = field(repr=False)
    units: pd.DataFrame = field(repr=False)
    ranking: pd.DataFrame
    scores: pd.DataFrame = field(repr=False)
    excluded: pd.DataFrame = field(repr=False)
    handed: Handed = field(repr=False)
    points: NodePoints = field(repr=False)
    records: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    vetoed: tuple[str, ...] = ()
    figures: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    @cached_property
    def exact(self) -> NodePoints:
        """The points in fractions: as they were computed, or scored again once where that was in floats."""
        if is_exact(self.points.total):
            return self.points
        return Scoring(self.category, self.handed, self.book.ties, self.book.rounding, self.category.total).exact

    @cached_property
    def wide(self) -> Mapping[str, pd.DataFrame]:
        """Points, full points and statuses of the scores, units (as ranked) × nodes; not to be changed."""
        codes, units = [node.code for node in self.category.nodes], list(self.ranking["unit"])
        tall = self.scores.set_index(["unit", "indicator"])[["points", "full", "status"]].unstack("indicator")
        return {str(name): tall[name].loc[units, codes] for name in ("points", "full", "status")}

    @cached_property
    def among_peers(self) -> pd.DataFrame:
        """The shares of full points that units attain, units (as ranked) × nodes of the tree; NaN where no leaf below applies."""
        points, full, status = self.wide.values()
        shares = points / full.where(full > 0)
        below = {node.code: [each.code for each in node.walk()] for root in self.category.roots for node in root.walk()}
        return pd.DataFrame({code: shares[code].where((status[leaves] == "reported").any(axis=1))
                             for code, leaves in below.items()})

    @cached_property
    def middle(self) -> pd.Series[float]:
        """By node of the tree, the median of the shares that its peers attain."""
        return self.among_peers.median()

    @cached_property
    def by_unit(self) -> Mapping[str, pd.DataFrame]:
        """By unit, its rows of the scores by indicator; not to be changed."""
        n, plain = len(self.category.nodes), self.scores.assign(indicator=self.scores["indicator"].astype(object))
        return {unit: plain.iloc[i * n:(i + 1) * n].set_index("indicator") for i, unit in enumerate(self.units["unit"])}

    @cached_property
    def peers(self) -> Mapping[str, pd.DataFrame]:
        """By leaf, the rows of the scores of all units that it applies to; not to be changed."""
        reported = self.scores[self.scores["status"] == "reported"]
        found = dict(iter(reported.groupby("indicator", observed=True)))
        return {leaf.code: found.get(leaf.code, reported[:0]) for leaf in self.category.leaves}


def scored(book: RuleBook, data: Data, head: Category, penalties: pd.DataFrame | None = None) -> Result:
    """The category's ranking, and every unit's points at every node.

    `penalties`: what lead departments lose (`lead`, `category`, `points`, `items`), of the whole year; None where no tree
    takes it.
    """
    units = data.units_of(head.code)
    barred, excluded = data.decided("veto", units), units["unit"].isin(data.decided("excluded", units))
    units, left_out = units[~excluded].reset_index(drop=True), units[excluded].reset_index(drop=True)
    own = own_rows(head, units["unit"].tolist(), data, penalties)
    handed = replace(matrices(head, units["unit"].tolist(), data, own), vetoed=units["unit"].isin(barred).to_numpy())
    lines = [level.at_least for level in book.tiers.levels if level.at_least is not None] if book.tiers else []
    points, totals = score(head, handed, book.ties, book.rounding, head.total, lines=lines)
    criteria = [points.points[code] for code in head.tie_break]
    table = ranking(units, points.total, book, totals, criteria, units["unit"].isin(barred).to_numpy())
    return Result(book, head, units, table, tidy(head, units, handed, points), left_out, handed, points, own,
                  tuple(barred), data.figures[data.figures["category"] == head.code])


def own_rows(category: Category, units: Sequence[str], data: Data,
             penalties: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    """The rows of the tables that leaves and adjustments are scored from, by node code.

    Only of these units, but for events: those of excluded units claim their part of a shared honour too.
    """
    lost = pd.DataFrame() if penalties is None else penalties[penalties["lead"].isin(units)].rename(columns={"lead": "unit"})
    own = {}
    for node in (*category.leaves, *category.adjustments, *category.priced):
        if isinstance(node.rule, Recorded | BesideTheTree):
            own[node.code] = lost if node.penalty else _rows_at(data.of(node.rule), category, node, units)
    return own


def _rows_at(frame: pd.DataFrame, category: Category, node: Node, units: Sequence[str]) -> pd.DataFrame:
    """The rows of a table at a node, of the units that the node's rule looks at."""
    mine = frame["indicator"] == node.code
    if "category" in frame:
        mine &= frame["category"] == category.code
    if not (isinstance(node.rule, BesideTheTree) and node.rule.everyone):
        mine &= frame["unit"].isin(units)
    return frame[mine]


def called(units: pd.DataFrame, lang: str) -> dict[str, str]:
    """Units by name, in Chinese where they have no other."""
    rows = zip(units["unit"], units["name"], units["name_en"], strict=True)
    return {unit: (english if lang == "en" else "") or name or unit for unit, name, english in rows}


def matrices(category: Category, units: Sequence[str], data: Data, own: Mapping[str, pd.DataFrame]) -> Handed:
    """What was handed in as matrices of units × leaves, in the order of `units` and of the tree."""
    rows = data.observations[(data.observations["category"] == category.code) & data.observations["unit"].isin(units)]
    row = pd.Index(units).get_indexer(pd.Index(rows["unit"]))
    column = pd.Index([leaf.code for leaf in category.leaves]).get_indexer(pd.Index(rows["indicator"]))
    values, targets, lasts = (np.full((len(units), len(category.leaves)), np.nan) for _ in range(3))
    for matrix, name in ((values, "value"), (targets, "target"), (lasts, "last_year")):
        matrix[row, column] = rows[name].to_numpy(dtype=np.float64)
    given = {}
    for j, leaf in enumerate(category.leaves):
        if isinstance(leaf.rule, Recorded):
            given[leaf.code], there = leaf.rule.from_rows(own[leaf.code], units, leaf.full)
            shown = leaf.rule.observed(own[leaf.code], units, given[leaf.code], leaf.full)
            values[:, j] = np.where(there, shown, np.nan)
    for node in category.adjustments:
        assert isinstance(node.rule, BesideTheTree)
        given[node.code] = node.rule.from_rows(own[node.code], None if node.then else node.cap or None, units)
    for node in category.priced:
        assert isinstance(node.rule, OnBranch)
        given[node.code] = node.rule.added(own[node.code], units, node.full)
    handed = Handed(values, np.where(_beside(category, "last_year"), lasts, targets), given)
    if not any(leaf.units for leaf in category.leaves):
        return handed
    whose = np.array([[leaf.is_of(unit) for leaf in category.leaves] for unit in units], dtype=bool)
    return replace(handed, values=np.where(whose, values, np.nan), own=whose)


def tidy(category: Category, units: pd.DataFrame, handed: Handed, points: NodePoints) -> pd.DataFrame:
    """One row a unit and node (SCORES), in the order of units and tree; texts are categoricals in that order."""
    nodes, n = category.nodes, len(units)
    leaf = {node.code: j for j, node in enumerate(category.leaves)}
    nan, inner, told = np.full(n, np.nan), np.full(n, 2), handed.applies.astype(int)
    statuses = ["not_applicable", "reported", ""]
    if handed.own is not None:
        told[~handed.own], statuses = len(statuses), [*statuses, "not_own"]
    target, last_year = (np.where(_beside(category, name), handed.beside, nan[:, None]) for name in ("target", "last_year"))

    def across(pick: Callable[[Node], Any]) -> Any:
        return np.column_stack([pick(node) for node in nodes]).ravel()

    def labels(pick: Callable[[Node], str]) -> pd.Categorical:
        codes, known = pd.factorize(np.array([pick(node) for node in nodes], dtype=object))
        return pd.Categorical.from_codes(np.tile(codes, n), known)

    def at_leaf(matrix: Any, elsewhere: Any) -> Any:
        return across(lambda node: matrix[:, leaf[node.code]] if node.code in leaf else elsewhere)

    names = pd.Index(units["unit"])
    return pd.DataFrame({
        "unit": pd.Categorical.from_codes(np.repeat(np.arange(n), len(nodes)), names),
        "indicator": labels(lambda node: node.code), "parent": labels(lambda node: node.parent or ""),
        "level": np.tile(np.array([node.level for node in nodes]), n),
        "name": labels(lambda node: node.name.zh), "name_en": labels(lambda node: node.name.en),
        "method": labels(lambda node: node.rule.method if node.rule else node.roll_up),
        "measured_in": labels(lambda node: node.measured_in.zh if node.measured_in else ""),
        "measured_in_en": labels(lambda node: node.measured_in.en if node.measured_in else ""),
        "observed": at_leaf(handed.values, nan), "target": at_leaf(target, nan),
        "last_year": at_leaf(last_year, nan),
        "place": across(lambda node: points.place.get(node.code, nan)),
        "status": pd.Categorical.from_codes(at_leaf(told, inner), statuses),
        "points": across(lambda node: floats(points.points[node.code])),
        "full": across(lambda node: np.broadcast_to(floats(points.full[node.code]), n)),
        "weight": np.tile(floats([float(node.full) for node in nodes]), n),
        "clause": labels(lambda node: ", ".join(node.clause)), "assumed": labels(lambda node: ", ".join(node.assumed)),
    }, columns=SCORES)


def _beside(category: Category, name: str) -> list[bool]:
    """Which leaves need this column beside the value."""
    return [isinstance(leaf.rule, Method) and leaf.rule.beside == name for leaf in category.leaves]
