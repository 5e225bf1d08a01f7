"""Totals as functions of one weight: straight lines, or ratios of two, and where what is printed of them changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from txlib.base.numbers import Array, Floats, Positions, floats, near_half, rounded, slack
from txlib.rules.category import Node
from txlib.sensitivity.shares import ONE, ExactShares

HAIR = 1e-12  # the part of the way that a weight can go below which no stretch counts: floats hardly tell its ends apart


@dataclass(frozen=True)
class Curves:
    """Totals, and what decides between equal scores, as functions of one weight `x` points above the ruled one.

    Every one is `(at + slope·x) / (1 + bend·x)`: `at` and `slope` criteria × units, the total first, `bend` one a unit. The
    weight can move from `lowest` to `highest`, both left out: without any weight what does not apply has nowhere to go.
    """

    at: Array
    slope: Array
    bend: Array
    start: Array
    decimals: int | None
    lowest: Fraction
    highest: Fraction

    @cached_property
    def _floats(self) -> tuple[Floats, Floats, Floats]:
        return floats(self.at), floats(self.slope), floats(self.bend)

    @cached_property
    def still(self) -> npt.NDArray[np.bool_]:
        """Units whose total does not move."""
        return np.asarray((self.slope[0] == self.at[0] * self.bend), dtype=bool)

    def alike(self, i: Positions, j: Positions) -> npt.NDArray[np.bool_]:
        """The pairs of units that are equal in everything, whatever the weight."""
        total = self._floats[0][0]
        found = np.asarray(total[i] == total[j])
        for k in np.flatnonzero(found):
            found[k] = all((column[..., i[k]] == column[..., j[k]]).all() for column in (self.at, self.slope, self.bend))
        return found

    def value(self, xs: Floats, k: int = 0) -> Floats:
        """Totals (or criterion `k`), weights × units."""
        at, slope, bend = self._floats
        x = xs[:, None]
        return np.asarray((at[k] + slope[k] * x) / (1 + bend * x))

    def exactly(self, x: float, unit: int, k: int = 0) -> Fraction:
        """One unit's total (or criterion `k`) at a weight, as a fraction."""
        exact = Fraction(x)
        found: Fraction = (self.at[k, unit] + self.slope[k, unit] * exact) / (1 + self.bend[unit] * exact)
        return found

    def printed(self, xs: Floats) -> Floats:
        """Totals rounded as ruled, weights × units, in units of the last decimal; what floats leave open is settled exactly."""
        assert self.decimals is not None
        scale = 10**self.decimals
        totals = self.value(xs)
        found = np.asarray(np.rint(rounded(totals, self.decimals) * scale), dtype=np.float64)
        found[:, self.still] = floats(self.start[self.still] * scale)
        for row, unit in zip(*np.nonzero(near_half(totals, self.decimals) & ~self.still), strict=True):
            found[row, unit] = float(rounded(np.array([self.exactly(xs[row], unit)], dtype=object), self.decimals)[0] * scale)
        return found

    def order(self, xs: Floats, i: Positions, j: Positions) -> npt.NDArray[np.int8]:
        """Which of each pair of units stands above, weights × pairs: 1 the first, -1 the second, 0 neither."""
        if self.decimals is None:
            found = self._signs(xs, i, j, 0, np.ones((len(xs), len(i)), dtype=bool))
        else:
            shown = self.printed(xs)
            found = np.sign(shown[:, i] - shown[:, j]).astype(np.int8)
        for k in range(1, len(self.at)):
            level = found == 0
            if level.any():
                found = np.where(level, self._signs(xs, i, j, k, level), found)
        return found

    def _signs(self, xs: Floats, i: Positions, j: Positions, k: int, asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
        values = self.value(xs, k)
        gap = values[:, i] - values[:, j]
        found = np.sign(gap).astype(np.int8)
        for row, pair in zip(*np.nonzero((np.abs(gap) <= 2 * slack(values[:, i])) & asked), strict=True):
            first, second = (self.exactly(xs[row], int(unit), k) for unit in (i[pair], j[pair]))
            if first == second:
                found[row, pair] = 0
            else:
                found[row, pair] = 1 if first > second else -1
        return found

    def crossings(self, i: Positions, j: Positions, apart: float, k: int = 0) -> Floats:
        """Where one of each pair of units leads the other by `apart`: 2 × pairs, NaN where it never does."""
        at, slope, bend = self._floats
        a = slope[k, i] * bend[j] - slope[k, j] * bend[i] - apart * bend[i] * bend[j]
        b = at[k, i] * bend[j] + slope[k, i] - at[k, j] * bend[i] - slope[k, j] - apart * (bend[i] + bend[j])
        return roots(a, b, at[k, i] - at[k, j] - apart)

    def reaching(self, score: float) -> Floats:
        """Where each total is a score."""
        at, slope, bend = self._floats
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((score - at[0]) / (slope[0] - score * bend))

    @cached_property
    def _meetings(self) -> Floats:
        """Where totals that are not rounded, or criteria, of any two units meet."""
        i, j = np.triu_indices(self.at.shape[1], 1)
        found = [self.crossings(i, j, 0.0, k).ravel() for k in range(self.decimals is not None, len(self.at))]
        met = np.concatenate(found) if found else np.empty(0)
        return np.asarray(met[np.isfinite(met)])

    def _roundings(self, low: float, high: float) -> Floats:
        """Where a total between two weights passes a rounding half."""
        assert self.decimals is not None
        at, slope, bend = (column[..., ~self.still] for column in self._floats)
        ends = np.sort(self.value(np.array([low, high]))[:, ~self.still] * 10.0**self.decimals - 0.5, axis=0)
        first, count = np.ceil(ends[0]) - 1, (np.floor(ends[1]) - np.ceil(ends[0])).astype(int) + 3
        unit = np.repeat(np.arange(len(count)), count)
        half = (first[unit] + np.arange(len(unit)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / 10.0**self.decimals
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((half - at[0][unit]) / (slope[0][unit] - half * bend[unit]))

    def stretches(self, start: float, end: float, lines: Sequence[float] = ()) -> Iterator[tuple[Floats, Floats]]:
        """From `start` on to `end`, in ever longer parts, the stretches of weights in which nothing printed changes.

        Where each begins, and a weight inside it. `lines`: scores that matter where totals are not rounded.
        """
        n = self.at.shape[1]
        travel = 1.0
        if self.decimals is not None:
            travel = float(np.abs(np.diff(self.value(np.array([start, end])), axis=0)).sum()) * 10.0**self.decimals
        step = (end - start) * min(1.0, 2 * n / max(travel, 1.0))
        while start != end:
            stop = start + step if abs(step) < abs(end - start) else end
            low, high = min(start, stop), max(start, stop)
            shown = [self._roundings(low, high)] if self.decimals is not None else [self.reaching(line) for line in lines]
            events = np.concatenate([self._meetings, *shown])
            inside = np.unique(events[(events > low) & (events < high)])
            edges = np.concatenate([[low], inside, [high]])[::1 if end > start else -1]
            wide = np.abs(np.diff(edges)) > HAIR * float(self.highest - self.lowest)
            yield edges[:-1][wide], ((edges[:-1] + edges[1:]) / 2)[wide]
            start, step = stop, step * 2


def roots(a: Floats, b: Floats, c: Floats) -> Floats:
    """The real roots of a·x² + b·x + c, 2 × equations, NaN where there is none."""
    inner = b * b - 4 * a * c
    q = -(b + np.copysign(np.sqrt(np.maximum(inner, 0.0)), b)) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.array([q / a, c / q])
    both[:, inner < 0] = np.nan
    both[~np.isfinite(both)] = np.nan
    return both


def curves(of: ExactShares, node: Node) -> Curves:
    """Totals and tie-break criteria as functions of a node's weight; only where all above it are sums and it has siblings.

    Exactly, from the points at the ruled weight and at one other, where the siblings have half of theirs. All points there are
    divided by the weight that a unit holds in all, and so are the node's full points, which tell how it grows; they are what
    they were only where nothing moves.
    """
    siblings = of.category.siblings(node)
    whole = sum((each.full for each in siblings), Fraction(0))
    x: Any = (whole - node.full) / 2
    full, then = of.at_weight(node, node.full + x)
    now, moves = of.criteria, np.asarray(full != of.full[node.code], dtype=bool)
    held = np.where(moves, of.full[node.code] / np.where(moves, full, ONE) * (1 + x / node.full), ONE)
    return Curves(now, (then * held - now) / x, (held - 1) / x, of.score, of.decimals, -node.full, whole - node.full)
