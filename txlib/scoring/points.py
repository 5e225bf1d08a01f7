"""Points of every unit at every node of a category's tree: its leaves scored, rolled up by the kernel.

Small inputs are scored in exact fractions. Large ones are scored in float64; totals that lie within the error bound of a
rounding half or of a tie are then scored again exactly, so that both ways print the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from txlib.base.numbers import Array, Bools, Floats, Positions, constant, exact, floats, is_exact, near_half, rounded, slack
from txlib.methods import Calculated, Method, Scored
from txlib.methods.method import zeros
from txlib.rules.category import Category, Node
from txlib.rules.conditions import BEYOND, ShareGate, ValueGate, VetoGate
from txlib.rules.year import Rounding
from txlib.scoring.caps import over_cap
from txlib.scoring.kernel import Tree
from txlib.scoring.stages import Staged, beyond, staged

EXACT_CELLS = 60_000  # fractions take about a second for as many values
EVERYONE = slice(None)


@dataclass(frozen=True)
class Handed:
    """What a category's units handed in, as matrices of units × leaves: NaN in `values` where a leaf does not apply.

    `beside` is the target or last year's value, as the leaf's method needs. `given` holds the points, as fractions, of
    leaves and adjustments that are scored from tables of their own (`records`), and what is found at branches adds to theirs.
    `vetoed`: units under a veto, none where None; `own`: units × leaves, whose a leaf is at all, everybody's where None.
    """

    values: Floats
    beside: Floats
    given: Mapping[str, Array] = field(default_factory=dict)
    vetoed: Bools | None = None
    own: Bools | None = None

    @property
    def applies(self) -> Bools:
        """Where a leaf applies to a unit."""
        return ~np.isnan(self.values)

    def tree(self, category: Category, total: Fraction, rows: slice | Positions = slice(None)) -> Tree:
        """The category's tree with what applies to the units in `rows`."""
        added = {node.code: self.given[node.code][rows] / node.full for node in category.priced if node.code in self.given}
        return Tree.of(category, total, self.applies[rows], None if self.own is None else self.own[rows], added)


@dataclass(frozen=True)
class NodePoints:
    """Points and full points by node code, one array a node with a number a unit; places only where a method has them.

    `doubtful`: units in which a leaf or branch of floats may be rounded the other way. `staged`: by the codes of leaves that
    have more than a method, how they went through it, in fractions.
    """

    total: Array
    points: dict[str, Array]
    full: dict[str, Array | Fraction]
    place: dict[str, Floats]
    doubtful: Bools
    staged: Mapping[str, Staged] = field(default_factory=dict)


def score(category: Category, handed: Handed, ties: str, rounding: Rounding, total: Fraction, *,
          lines: Sequence[Fraction] = (), exact_cells: int = EXACT_CELLS) -> tuple[NodePoints, Array]:
    """Points at every node, and totals rounded as ruled, exactly where there are at most `exact_cells` cells.

    Above that in float64, with the units scored again in fractions whose rounding, tie, tie-break or side of one of the
    `lines` (scores that a tier needs) the error bound leaves open.
    """
    scoring = Scoring(category, handed, ties, rounding, total)
    if handed.values.size <= exact_cells:
        return scoring.exact, rounded_totals(scoring.exact.total, rounding)
    points = scoring.points(floating=True)
    return points, scoring.settled(points, lines)


def rounded_totals(totals: Array, rounding: Rounding) -> Array:
    """Totals rounded as ruled."""
    return totals if rounding.total == "exact" else rounded(totals, rounding.total, rounding.half)


@dataclass(frozen=True)
class Scoring:
    """A category, what was handed in, and the year's rules for it; `total`: the points that the tree gives at most; `found`: what
    has more than a method, as far as it was scored.
    """

    category: Category
    handed: Handed
    ties: str
    rounding: Rounding
    total: Fraction
    found: dict[str, Staged] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def exact(self) -> NodePoints:
        """All units scored in fractions."""
        return self.points()

    def points(self, rows: slice | Positions = EVERYONE, *, floating: bool = False,
               without: Sequence[str] | None = None) -> NodePoints:
        """Points of the units in `rows` among all units, in fractions or floats; a leaf's rounded as ruled.

        `without`: leaves that are taken to give nothing, as all adjustments are then.
        """
        head, tree = self.category, self.handed.tree(self.category, self.total, rows)
        doubtful = np.zeros(len(tree.counts[""]), dtype=bool)
        zero: Array = np.zeros(len(doubtful)) if floating else zeros(len(doubtful))
        full = tree.handed_down(self.total, {node.code: node.full for node in head.nodes}, zero)
        leaves, place = {}, {}
        for j, leaf in enumerate(head.leaves):
            scored = self._leaf(leaf, j, rows, zero) if leaf.code not in (without or ()) else Scored(zero, None, doubtful)
            doubtful |= scored.doubtful
            points = _scaled(scored.points, full[leaf.code], leaf.full)
            if self.rounding.leaf != "exact":
                if floating:
                    doubtful |= near_half(points, self.rounding.leaf)
                points = rounded(points, self.rounding.leaf, self.rounding.half)
            leaves[leaf.code] = points
            if scored.place is not None:
                place[leaf.code] = scored.place

        def mean(branch: Node, found: Array) -> Array:
            assert branch.decimals is not None
            doubtful[near_half(found, branch.decimals) & (found > 0)] = True
            return rounded(found, branch.decimals)

        nodes = tree.rolled_up(leaves, full, zero, mean)
        full |= {node.code: node.full for node in head.nodes if node.adjusts}
        for node in head.adjusting:
            known = without is None and {*(node.over or [node.code])} <= self.handed.given.keys()
            nodes[node.code] = self._given(node, rows, zero) if known else zero
        del full[""]
        total = sum((nodes[node.code] for node in head.adjusting), nodes.pop(""))
        return NodePoints(total, nodes, full, place, doubtful, self.staged if without is None else {})

    @cached_property
    def staged(self) -> Mapping[str, Staged]:
        """By code, how what has more than a method went through it: all units, in fractions, 0 where it does not apply."""
        beside = [node for node in self.category.adjustments if node.code in self.handed.given]
        return {node.code: self._staged(node) for node in (*self.category.leaves, *beside) if node.staged}

    def _staged(self, node: Node) -> Staged:
        """A leaf or an adjustment in its order, once."""
        if node.code not in self.found:
            given, codes = self.handed.given.get(node.code), [leaf.code for leaf in self.category.leaves]
            if node.code in codes:
                j = codes.index(node.code)
                there = self.handed.applies[:, j]
                value = exact(self.handed.values[there, j])
                other = exact(self.handed.beside[there, j]) if isinstance(node.rule, Method) and node.rule.beside else None
            else:
                assert given is not None
                there, value, other = np.ones(len(given), dtype=bool), given, None
            mine = staged(node, value, other, self._met(node)[there], given=None if given is None else given[there],
                          ties=self.ties)
            self.found[node.code] = mine.among(there)
        return self.found[node.code]

    def _met(self, node: Node) -> Bools:
        """Units × conditions: whether those on other indicators, as far as they apply, and on vetoes are met."""
        met = np.ones((len(self.handed.values), len(node.only_if)), dtype=bool)
        for k, each in enumerate(node.only_if):
            if isinstance(each, VetoGate) and self.handed.vetoed is not None:
                met[:, k] = ~self.handed.vetoed
            elif each in node.outside and not isinstance(each, VetoGate):
                met[:, k] = self._reached(each)
        return met

    def _reached(self, ruled: ValueGate | ShareGate) -> Bools:
        """Who lies beyond a line at another indicator, or has none there."""
        if isinstance(ruled, ValueGate):
            column = self.handed.values[:, [leaf.code for leaf in self.category.leaves].index(str(ruled.indicator))]
            there = ~np.isnan(column)
            return np.asarray(~there | beyond(ruled, exact(np.where(there, column, 0.0)), None), dtype=bool)
        points, full = (each[ruled.indicator] for each in (self._open.points, self._open.full))
        below = {leaf.code for leaf in self.category.node(ruled.indicator).walk()}
        asked = self.handed.applies[:, [leaf.code in below for leaf in self.category.leaves]].any(axis=1)
        return np.asarray(~asked | BEYOND[ruled.attained](points, ruled.line * full), dtype=bool)

    @cached_property
    def _open(self) -> NodePoints:
        """The points in fractions where leaves with conditions outside them give nothing: none of these is asked for."""
        return self.points(without=[leaf.code for leaf in self.category.leaves if leaf.outside])

    def _given(self, node: Node, rows: slice | Positions, zero: Array) -> Array:
        """Points from a table of its own, or from all that a node goes through, in the arithmetic of `zero`."""
        column = self._beside(node)[rows]
        return column if is_exact(zero) else floats(column)

    def _beside(self, node: Node) -> Array:
        """All units' points of a node that are known in fractions."""
        if node.over:
            return over_cap(node, {each.code: self._beside(each) for each in self.category.adjustments if each.code in node.over})
        return self._staged(node).points if node.staged else self.handed.given[node.code]

    def _leaf(self, leaf: Node, j: int, rows: slice | Positions, zero: Array) -> Scored:
        """A leaf's points out of its nominal weight, with the rule for units that it does not apply to."""
        column, beside = self.handed.values[:, j], self.handed.beside[:, j]
        there, applies = ~np.isnan(column), ~np.isnan(column[rows])
        points, place, doubtful = zero.copy(), np.full(len(zero), np.nan), np.zeros(len(zero), dtype=bool)
        if leaf.staged:
            place_of = self._staged(leaf).place[rows][applies]
            scored = Scored(self._given(leaf, rows, zero)[applies], place_of, doubtful[applies])
        elif leaf.code in self.handed.given:
            scored = Scored(self._given(leaf, rows, zero)[applies], None, doubtful[applies])
        else:
            assert isinstance(leaf.rule, Calculated)
            kind = exact if is_exact(zero) else floats
            other = kind(beside[rows][applies]) if leaf.rule.beside else None
            scored = leaf.rule.score(kind(column[rows][applies]), other, full=leaf.full, ties=self.ties, peers=column[there],
                                     peers_beside=beside[there], when_not_positive=leaf.when_not_positive)
        points[applies], doubtful[applies] = scored.points, scored.doubtful
        if not applies.all():
            points[~applies] = self._in_place_of(leaf, j, rows, points, applies)
            doubtful[~applies] = scored.doubtful.any() and leaf.not_applicable.rule == "peers_mean"
        if scored.place is not None:
            place[applies] = floats(scored.place)
        return Scored(points, None if scored.place is None else place, doubtful)

    def _in_place_of(self, leaf: Node, j: int, rows: slice | Positions, points: Array, applies: Bools) -> Any:
        """The points of a unit that the leaf does not apply to, out of the nominal weight."""
        ruled = leaf.not_applicable
        if ruled.rule == "share_of_weight" and ruled.share is not None:
            return constant(ruled.share * leaf.full, points)
        if ruled.rule != "peers_mean":
            return constant(Fraction(0), points)
        if rows is not EVERYONE:
            applies = self.handed.applies[:, j]
            points = self._leaf(leaf, j, EVERYONE, zeros(len(applies))).points
        return points[applies].sum() / max(int(applies.sum()), 1)

    # ── large inputs ──

    def settled(self, points: NodePoints, lines: Sequence[Fraction]) -> Array:
        """Totals rounded as ruled; units whose rounding, tie or side of a line is open are scored again exactly.

        First those in which a branch or leaf may round the other way, then those in which the total may; `points` is put
        right in place. Totals that are not rounded are the floats nearest to the exact ones wherever two of them are close.
        Everyone is scored where a branch takes its peers' mean.
        """
        by_peers = any(node.children and node.not_applicable.rule == "peers_mean" for node in self.category.nodes)

        def again(doubtful: Bools) -> None:
            rows = np.flatnonzero(doubtful)
            if not len(rows):
                return
            everyone = by_peers and not self.handed.applies.all()
            exactly, mine = (self.exact, rows) if everyone else (self.points(rows), EVERYONE)
            scores[rows] = floats(rounded_totals(exactly.total[mine], self.rounding))
            points.total[rows] = floats(exactly.total[mine])
            for code, column in exactly.points.items():
                points.points[code][rows] = floats(column[mine])

        scores = floats(points.total).copy()
        again(points.doubtful)
        if self.rounding.total == "exact":
            scores = floats(points.total).copy()
            near_line = [np.abs(scores - float(line)) <= slack(scores) for line in lines]
            again(np.logical_or.reduce([_near_another(scores), *near_line]))
        else:
            scores = rounded_totals(points.total, self.rounding)
            again(near_half(points.total, self.rounding.total))
        for code in self.category.tie_break:
            again(_near_another(points.points[code], scores))
        return scores


def _scaled(points: Array, full: Array | Fraction, nominal: Fraction) -> Array:
    """Points out of the nominal weight, put to the weight that the unit has there."""
    if isinstance(full, Fraction):
        return points if full == nominal else points * constant(full / nominal, points)
    return np.asarray(points * full / constant(nominal, points))


def _near_another(x: Array, among: Array | None = None) -> Bools:
    """The numbers with another within the error bound; with `among`, another whose number there is equal."""
    order = np.lexsort((x,) if among is None else (x, among))
    close = np.diff(x[order]) <= 2 * slack(x[order])[1:]
    if among is not None:
        close &= np.diff(among[order]) == 0
    near = np.zeros(len(x), dtype=bool)
    near[order[1:][close]] = near[order[:-1][close]] = True
    return near
