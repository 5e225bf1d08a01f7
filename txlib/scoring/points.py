"""Points of every unit at every node of a tree.

Small inputs are scored in exact fractions. Large ones are scored in float64; totals that lie within the error bound of a
rounding half or of a tie are then scored again exactly, so that both ways print the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from txlib.base.numbers import (
    PRECISION,
    Array,
    Bools,
    constant,
    exact,
    floats,
    from_decimal,
    is_exact,
    near_half,
    rounded,
    slack,
    to_decimal,
)
from txlib.methods import Method, Scored
from txlib.rules.book import Category, Node
from txlib.rules.tree import SUMS, Rounding

EXACT_CELLS = 60_000


@dataclass(frozen=True)
class Handed:
    """What a category's units handed in, as matrices of units × leaves: NaN in `values` where a leaf does not apply.

    `beside` is the target or last year's value, as the leaf's method needs. `given` holds the points, as fractions, of
    leaves and adjustments that are scored from tables of their own (`records`).
    """

    values: npt.NDArray[np.float64]
    beside: npt.NDArray[np.float64]
    given: Mapping[str, Array] = field(default_factory=dict)

    @property
    def applies(self) -> npt.NDArray[np.bool_]:
        """Where a leaf applies to a unit."""
        return ~np.isnan(self.values)


@dataclass(frozen=True)
class NodePoints:
    """Points and full points by node code, one array a node with a number a unit; places only where a method has them."""

    total: Array
    points: dict[str, Array]
    full: dict[str, Array | Fraction]
    place: dict[str, npt.NDArray[np.float64]]
    doubtful: npt.NDArray[np.bool_]


def score(category: Category, handed: Handed, ties: str, rounding: Rounding, total: Fraction, *,
          lines: Sequence[Fraction] = (), exact_cells: int = EXACT_CELLS) -> tuple[NodePoints, Array]:
    """Points at every node, and totals rounded as ruled, exactly where there are at most `exact_cells` cells.

    Above that in float64, with the units scored again in fractions whose rounding, tie, tie-break or side of one of the
    `lines` (scores that a tier needs) the error bound leaves open.
    """
    if handed.values.size <= exact_cells:
        points = _tree_points(category, handed, None, ties, rounding, total)
        return points, _round_totals(points.total, rounding)
    points = _tree_points(category, handed, None, ties, rounding, total, floating=True)
    return points, _settle(category, handed, points, ties, rounding, total, lines)


def _round_totals(totals: Array, rounding: Rounding) -> Array:
    return totals if rounding.total == "exact" else rounded(totals, rounding.total, rounding.half)


def _tree_points(category: Category, handed: Handed, rows: npt.NDArray[np.intp] | None, ties: str, rounding: Rounding | None,
                 total: Fraction, *, floating: bool = False) -> NodePoints:
    """Points of the units in `rows` (all where None) among all units, in fractions or floats; a leaf's rounded as ruled."""
    count = len(handed.values) if rows is None else len(rows)
    applies = handed.applies if rows is None else handed.applies[rows]
    tree = whole_tree(category, total)
    branches = [node for node in tree.walk() if node.children]
    counts, held = kept(branches, {leaf.code: applies[:, j] for j, leaf in enumerate(category.leaves)})
    full: dict[str, Array | Fraction] = {}
    _share_out(tree.children, total, held, full, floating)
    zero = np.zeros(count) if floating else np.full(count, Fraction(0), dtype=object)
    found = NodePoints(zero, {}, full, {}, np.zeros(count, dtype=bool))
    for j, leaf in enumerate(category.leaves):
        points, place, doubtful = _leaf(leaf, j, handed, rows, ties, floating)
        found.doubtful[doubtful] = True
        points = _scaled(points, full[leaf.code], leaf.full)
        if rounding is not None and rounding.leaf != "exact":
            points = rounded(points, rounding.leaf, rounding.half)
        found.points[leaf.code] = points
        if place is not None:
            found.place[leaf.code] = place
    for node in reversed(category.nodes):
        if node.children:
            points, doubtful = rolled_up(node, found.points, full, zero)
            found.doubtful[doubtful] = True
            found.points[node.code] = ruled(node, points, counts[node.code], full[node.code])
    for node in category.adjustments:
        full[node.code] = node.full
        found.points[node.code] = _part(handed.given[node.code], rows, floating) if node.code in handed.given else zero
    counted = (*category.roots, *category.adjustments)
    return NodePoints(sum((found.points[node.code] for node in counted), zero), found.points, full, found.place, found.doubtful)


def _part(column: Array, rows: npt.NDArray[np.intp] | None, floating: bool) -> Array:
    part = column if rows is None else column[rows]
    return floats(part) if floating else part


def rolled_up(node: Node, points: Mapping[str, Array], full: Mapping[str, Array | Fraction],
               zero: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """A branch's points from its children's: their sum, or a mean of another kind of the shares that they attain.

    The weights of such a mean are the children's full points. A child without any point makes the harmonic and the
    geometric mean zero. Second: floats whose rounding only fractions can settle.
    """
    parts = [points[child.code] for child in node.children]
    sure = np.zeros(len(zero), dtype=bool)
    if node.roll_up in SUMS:
        return sum(parts, zero), sure
    weights = np.array([full[child.code] + zero for child in node.children])
    held = np.asarray(weights > 0, dtype=bool)
    one = constant(Fraction(1), zero)
    shares = np.where(held, np.maximum(np.array(parts), zero) / np.where(held, weights, one), one)
    whole = weights.sum(axis=0)
    if node.roll_up == "minimum":
        return np.asarray(shares.min(axis=0) * whole), sure
    some = np.asarray((shares > 0).all(axis=0) & (whole > 0), dtype=bool)
    found = zero.copy()
    if node.roll_up == "harmonic":
        found[some] = whole[some] * whole[some] / (weights[:, some] / shares[:, some]).sum(axis=0)
        return found, sure
    decimals = node.decimals or 0
    if some.any():
        found[some] = geometric_mean(shares[:, some], weights[:, some], whole[some], decimals)
    return (found, sure) if is_exact(zero) else (rounded(found, decimals), some & near_half(found, decimals))


def geometric_mean(shares: Array, weights: Array, whole: Array, decimals: int) -> Array:
    """`whole` times the weighted geometric mean of shares above zero, rounded half up; children × units.

    Fractions by decimals of 60 digits; floats come back unrounded.
    """
    if not is_exact(shares):
        return np.asarray(np.exp((weights * np.log(shares)).sum(axis=0) / weights.sum(axis=0)) * whole)
    found = []
    with localcontext(prec=PRECISION):
        for share, weight, points in zip(shares.T, weights.T, whole, strict=True):
            logs = sum((to_decimal(w) * to_decimal(s).ln() for s, w in zip(share, weight, strict=True)), Decimal(0))
            found.append(from_decimal((logs / to_decimal(weight.sum())).exp() * to_decimal(points), decimals))
    return np.array(found, dtype=object)


def whole_tree(category: Category, points: Fraction) -> Node:
    """The roots as the children of one branch with the code "", whose points are their sum."""
    return replace(category.roots[0], code="", full=points, parent=None, children=category.roots, rule=None,
                   roll_up="weighted_sum", decimals=None)


def kept(branches: Sequence[Node], applies: Mapping[str, Bools],
         dropped: str | None = None) -> tuple[dict[str, Bools], dict[str, Bools]]:
    """By node code the units whose points count there, and those for which a node below one of the branches keeps its weight.

    What does not apply keeps its weight where a rule gives it points. `branches`: the highest first; `applies`: by leaf;
    `dropped`: a node that is weighed for nobody.
    """
    counts, held = dict(applies), dict[str, Bools]()
    for branch in reversed(branches):
        for child in branch.children:
            there = counts[child.code]
            mine = there if child.not_applicable.rule == "redistribute" else np.ones_like(there)
            held[child.code] = np.zeros_like(there) if child.code == dropped else mine
        counts[branch.code] = np.logical_or.reduce([held[child.code] for child in branch.children])
    return counts, held


def _share_out(siblings: Sequence[Node], whole: Array | Fraction, kept_by: Mapping[str, Bools],
               full: dict[str, Array | Fraction], floating: bool) -> None:
    """Full points from the top down; fractions as long as they are the same for all units."""
    held = [kept_by[node.code] for node in siblings]
    weights: list[Any] = [node.full for node in siblings]
    if floating and not (isinstance(whole, Fraction) and all(h.all() for h in held)):
        whole, weights = floats(whole), [float(weight) for weight in weights]
    for node, share in zip(siblings, shared_out(weights, held, whole), strict=True):
        full[node.code] = share
        _share_out(node.children, share, kept_by, full, floating) if node.children else None


def shared_out(weights: Sequence[Any], held: Sequence[npt.NDArray[np.bool_]], whole: Any) -> list[Any]:
    """Siblings' full points out of their parent's: a weight that a unit does not hold is left to the others, in proportion.

    Fractions or floats; weights and the whole are one number for all units, or arrays that go with `held`. Where `held` is
    empty all is held.
    """
    if not all(h.all() for h in held):
        weights = [np.where(h, weight, weight * 0) for h, weight in zip(held, weights, strict=True)]
    left = sum(weights)
    factor = whole / np.where(left > 0, left, left * 0 + 1)
    return [weight * factor for weight in weights]


def _leaf(leaf: Node, j: int, handed: Handed, rows: npt.NDArray[np.intp] | None, ties: str,
          floating: bool) -> tuple[Array, npt.NDArray[np.float64] | None, npt.NDArray[np.bool_]]:
    """A leaf's points out of its nominal weight, with the rule for units that it does not apply to; places; doubts."""
    column, beside = handed.values[:, j], handed.beside[:, j]
    mine = slice(None) if rows is None else rows
    there, applies = ~np.isnan(column), ~np.isnan(column[mine])
    kind = floats if floating else exact
    points: Array = np.zeros(len(applies)) if floating else np.full(len(applies), Fraction(0), dtype=object)
    place, doubtful = np.full(len(applies), np.nan), np.zeros(len(applies), dtype=bool)
    if leaf.code in handed.given:
        scored = Scored(_part(handed.given[leaf.code], rows, floating)[applies], None, doubtful[applies])
    else:
        assert isinstance(leaf.rule, Method)
        other = kind(beside[mine][applies]) if leaf.rule.beside else None
        scored = leaf.rule.score(kind(column[mine][applies]), other, full=leaf.full, ties=ties, peers=column[there],
                                 peers_beside=beside[there], when_not_positive=leaf.when_not_positive)
    points[applies] = scored.points
    if not applies.all():
        points[~applies] = _in_place_of(leaf, j, handed, rows, ties, points, applies)
    doubtful[applies] = scored.doubtful
    doubtful[~applies] = bool(doubtful.any()) and leaf.not_applicable.rule == "peers_mean"
    if scored.place is None:
        return points, None, doubtful
    place[applies] = floats(scored.place)
    return points, place, doubtful


def _in_place_of(leaf: Node, j: int, handed: Handed, rows: npt.NDArray[np.intp] | None, ties: str, points: Array,
                 applies: npt.NDArray[np.bool_]) -> Any:
    """The points of a unit that the leaf does not apply to, out of the nominal weight."""
    ruled = leaf.not_applicable
    if ruled.rule == "share_of_weight" and ruled.share is not None:
        return constant(ruled.share * leaf.full, points)
    if ruled.rule == "peers_mean":
        if rows is not None:
            everyone, _, _ = _leaf(leaf, j, handed, None, ties, floating=False)
            there = ~np.isnan(handed.values[:, j])
            return everyone[there].sum() / int(there.sum())
        return points[applies].sum() / int(applies.sum())
    return constant(Fraction(0), points)


def _scaled(points: Array, full: Array | Fraction, nominal: Fraction) -> Array:
    """Points out of the nominal weight, put to the weight that the unit has there."""
    if isinstance(full, Fraction):
        return points if full == nominal else points * constant(full / nominal, points)
    return np.asarray(points * full / constant(nominal, points))


def ruled(node: Node, points: Array, counts: Bools, full: Any) -> Array:
    """A branch's points, or what is ruled for the units to which nothing in it applies; units on the last axis."""
    empty, rule = ~counts, node.not_applicable
    if not empty.any() or rule.rule in ("redistribute", "not_allowed") or (rule.share is None and empty.all()):
        return points
    whole = np.broadcast_to(np.asarray(full, dtype=points.dtype), points.shape)
    share: Any = constant(rule.share, points) if rule.share is not None else None
    if share is None:
        there, one = whole[..., ~empty], constant(Fraction(1), points)
        share = (points[..., ~empty] / np.where(there > 0, there, one)).sum(axis=-1, keepdims=True) / int((~empty).sum())
    points = points.copy()
    points[..., empty] = share * whole[..., empty]
    return points


# ── large inputs ────────────────────────────────────────────────────────────────────────────────────────────────────


def _settle(category: Category, handed: Handed, points: NodePoints, ties: str, rounding: Rounding, total: Fraction,
            lines: Sequence[Fraction]) -> Array:
    """Totals rounded as ruled; units whose rounding, tie or side of a line is open are scored again exactly.

    First those in which a branch or leaf may round the other way, then those in which the total may; `points` is put
    right in place. Totals that are not rounded are the floats nearest to the exact ones wherever two of them are close.
    """
    def again(doubtful: npt.NDArray[np.bool_]) -> None:
        rows = np.flatnonzero(doubtful)
        if len(rows):
            exactly = _exactly(category, handed, rows, ties, rounding, total)
            scores[rows] = floats(_round_totals(exactly.total, rounding))
            points.total[rows] = floats(exactly.total)
            for code, column in exactly.points.items():
                points.points[code][rows] = floats(column)

    scores = floats(points.total).copy()
    doubtful = points.doubtful
    if rounding.leaf != "exact":
        raw = _tree_points(category, handed, None, ties, None, total, floating=True)
        leaves = [near_half(raw.points[leaf.code], rounding.leaf) for leaf in category.leaves]
        doubtful = doubtful | np.logical_or.reduce(leaves)
    again(doubtful)
    if rounding.total == "exact":
        scores = floats(points.total).copy()
        near_line = [np.abs(scores - float(line)) <= slack(scores) for line in lines]
        again(np.logical_or.reduce([_near_another(scores), *near_line]))
    else:
        scores = _round_totals(points.total, rounding)
        again(near_half(points.total, rounding.total))
    for code in category.tie_break:
        again(_near_another(points.points[code], scores))
    return scores


def _exactly(category: Category, handed: Handed, rows: npt.NDArray[np.intp], ties: str, rounding: Rounding,
             total: Fraction) -> NodePoints:
    """Some units scored in fractions among all; all of them where a branch takes its peers' mean."""
    by_peers = any(node.children and node.not_applicable.rule == "peers_mean" for node in category.nodes)
    if not by_peers or handed.applies.all():
        return _tree_points(category, handed, rows, ties, rounding, total)
    every = _tree_points(category, handed, None, ties, rounding, total)
    return NodePoints(every.total[rows], {code: column[rows] for code, column in every.points.items()}, every.full, every.place,
                  every.doubtful[rows])


def _near_another(x: Array, among: Array | None = None) -> npt.NDArray[np.bool_]:
    """The numbers with another within the error bound; with `among`, another whose number there is equal."""
    order = np.lexsort((x,) if among is None else (x, among))
    close = np.diff(x[order]) <= 2 * slack(x[order])[1:]
    if among is not None:
        close &= np.diff(among[order]) == 0
    near = np.zeros(len(x), dtype=bool)
    near[order[1:][close]] = near[order[:-1][close]] = True
    return near
