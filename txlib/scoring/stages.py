"""A leaf in its order: conditions, its method among those who keep them, steps, points scored once more.

Columns hold all units that the leaf applies to, in fractions or in floats; points come back in kind.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from txlib.base.numbers import Array, Bools, Floats, constant, floats
from txlib.methods import BesideTheTree, Calculated
from txlib.methods.method import Scalar
from txlib.rules.category import Node
from txlib.rules.conditions import BEYOND, Threshold


class Staged(NamedTuple):
    """Points and places; points by the method alone, and those found after its steps; `met`: units × conditions."""

    points: Array
    place: Floats
    by_method: Array
    found: Array
    met: Bools

    @property
    def kept(self) -> Bools:
        """Who keeps all conditions."""
        return np.asarray(self.met.all(axis=1))

    def among(self, there: Bools) -> Staged:
        """The same among all units, of which these are `there`: nothing of the others."""
        nothing: list[Array] = [np.full((len(there), *column.shape[1:]), zero) for column, zero in
                                zip(self, (Fraction(0), np.nan, Fraction(0), Fraction(0), False), strict=True)]
        for column, mine in zip(nothing, self, strict=True):
            column[there] = mine
        return Staged(*nothing)


def staged(leaf: Node, value: Array, other: Array | None, outside: Bools, *, given: Array | None = None, ties: str) -> Staged:
    """The points of a leaf's units out of its nominal weight.

    `other`: the column beside the value; `outside`: units × conditions, whether each is met, of those that read something
    else than the leaf's own value; `given`: the points of a leaf that is scored from a table of its own.
    """
    met = outside.copy()
    for k, ruled in enumerate(leaf.only_if):
        if ruled not in leaf.outside and isinstance(ruled, Threshold):
            met[:, k] = beyond(ruled, value, other)
    kept = np.asarray(met.all(axis=1), dtype=bool)
    points = np.full(value.shape, constant(leaf.full if leaf.if_not == "full" else Fraction(0), value))
    place = np.full(value.shape, np.nan)
    if not kept.any():
        return Staged(points, place, points, points, met)
    points[kept], places = _by_method(leaf, value[kept], None if other is None else other[kept],
                                      None if given is None else given[kept], ties)
    by_method, left = points.copy(), kept
    for step in leaf.steps:
        here = left & beyond(step, value, other)
        points[here] *= constant(step.counts, value)
        left = left & ~here
    found = points.copy()
    if leaf.then is not None:
        assert isinstance(leaf.then, Calculated)
        kept = scored_again(leaf, kept, found)
        points[kept], places, _ = leaf.then.score(points[kept], None, full=leaf.full, ties=ties, when_not_positive="zero")
    if places is not None:
        place[kept] = floats(places)
    return Staged(points, place, by_method, found, met)


def scored_again(node: Node, kept: Bools, found: Array) -> Bools:
    """Whose points are scored once more: of those who keep the conditions, at an adjustment who has any."""
    return kept & np.asarray(found > 0, dtype=bool) if isinstance(node.rule, BesideTheTree) else kept


def _by_method(leaf: Node, value: Array, other: Array | None, given: Array | None, ties: str) -> tuple[Array, Array | None]:
    """Points, and places where the method has any, of those who keep the conditions: its peers."""
    if given is not None:
        return given, None
    assert isinstance(leaf.rule, Calculated)
    return leaf.rule.score(value, other, full=leaf.full, ties=ties, when_not_positive=leaf.when_not_positive)[:2]


def beyond(ruled: Threshold, value: Array, other: Array | None) -> Bools:
    """Which values lie beyond a line; the peers' mean is that of all the units."""
    return np.asarray(BEYOND[ruled.value](value, line_of(ruled, value, other)), dtype=bool)


def line_of(ruled: Threshold, value: Array, other: Array | None) -> Array | Scalar:
    """Where a line lies, for each unit or for all."""
    plus = constant(ruled.plus or Fraction(0), value)
    if ruled.line == "peers_mean":
        return value.sum() / max(len(value), 1) + plus
    return other + plus if isinstance(ruled.line, str) and other is not None else constant(ruled.line, value)
