"""Points of every unit at every node of its category's tree, and the ranking they give.

Small inputs are scored in exact fractions. Large ones are scored in float64; totals that lie within the error bound of a
rounding half or of a tie are then scored again exactly, so that both ways print the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib import methods
from txlib import ranking as ranks
from txlib.data import Data
from txlib.exact import Array, constant, exact, floats, rounded
from txlib.models import Rounding
from txlib.rulebook import Category, Node, RuleBook

EXACT_CELLS = 60_000
ERROR_BOUND = 1e-9
SCORES = ["unit", "indicator", "parent", "level", "name", "name_en", "method", "measured_in", "measured_in_en",
          "observed", "target", "place", "status", "points", "full", "weight", "clause", "assumed"]


@dataclass(frozen=True)
class Result:
    """One category assessed.

    `ranking`: one row a unit, by place (ranking.RANKING). `scores`: one row a unit and indicator, in the order of units
    and tree (SCORES): observed and target as handed in, `full` the points at most after what does not apply was ruled
    upon, `weight` the same before; a status only at leaves.
    """

    book: RuleBook = field(repr=False)
    category: Category = field(repr=False)
    units: pd.DataFrame = field(repr=False)
    ranking: pd.DataFrame
    scores: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Handed:
    """What a category's units handed in, as matrices of units × leaves: NaN in `values` where a leaf does not apply."""

    values: npt.NDArray[np.float64]
    targets: npt.NDArray[np.float64]

    @property
    def applies(self) -> npt.NDArray[np.bool_]:
        """Where a leaf applies to a unit."""
        return ~np.isnan(self.values)


@dataclass(frozen=True)
class Points:
    """Points and full points by node code, one array a node with a number a unit; places only where a method has them."""

    total: Array
    points: dict[str, Array]
    full: dict[str, Array | Fraction]
    place: dict[str, npt.NDArray[np.float64]]


def assess(book: RuleBook, data: Data, category: Category | str) -> Result:
    """The category's ranking, and every unit's points at every node; the same numbers wherever it is asked for."""
    head = book.categories[category] if isinstance(category, str) else category
    units = data.units_of(head.code)
    handed = matrices(head, units["unit"].tolist(), data.observations[data.observations["category"] == head.code])
    points, rounded_totals = score(head, handed, book.ties, book.rounding, book.rules.total.points)
    return Result(book, head, units, ranks.ranking(units, points.total, book, rounded_totals), tidy(head, units, handed, points))


def matrices(category: Category, units: Sequence[str], observations: pd.DataFrame) -> Handed:
    """Observations as matrices of units × leaves, in the order of `units` and of the tree."""
    row = pd.Index(units).get_indexer(pd.Index(observations["unit"]))
    column = pd.Index([leaf.code for leaf in category.leaves]).get_indexer(pd.Index(observations["indicator"]))
    values, targets = (np.full((len(units), len(category.leaves)), np.nan) for _ in range(2))
    values[row, column] = observations["value"].to_numpy(dtype=np.float64)
    targets[row, column] = observations["target"].to_numpy(dtype=np.float64)
    return Handed(values, targets)


def score(category: Category, handed: Handed, ties: str, rounding: Rounding, total: Fraction, *,
          exact_cells: int = EXACT_CELLS) -> tuple[Points, Array]:
    """Points at every node, and totals rounded as ruled, exactly where there are at most `exact_cells` cells.

    Above that in float64, with the units whose rounding or tie the error bound leaves open scored again in fractions.
    """
    if handed.values.size <= exact_cells:
        points = _tree_points(category, handed, None, ties, rounding, total)
        return points, _round_totals(points.total, rounding)
    points = _tree_points(category, handed, None, ties, rounding, total, floating=True)
    return points, _settle(category, handed, points, ties, rounding, total)


def _round_totals(totals: Array, rounding: Rounding) -> Array:
    return totals if rounding.total == "exact" else rounded(totals, rounding.total, rounding.half)


# ── points of the tree ──────────────────────────────────────────────────────────────────────────────────────────────


def _tree_points(category: Category, handed: Handed, rows: npt.NDArray[np.intp] | None, ties: str, rounding: Rounding | None,
                 total: Fraction, *, floating: bool = False) -> Points:
    """Points of the units in `rows` (all where None) among all units, in fractions or floats; a leaf's rounded as ruled."""
    count = len(handed.values) if rows is None else len(rows)
    counts = _counting(category, handed.applies if rows is None else handed.applies[rows])
    full: dict[str, Array | Fraction] = {}
    _share_out(category.roots, total, counts, full, floating)
    zero = np.zeros(count) if floating else np.full(count, Fraction(0), dtype=object)
    found = Points(zero, {}, full, {})
    for j, leaf in enumerate(category.leaves):
        points, place = _leaf(leaf, j, handed, rows, ties, floating)
        points = _scaled(points, full[leaf.code], leaf.full)
        if rounding is not None and rounding.leaf != "exact":
            points = rounded(points, rounding.leaf, rounding.half)
        found.points[leaf.code] = points
        if place is not None:
            found.place[leaf.code] = place
    for node in reversed(category.nodes):
        if node.children:
            found.points[node.code] = _ruled(node, sum((found.points[c.code] for c in node.children), zero), counts, full)
    return Points(sum((found.points[root.code] for root in category.roots), zero), found.points, full, found.place)


def _counting(category: Category, applies: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.bool_]]:
    """For every node, the units whose points there count: what does not apply counts where a rule gives it points."""
    counts = {leaf.code: applies[:, j] for j, leaf in enumerate(category.leaves)}
    for node in reversed(category.nodes):
        if node.children:
            counts[node.code] = np.logical_or.reduce([_held(child, counts) for child in node.children])
    return counts


def _held(node: Node, counts: dict[str, npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
    """The units for which a node keeps its weight."""
    applies = counts[node.code]
    return applies if node.not_applicable.rule == "redistribute" else np.ones_like(applies)


def _share_out(siblings: Sequence[Node], whole: Array | Fraction, counts: dict[str, npt.NDArray[np.bool_]],
               full: dict[str, Array | Fraction], floating: bool) -> None:
    """Full points from the top down: a sibling that loses its weight leaves it to the others, in proportion."""
    held = [_held(node, counts) for node in siblings]
    nominal = sum((node.full for node in siblings), Fraction(0))
    if all(h.all() for h in held) and isinstance(whole, Fraction):
        shares: list[Array | Fraction] = [node.full * whole / nominal for node in siblings]
    else:
        number = (lambda f: float(f)) if floating else (lambda f: f)
        weights = [np.where(h, number(node.full), number(Fraction(0))) for h, node in zip(held, siblings, strict=True)]
        left = np.sum(weights, axis=0)
        some = np.where(left > 0, left, number(Fraction(1)))
        shares = [w * (number(whole) if isinstance(whole, Fraction) else whole) / some for w in weights]
    for node, share in zip(siblings, shares, strict=True):
        full[node.code] = share
        _share_out(node.children, share, counts, full, floating) if node.children else None


def _leaf(leaf: Node, j: int, handed: Handed, rows: npt.NDArray[np.intp] | None, ties: str,
          floating: bool) -> tuple[Array, npt.NDArray[np.float64] | None]:
    """A leaf's points out of its nominal weight, with the rule for units that it does not apply to; and places."""
    assert leaf.rule is not None
    column, target = handed.values[:, j], handed.targets[:, j]
    mine = slice(None) if rows is None else rows
    applies = ~np.isnan(column[mine])
    kind = floats if floating else exact
    target_of = kind(target[mine][applies]) if methods.needs_target(leaf.rule) else None
    scored = methods.leaf_points(leaf.rule, kind(column[mine][applies]), target_of, full=leaf.full, ties=ties,
                                 when_not_positive=leaf.when_not_positive, peers=column[~np.isnan(column)])
    points: Array = np.zeros(len(applies)) if floating else np.full(len(applies), Fraction(0), dtype=object)
    points[applies] = scored.points
    if not applies.all():
        points[~applies] = _in_place_of(leaf, j, handed, rows, ties, points, applies)
    if scored.place is None:
        return points, None
    place = np.full(len(applies), np.nan)
    place[applies] = floats(scored.place)
    return points, place


def _in_place_of(leaf: Node, j: int, handed: Handed, rows: npt.NDArray[np.intp] | None, ties: str, points: Array,
                 applies: npt.NDArray[np.bool_]) -> Any:
    """The points of a unit that the leaf does not apply to, out of the nominal weight."""
    ruled = leaf.not_applicable
    if ruled.rule == "share_of_weight" and ruled.share is not None:
        return constant(ruled.share * leaf.full, points)
    if ruled.rule == "peers_mean":
        if rows is not None:
            everyone, _ = _leaf(leaf, j, handed, None, ties, floating=False)
            there = ~np.isnan(handed.values[:, j])
            return everyone[there].sum() / int(there.sum())
        return points[applies].sum() / int(applies.sum())
    return constant(Fraction(0), points)


def _scaled(points: Array, full: Array | Fraction, nominal: Fraction) -> Array:
    """Points out of the nominal weight, put to the weight that the unit has there."""
    if isinstance(full, Fraction):
        return points if full == nominal else points * constant(full / nominal, points)
    return np.asarray(points * full / constant(nominal, points))


def _ruled(node: Node, summed: Array, counts: dict[str, npt.NDArray[np.bool_]], full: dict[str, Array | Fraction]) -> Array:
    """A branch's points: the sum of its children's, or what is ruled where none of them applies."""
    empty = ~counts[node.code]
    ruled = node.not_applicable
    if not empty.any() or ruled.rule in ("redistribute", "not_allowed"):
        return summed
    if ruled.rule == "share_of_weight" and ruled.share is not None:
        share: Any = constant(ruled.share, summed)
    else:
        share = (summed[~empty] / _at(full[node.code], ~empty)).sum() / int((~empty).sum())
    summed = summed.copy()
    summed[empty] = share * _at(full[node.code], empty)
    return summed


def _at(full: Array | Fraction, rows: npt.NDArray[np.bool_]) -> Any:
    return full if isinstance(full, Fraction) else full[rows]


# ── large inputs ────────────────────────────────────────────────────────────────────────────────────────────────────


def _settle(category: Category, handed: Handed, points: Points, ties: str, rounding: Rounding, total: Fraction) -> Array:
    """Totals rounded as ruled; units within the error bound of a half, or of each other, are scored again exactly.

    First those whose leaves may round the other way, then those whose totals may; `points` is put right in place, and
    totals that are not rounded are the floats nearest to the exact ones wherever two of them are close.
    """
    def again(doubtful: npt.NDArray[np.bool_]) -> None:
        rows = np.flatnonzero(doubtful)
        if len(rows):
            exactly = _tree_points(category, handed, rows, ties, rounding, total)
            scores[rows] = floats(_round_totals(exactly.total, rounding))
            points.total[rows] = floats(exactly.total)
            for code, column in exactly.points.items():
                points.points[code][rows] = floats(column)

    scores = floats(points.total).copy()
    if rounding.leaf != "exact":
        raw = _tree_points(category, handed, None, ties, None, total, floating=True)
        again(np.logical_or.reduce([_near_half(raw.points[leaf.code], rounding.leaf) for leaf in category.leaves]))
    if rounding.total == "exact":
        scores = floats(points.total).copy()
        again(_near_another(scores))
    else:
        scores = _round_totals(points.total, rounding)
        again(_near_half(points.total, rounding.total))
    return scores


def _slack(x: Array) -> npt.NDArray[np.float64]:
    return ERROR_BOUND * np.maximum(1.0, np.abs(x))


def _near_half(x: Array, decimals: int) -> npt.NDArray[np.bool_]:
    scaled = np.abs(x) * 10.0**decimals
    return np.asarray(np.abs(scaled - np.floor(scaled) - 0.5) <= _slack(x) * 10.0**decimals)


def _near_another(x: Array) -> npt.NDArray[np.bool_]:
    order = np.argsort(x, kind="stable")
    close = np.diff(x[order]) <= 2 * _slack(x[order])[1:]
    near = np.zeros(len(x), dtype=bool)
    near[order[1:][close]] = near[order[:-1][close]] = True
    return near


# ── the tidy frame ──────────────────────────────────────────────────────────────────────────────────────────────────


def tidy(category: Category, units: pd.DataFrame, handed: Handed, points: Points) -> pd.DataFrame:
    """One row a unit and node (SCORES), in the order of units and tree; texts are categoricals in that order."""
    nodes, n = category.nodes, len(units)
    leaf = {node.code: j for j, node in enumerate(category.leaves)}
    nan = np.full(n, np.nan)
    inner = np.full(n, 2)

    def across(pick: Callable[[Node], Any]) -> Any:
        return np.column_stack([pick(node) for node in nodes]).ravel()

    def told(pick: Callable[[Node], str]) -> pd.Categorical:
        codes, known = pd.factorize(np.array([pick(node) for node in nodes], dtype=object))
        return pd.Categorical.from_codes(np.tile(codes, n), known)

    def at_leaf(matrix: Any, elsewhere: Any) -> Any:
        return across(lambda node: matrix[:, leaf[node.code]] if node.code in leaf else elsewhere)

    names = pd.Index(units["unit"])
    return pd.DataFrame({
        "unit": pd.Categorical.from_codes(np.repeat(np.arange(n), len(nodes)), names),
        "indicator": told(lambda node: node.code), "parent": told(lambda node: node.parent or ""),
        "level": np.tile(np.array([node.level for node in nodes]), n),
        "name": told(lambda node: node.name.zh), "name_en": told(lambda node: node.name.en),
        "method": told(lambda node: node.rule.method if node.rule else node.roll_up),
        "measured_in": told(lambda node: node.measured_in.zh if node.measured_in else ""),
        "measured_in_en": told(lambda node: node.measured_in.en if node.measured_in else ""),
        "observed": at_leaf(handed.values, nan), "target": at_leaf(handed.targets, nan),
        "place": across(lambda node: points.place.get(node.code, nan)),
        "status": pd.Categorical.from_codes(at_leaf(handed.applies.astype(int), inner), ["not_applicable", "reported", ""]),
        "points": across(lambda node: floats(points.points[node.code])),
        "full": across(lambda node: _column(points.full[node.code], n)),
        "weight": np.tile(floats([float(node.full) for node in nodes]), n),
        "clause": told(lambda node: ", ".join(node.clause)), "assumed": told(lambda node: ", ".join(node.assumed)),
    }, columns=SCORES)


def _column(full: Array | Fraction, n: int) -> npt.NDArray[np.float64]:
    return np.full(n, float(full)) if isinstance(full, Fraction) else floats(full)
