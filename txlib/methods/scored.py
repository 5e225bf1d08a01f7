"""How a leaf is scored: one registry of methods, each bound to its rule, its formula and what it asks of the data.

A column holds the applicable units of one leaf. Statistics and places are taken from `peers`, the column of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from txlib.base.numbers import Amount, Array, Direction, constant, exact, floats, is_exact, near_half, places, rounded
from txlib.methods import formulas
from txlib.methods.formulas import Number, Range

if TYPE_CHECKING:
    from txlib.methods import scorings


class Leaf(NamedTuple):
    """The points of each unit, and its place (float64) where the method goes by places.

    `doubtful`: floats whose rounding, as the method rules it, only fractions can settle.
    """

    points: Array
    place: Array | None
    doubtful: Array


@dataclass(frozen=True)
class Column:
    """A leaf's applicable units; statistics and places are taken from `peers`, the column of all of them."""

    value: Array
    beside: Array | None
    peers: Array
    full: Fraction
    peers_beside: Array | None = None
    place: Array | None = None

    @property
    def other(self) -> Array:
        """The column beside the value: the target, or last year's value."""
        if self.beside is None:
            raise ValueError("a target or last year's value is needed for each unit")
        return self.beside

    @property
    def parts(self) -> tuple[Array, Array]:
        """What each unit added on last year, for the column and for all its peers, in the arithmetic of the values."""
        others = self.other if self.peers_beside is None else self.peers_beside
        alike = is_exact(self.value) and not is_exact(self.peers)
        return self.value - self.other, exact(self.peers) - exact(others) if alike else self.peers - others

    @property
    def ends(self) -> Range:
        """The lowest and the highest value of the peers, in the arithmetic of the values."""
        ends = np.array([self.peers.min(), self.peers.max()])
        lowest, highest = exact(ends) if is_exact(self.value) and not is_exact(ends) else ends
        return lowest, highest

    def best(self, direction: Direction) -> Number:
        return self.ends[1 if direction == "up" else 0]

    def number(self, ruled: Fraction) -> Number:
        return constant(ruled, self.value)

    def points(self, ruled: Amount | None) -> Number:
        return self.number(Fraction(0) if ruled is None else ruled.points(self.full))

    def onto(self, ruled: tuple[Amount, Amount]) -> Range:
        return self.points(ruled[0]), self.points(ruled[1])

    def placed(self, direction: Direction, ties: Any) -> Column:
        """The same with the place of each unit."""
        # A Fraction rarely equals the float that stands for it: unlike columns meet as floats, without loss.
        alike = is_exact(self.value) == is_exact(self.peers)
        mine, others = (self.value, self.peers) if alike else (floats(self.value), floats(self.peers))
        return replace(self, place=places(mine, others, direction=direction, ties=ties))

    @property
    def place_number(self) -> Array:
        assert self.place is not None
        return exact(self.place) if is_exact(self.value) else self.place

    def where(self, kept: Array) -> Column:
        """The same leaf for some of its units, among the same peers."""
        beside = None if self.beside is None else self.beside[kept]
        return replace(self, value=self.value[kept], beside=beside)


def _given(c: Column, r: scorings.Given) -> Array:
    return formulas.given(c.value, full=c.number(c.full), out_of=None if r.out_of is None else c.number(r.out_of))


def _completion(c: Column, r: scorings.Completion) -> Array:
    lose = c.number(c.full / 100) if r.lose == "proportional" else c.points(r.lose)
    return formulas.completion(c.value, c.other, full=c.number(c.full), lose=lose, gain=c.points(r.gain),
                      cap=c.points(r.cap), floor=c.points(r.floor), direction=r.direction)


def _met(c: Column, r: scorings.Met) -> Array:
    return formulas.met(c.value, c.other if r.at is None else c.number(r.at), full=c.number(c.full),
               otherwise=c.points(r.otherwise), direction=r.direction)


def _min_max(c: Column, r: scorings.MinMax) -> Array:
    lowest, highest = c.ends
    return formulas.min_max(c.value, lowest=lowest, highest=highest, onto=c.onto(r.onto), direction=r.direction)


def _goalposts(c: Column, r: scorings.Goalposts) -> Array:
    low, high, onto, clip = c.number(r.low), c.number(r.high), c.onto(r.onto), r.clip == "both"
    if r.decimals is None:
        return formulas.goalposts(c.value, low=low, high=high, onto=onto, clip=clip, direction=r.direction)
    return formulas.goalposts_log(c.value, low=low, high=high, onto=onto, clip=clip, direction=r.direction,
                         decimals=r.decimals)


def _rank_step(c: Column, r: scorings.RankStep) -> Array:
    return formulas.rank_step(c.place_number, full=c.number(c.full), step=c.points(r.step), floor=c.points(r.floor))


def _rank_ladder(c: Column, r: scorings.RankLadder) -> Array:
    beyond = c.points(r.points[-1] if r.beyond == "last" else None)
    return formulas.rank_ladder(c.place_number, points=[c.points(rung) for rung in r.points], beyond=beyond)


def _bands(c: Column, r: scorings.Bands) -> Array:
    starts, points = [c.number(row.from_) for row in r.rows], [c.points(row.points) for row in r.rows]
    if r.between == "line" or r.edge is None:
        return formulas.bands_line(c.value, starts=starts, points=points)
    return formulas.bands_step(c.value, starts=starts, points=points, below=c.points(r.below), edge=r.edge)


def _share_of_best(c: Column, r: scorings.ShareOfBest) -> Array:
    return formulas.share_of_best(c.value, full=c.number(c.full), best=c.best(r.direction), direction=r.direction)


def _held(points: Array, c: Column, r: Any) -> Array:
    """Points between the floor and the most that the rule gives."""
    return np.asarray(np.minimum(np.maximum(points, c.points(r.floor)), c.points(r.most)))


def _efficacy(c: Column, r: scorings.Efficacy) -> Array:
    return _held(formulas.efficacy(c.value, unacceptable=c.number(r.unacceptable), satisfactory=c.number(r.satisfactory),
                                   base=c.points(r.base), full=c.number(c.full)), c, r)


def _growth(c: Column, r: scorings.Growth) -> Array:
    return _held(formulas.growth(c.value, c.other, flat=c.points(r.flat), gain=c.points(r.gain), lose=c.points(r.lose),
                                 direction=r.direction), c, r)


def _moments(c: Column, r: scorings.ZScore) -> tuple[Number, Number]:
    """Mean and variance of the peers, in the arithmetic of the values; the same in whatever order they stand."""
    free = len(c.peers) - (r.deviation == "sample")
    if is_exact(c.value):
        x = c.peers if is_exact(c.peers) else exact(c.peers)
        mean = x.sum() / len(x)
        return mean, ((x - mean) ** 2).sum() / free if free else Fraction(0)
    x = floats(c.peers)
    mean = math.fsum(x) / len(x)
    return mean, math.fsum((x - mean) ** 2) / free if free and x.min() < x.max() else 0.0


def _z_score(c: Column, r: scorings.ZScore) -> Array:
    mean, variance = _moments(c, r)
    points = formulas.z_score(c.value, mean=mean, variance=variance, centre=c.points(r.centre), decimals=r.decimals,
                              per_deviation=c.points(r.per_deviation), direction=r.direction)
    return _held(points, c, r) if is_exact(points) else points


def _shares(c: Column, r: scorings.ContributionShare) -> tuple[Array, Array]:
    """What each unit contributes, and what all its peers do."""
    if r.of == "increment":
        return c.parts
    return c.value, exact(c.peers) if is_exact(c.value) and not is_exact(c.peers) else c.peers


def _contribution(c: Column, r: scorings.ContributionShare) -> Array:
    mine, everyone = _shares(c, r)
    total = everyone.sum()
    reference = (everyone.max() / total if r.full_at == "best"
                 else c.number(Fraction(1, len(everyone)) if r.full_at == "equal" else r.full_at))
    return _held(formulas.contribution_share(mine, total=total, reference=reference, full=c.number(c.full)), c, r)


def _spread(c: Column, r: scorings.MinMax) -> Array:
    return np.asarray(c.ends[1] - c.ends[0])


def _logged(c: Column, r: scorings.Goalposts) -> Array | None:
    """An unclipped logarithm divides by nothing, but has the same need of a number above zero."""
    return c.value if r.scale == "log" and r.clip == "none" else None


def _shared(c: Column, r: scorings.ShareOfBest) -> Array:
    return np.asarray(c.best("up")) if r.direction == "up" else c.value


Beside = Literal["target", "last_year"]


@dataclass(frozen=True)
class Method:
    """A way to score a leaf, and what it asks of the data: a divisor, a column beside the value, places."""

    score: Callable[[Column, Any], Array]
    divisor: Callable[[Column, Any], Array | None] | None = None
    beside: Callable[[Any], Beside | None] = lambda rule: None
    held: Callable[[Array, Column, Any], Array] = lambda points, column, rule: points
    by_place: bool = False

    def scored(self, column: Column, rule: Any) -> tuple[Array, Array]:
        """Points, and the floats whose ruled rounding only fractions can settle."""
        points = self.score(column, rule)
        decimals = getattr(rule, "decimals", None)
        if decimals is None or is_exact(points):
            return points, np.zeros(points.shape, dtype=bool)
        return self.held(rounded(points, decimals), column, rule), near_half(points, decimals)


METHODS: Mapping[str, Method] = MappingProxyType({
    "given": Method(_given),
    "completion": Method(_completion, divisor=lambda c, r: c.other, beside=lambda rule: "target"),
    "met": Method(_met, beside=lambda rule: "target" if rule.at is None else None),
    "min_max": Method(_min_max, divisor=_spread),
    "goalposts": Method(_goalposts, divisor=_logged),
    "rank_step": Method(_rank_step, by_place=True),
    "rank_ladder": Method(_rank_ladder, by_place=True),
    "bands": Method(_bands),
    "share_of_best": Method(_share_of_best, divisor=_shared),
    "efficacy": Method(_efficacy),
    "growth": Method(_growth, divisor=lambda c, r: c.other, beside=lambda rule: "last_year"),
    "z_score": Method(_z_score, held=_held, divisor=lambda c, r: np.asarray(_moments(c, r)[1])),
    "contribution_share": Method(_contribution, divisor=lambda c, r: np.asarray(_shares(c, r)[1].sum()),
                                 beside=lambda rule: "last_year" if rule.of == "increment" else None),
})


def beside(rule: scorings.Scoring) -> Beside | None:
    """The column that the rule needs beside the value: the target, last year's value, or none."""
    return METHODS[rule.method].beside(rule)


def divisor(rule: scorings.Scoring, value: Array, other: Array | None, *, peers: Array | None = None,
            peers_beside: Array | None = None) -> Array | None:
    """What must be above zero for the rule to score: a number a unit, one for all (0-d), or None: nothing."""
    find = METHODS[rule.method].divisor
    column = Column(value, other, value if peers is None else peers, Fraction(0), peers_beside)
    return None if find is None or not column.peers.size else find(column, rule)


def leaf_points(rule: scorings.Scoring, value: Array, other: Array | None, *, full: Fraction, ties: str,
                when_not_positive: str, peers: Array | None = None, peers_beside: Array | None = None) -> Leaf:
    """The points of a leaf's applicable units, in the arithmetic of `value`; places where the method has any.

    `other` is the column that the rule needs beside the value. `peers` and `peers_beside` are the float64 columns of all
    applicable units where `value` holds only some of them. Where the divisor is not above zero a unit gets the full
    points or none, as ruled; where that is refused, ValueError.
    """
    method = METHODS[rule.method]
    column = Column(value, other, value if peers is None else peers, full, other if peers is None else peers_beside)
    if value.size == 0:
        return Leaf(value.copy(), floats(value) if method.by_place else None, np.zeros(0, dtype=bool))
    if method.by_place:
        column = column.placed(rule.direction, ties)  # type: ignore[union-attr]
    by = divisor(rule, value, other, peers=peers, peers_beside=peers_beside)
    if by is None or bool(np.all(by > 0)):
        points, doubtful = method.scored(column, rule)
        return Leaf(points, column.place, doubtful)
    if when_not_positive == "refuse":
        raise ValueError(f"leaf rule {rule.method}: a divisor is zero or negative, which is refused")
    points = np.full(value.shape, column.number(full if when_not_positive == "full" else Fraction(0)))
    doubtful = np.zeros(value.shape, dtype=bool)
    sound = np.broadcast_to(np.asarray(by > 0, dtype=bool), value.shape)
    if sound.any():
        points[sound], doubtful[sound] = method.scored(column.where(sound), rule)
    return Leaf(points, column.place, doubtful)
