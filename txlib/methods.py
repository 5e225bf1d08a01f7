"""How a leaf is scored: pure functions on whole columns, one registry, one binding to the rule.

Columns hold the applicable units of one leaf, all `Fraction` (object dtype, exact) or all float64; points
come back in kind. Each function above `Leaf` reads as its definition: it is told what it needs of the peers
(lowest, highest, best, place), and given that it scores every unit by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from txlib.exact import Amount, Array, Direction, constant, exact, floats, is_exact, places, rounded

if TYPE_CHECKING:
    from txlib import scorings

Number = Any  # a Fraction beside Fractions, a float beside floats
Range = tuple[Number, Number]


def given(value: Array, *, full: Number, out_of: Number | None = None) -> Array:
    """The points are the value itself, or its share of `out_of` times the full points."""
    points: Array = value.copy() if out_of is None else value * full / out_of
    return points


def completion(value: Array, target: Array, *, full: Number, lose: Number, gain: Number, cap: Number,
               floor: Number, direction: Direction = "up") -> Array:
    """Full points at the target; for each percent above it `gain` more, at most `cap`; below it `lose` less.

    Never under `floor`; a part of a percent counts as that part. To lose a hundredth of the full points for
    each percent is to score in proportion. `down` mirrors the rate: 90% of a limit counts as 110%.
    """
    ahead = value - target if direction == "up" else target - value
    percents: Array = 100 * ahead / target
    above, below = full + np.minimum(gain * percents, cap), np.maximum(full + lose * percents, floor)
    return np.asarray(np.where(percents >= 0, above, below))


def met(value: Array, goal: Number, *, full: Number, otherwise: Number, direction: Direction = "up") -> Array:
    """Full points where the goal is reached (at least; `down`: at most), else `otherwise`."""
    reached: Array = value >= goal if direction == "up" else value <= goal
    return np.asarray(np.where(reached, full, otherwise))


def min_max(value: Array, *, lowest: Number, highest: Number, onto: Range,
            direction: Direction = "up") -> Array:
    """On the line from `onto[0]` points at the worst end to `onto[1]` at the best; the two ends differ."""
    ahead = value - lowest if direction == "up" else highest - value
    points: Array = onto[0] + ahead / (highest - lowest) * (onto[1] - onto[0])
    return points


def goalposts(value: Array, *, low: Number, high: Number, onto: Range, clip: bool = True,
              direction: Direction = "up") -> Array:
    """`min_max` between two fixed ends; clipped, a value outside them counts as the end that it passed."""
    value = np.clip(value, low, high) if clip else value
    return min_max(value, lowest=low, highest=high, onto=onto, direction=direction)


def goalposts_log(value: Array, *, low: Number, high: Number, onto: Range, decimals: int, clip: bool = True,
                  direction: Direction = "up") -> Array:
    """`goalposts` on the logarithms of value and ends, in float, rounded half up to `decimals`.

    The ends must be above zero, and the values too unless they are clipped.
    """
    ends = floats([low, high])
    held = np.clip(floats(value), *ends) if clip else floats(value)
    bottom, top = np.log(ends)
    line = min_max(np.log(held), lowest=bottom, highest=top, onto=tuple(floats(onto)), direction=direction)
    points = rounded(line, decimals)
    return exact(points) if is_exact(value) else points


def rank_step(place: Array, *, full: Number, step: Number, floor: Number) -> Array:
    """The first place takes the full points, each place below it `step` less, never under `floor`."""
    points: Array = np.maximum(full - (place - 1) * step, floor)
    return points


def rank_ladder(place: Array, *, points: Sequence[Number], beyond: Number) -> Array:
    """Points by place, `beyond` after the last rung; half-way between two places, half-way between rungs."""
    rungs = np.array([*points, beyond])
    rung = np.floor(floats(place)).astype(np.intp) - 1
    upper, lower = (rungs[np.minimum(i, len(points))] for i in (rung, rung + 1))
    between: Array = upper + (place - 1 - rung) * (lower - upper)
    return between


def bands_step(value: Array, *, starts: Sequence[Number], points: Sequence[Number], below: Number,
               edge: Literal["above", "below"] = "above") -> Array:
    """The points of the highest row that is reached, else `below`; `edge`: the side a start belongs to."""
    reached = np.searchsorted(np.array(starts), value, side="right" if edge == "above" else "left")
    table: Array = np.array([below, *points])
    return table[reached]


def bands_line(value: Array, *, starts: Sequence[Number], points: Sequence[Number]) -> Array:
    """On the line between the two rows around the value, flat outside the first and the last row."""
    x, y = np.array(starts), np.array(points)
    if len(x) == 1:
        return np.full(value.shape, y[0])
    held = np.clip(value, x[0], x[-1])
    row = np.minimum(np.searchsorted(x, held, side="right"), len(x) - 1)
    line: Array = y[row - 1] + (held - x[row - 1]) / (x[row] - x[row - 1]) * (y[row] - y[row - 1])
    return line


def share_of_best(value: Array, *, full: Number, best: Number, direction: Direction = "up") -> Array:
    """The value's share of the best, times the full points; `down`: the best's share of the value."""
    points: Array = value / best * full if direction == "up" else best / value * full
    return points


class Leaf(NamedTuple):
    """The points of each unit, and its place (float64) where the method goes by places."""

    points: Array
    place: Array | None


@dataclass(frozen=True)
class Column:
    """A leaf's applicable units; statistics and places are taken from `peers`, the column of all of them."""

    value: Array
    target: Array | None
    peers: Array
    full: Fraction
    place: Array | None = None

    @property
    def goal(self) -> Array:
        if self.target is None:
            raise ValueError("a target is needed for each unit")
        return self.target

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
        target = None if self.target is None else self.target[kept]
        return replace(self, value=self.value[kept], target=target)


def _given(c: Column, r: scorings.Given) -> Array:
    return given(c.value, full=c.number(c.full), out_of=None if r.out_of is None else c.number(r.out_of))


def _completion(c: Column, r: scorings.Completion) -> Array:
    lose = c.number(c.full / 100) if r.lose == "proportional" else c.points(r.lose)
    return completion(c.value, c.goal, full=c.number(c.full), lose=lose, gain=c.points(r.gain),
                      cap=c.points(r.cap), floor=c.points(r.floor), direction=r.direction)


def _met(c: Column, r: scorings.Met) -> Array:
    return met(c.value, c.goal if r.at is None else c.number(r.at), full=c.number(c.full),
               otherwise=c.points(r.otherwise), direction=r.direction)


def _min_max(c: Column, r: scorings.MinMax) -> Array:
    lowest, highest = c.ends
    return min_max(c.value, lowest=lowest, highest=highest, onto=c.onto(r.onto), direction=r.direction)


def _goalposts(c: Column, r: scorings.Goalposts) -> Array:
    low, high, onto, clip = c.number(r.low), c.number(r.high), c.onto(r.onto), r.clip == "both"
    if r.decimals is None:
        return goalposts(c.value, low=low, high=high, onto=onto, clip=clip, direction=r.direction)
    return goalposts_log(c.value, low=low, high=high, onto=onto, clip=clip, direction=r.direction,
                         decimals=r.decimals)


def _rank_step(c: Column, r: scorings.RankStep) -> Array:
    return rank_step(c.place_number, full=c.number(c.full), step=c.points(r.step), floor=c.points(r.floor))


def _rank_ladder(c: Column, r: scorings.RankLadder) -> Array:
    beyond = c.points(r.points[-1] if r.beyond == "last" else None)
    return rank_ladder(c.place_number, points=[c.points(rung) for rung in r.points], beyond=beyond)


def _bands(c: Column, r: scorings.Bands) -> Array:
    starts, points = [c.number(row.from_) for row in r.rows], [c.points(row.points) for row in r.rows]
    if r.edge is None:
        return bands_line(c.value, starts=starts, points=points)
    return bands_step(c.value, starts=starts, points=points, below=c.points(r.below), edge=r.edge)


def _share_of_best(c: Column, r: scorings.ShareOfBest) -> Array:
    return share_of_best(c.value, full=c.number(c.full), best=c.best(r.direction), direction=r.direction)


def _spread(c: Column, r: scorings.MinMax) -> Array:
    return np.asarray(c.ends[1] - c.ends[0])


def _logged(c: Column, r: scorings.Goalposts) -> Array | None:
    """An unclipped logarithm divides by nothing, but has the same need of a number above zero."""
    return c.value if r.scale == "log" and r.clip == "none" else None


def _shared(c: Column, r: scorings.ShareOfBest) -> Array:
    return np.asarray(c.best("up")) if r.direction == "up" else c.value


@dataclass(frozen=True)
class Method:
    """A way to score a leaf, and what it asks of the data: a divisor, a target, places."""

    score: Callable[[Column, Any], Array]
    divisor: Callable[[Column, Any], Array | None] | None = None
    needs_target: Callable[[Any], bool] = lambda rule: False
    by_place: bool = False


METHODS: Mapping[str, Method] = MappingProxyType({
    "given": Method(_given),
    "completion": Method(_completion, divisor=lambda c, r: c.goal, needs_target=lambda rule: True),
    "met": Method(_met, needs_target=lambda rule: rule.at is None),
    "min_max": Method(_min_max, divisor=_spread),
    "goalposts": Method(_goalposts, divisor=_logged),
    "rank_step": Method(_rank_step, by_place=True),
    "rank_ladder": Method(_rank_ladder, by_place=True),
    "bands": Method(_bands),
    "share_of_best": Method(_share_of_best, divisor=_shared),
})


def needs_target(rule: scorings.Scoring) -> bool:
    """Whether the rule measures a unit against a target handed in beside its value."""
    return METHODS[rule.method].needs_target(rule)


def divisor(rule: scorings.Scoring, value: Array, target: Array | None, *,
            peers: Array | None = None) -> Array | None:
    """What must be above zero for the rule to score: a number a unit, one for all (0-d), or None: nothing."""
    find = METHODS[rule.method].divisor
    column = Column(value, target, value if peers is None else peers, Fraction(0))
    return None if find is None or not column.peers.size else find(column, rule)


def leaf_points(rule: scorings.Scoring, value: Array, target: Array | None, *, full: Fraction, ties: str,
                when_not_positive: str, peers: Array | None = None) -> Leaf:
    """The points of a leaf's applicable units, in the arithmetic of `value`; places where the method has any.

    `peers` is the float64 column of all applicable units where `value` holds only some of them. Where the
    divisor is not above zero a unit gets the full points or none, as ruled; where it is refused, ValueError.
    """
    method = METHODS[rule.method]
    column = Column(value, target, value if peers is None else peers, full)
    if value.size == 0:
        return Leaf(value.copy(), floats(value) if method.by_place else None)
    if method.by_place:
        column = column.placed(rule.direction, ties)  # type: ignore[union-attr]
    by = divisor(rule, value, target, peers=peers)
    if by is None or bool(np.all(by > 0)):
        return Leaf(method.score(column, rule), column.place)
    if when_not_positive == "refuse":
        raise ValueError(f"leaf rule {rule.method}: a divisor is zero or negative, which is refused")
    points = np.full(value.shape, column.number(full if when_not_positive == "full" else Fraction(0)))
    sound = np.broadcast_to(np.asarray(by > 0, dtype=bool), value.shape)
    if sound.any():
        points[sound] = method.score(column.where(sound), rule)
    return Leaf(points, column.place)
