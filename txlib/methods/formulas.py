"""How points follow from numbers: pure functions on whole columns, each as its definition reads.

Columns are all `Fraction` (object dtype, exact) or all float64; points come back in kind. A function is told what it needs
of the peers (lowest, highest, best, place, mean) and given that scores every unit by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from txlib.base.numbers import PRECISION, Array, Direction, floats, from_decimal, is_exact, to_decimal

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
    """`goalposts` on the logarithms of value and ends, rounded half up to `decimals`; fractions by decimals of 60 digits.

    The ends must be above zero, and the values too unless they are clipped. Floats come back unrounded.
    """
    value = np.clip(value, low, high) if clip else value
    if not is_exact(value):
        return min_max(np.log(value), lowest=np.log(low), highest=np.log(high), onto=onto, direction=direction)
    with localcontext(prec=PRECISION):
        bottom, top, start, end = (to_decimal(low).ln(), to_decimal(high).ln(), to_decimal(onto[0]), to_decimal(onto[1]))
        logs = [to_decimal(x).ln() for x in value]
        ahead = [(log - bottom if direction == "up" else top - log) / (top - bottom) for log in logs]
        return fractions([from_decimal(start + each * (end - start), decimals) for each in ahead])


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


def efficacy(value: Array, *, unacceptable: Number, satisfactory: Number, base: Number, full: Number) -> Array:
    """The efficacy coefficient (功效系数): `base` at the unacceptable value, full points at the satisfactory one, on a line.

    Points go on beyond both ends; less is better where satisfactory lies below unacceptable.
    """
    points: Array = base + (value - unacceptable) / (satisfactory - unacceptable) * (full - base)
    return points


def growth(value: Array, last: Array, *, flat: Number, gain: Number, lose: Number, direction: Direction = "up") -> Array:
    """`flat` points at last year's value, `gain` more for each percent above it, `lose` less for each below."""
    percents: Array = 100 * (value - last if direction == "up" else last - value) / last
    return np.asarray(np.where(percents >= 0, flat + gain * percents, flat + lose * percents))


def z_score(value: Array, *, mean: Number, variance: Number, centre: Number, per_deviation: Number, decimals: int,
            direction: Direction = "up") -> Array:
    """`centre` points at the peers' mean, `per_deviation` more for each standard deviation ahead, rounded half up.

    Fractions by decimals of 60 digits; floats come back unrounded.
    """
    ahead = value - mean if direction == "up" else mean - value
    if not is_exact(value):
        return np.asarray(centre + ahead / np.sqrt(variance) * per_deviation)
    with localcontext(prec=PRECISION):
        deviation = to_decimal(variance).sqrt()
        return fractions([from_decimal(to_decimal(centre) + to_decimal(x * per_deviation) / deviation, decimals) for x in ahead])


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
    return fractions(found)


def fractions(numbers: Sequence[Fraction]) -> Array:
    """Fractions as an array of objects."""
    return np.array(numbers, dtype=object)


def contribution_share(part: Array, *, total: Number, reference: Number, full: Number) -> Array:
    """The part's share of the total, with full points at the `reference` share and in proportion to it."""
    points: Array = part / total / reference * full
    return points
