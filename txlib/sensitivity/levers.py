"""One weight as a lever: every unit's total as a function of it, exactly.

A unit's share attained at a node, points out of full points, stays as it is when weights change; so do adjustments. Amounts
that a rule states in points thus move in proportion, and leaf points that are rounded are not rounded again. A node's
siblings give and take in proportion, so that their parent keeps its points. A total is then a ratio of two linear functions of
the weight: a straight line, but for a unit to which one of the siblings does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.numbers import Array, floats, near_half, rounded, slack
from txlib.rules.book import Category, Node
from txlib.rules.tree import SUMS
from txlib.scoring.points import score
from txlib.scoring.result import Result

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
ZERO: Any = Fraction(0)
ONE: Any = Fraction(1)
HAIR = 1e-12


@dataclass(frozen=True)
class Scored:
    """A category scored in fractions, units in the order of the ranking.

    `points` and `full` by node code, one number a unit; `total` unrounded; `score` rounded as ruled.
    """

    category: Category
    decimals: int | None
    units: tuple[str, ...]
    points: dict[str, Array]
    full: dict[str, Array]
    total: Array
    score: Array

    @cached_property
    def share(self) -> dict[str, Array]:
        """By node code, the share attained of the full points, 0 where a unit has none."""
        return {code: _only(self.points[code], some) / _only(self.full[code], some, ONE) for code, some in self.keeps.items()}

    @cached_property
    def keeps(self) -> dict[str, npt.NDArray[np.bool_]]:
        """By node code, the units for which a node has any weight."""
        return {code: np.asarray(full > 0, dtype=bool) for code, full in self.full.items()}

    @cached_property
    def path(self) -> dict[str, tuple[str, ...]]:
        """By node code, the codes from the root down to it."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self.category.nodes:
            found[node.code] = (*(found[node.parent] if node.parent else ()), node.code)
        return found

    def not_told(self, node: Node) -> str:
        """Why totals are no ratio of linear functions of a node's weight: `roll_up`, `peers_mean`, or nothing."""
        above = [self.category.node(code) for code in self.path[node.code][:-1]]
        if any(each.roll_up not in SUMS for each in above):
            return "roll_up"
        return "peers_mean" if any(self.borrows(each) for each in above) else ""

    def borrows(self, branch: Node, units: slice = slice(None)) -> bool:
        """Whether some of the units take their peers' mean at a branch none of whose indicators applies to them."""
        none = np.logical_and.reduce([~self.keeps[child.code] for child in branch.children]) & self.keeps[branch.code]
        return branch.not_applicable.rule == "peers_mean" and bool(none[units].any())


def scored(result: Result) -> Scored:
    """A result scored again in fractions from what was handed in.

    ValueError where points are not a number or nobody is ranked.
    """
    book, head = result.book, result.category
    wrong = result.scores.loc[result.scores[["points", "full"]].isna().any(axis=1)]
    if len(wrong):
        raise ValueError(f"points are not a number: {wrong['unit'].iloc[0]}, {wrong['indicator'].iloc[0]}")
    if result.ranking.empty:
        raise ValueError(f"no unit is ranked in {head.code}")
    units = result.units["unit"].tolist()
    handed = result.handed
    points, scores = score(head, handed, book.ties, book.rounding, book.rules.total.points, exact_cells=handed.values.size)
    order = pd.Index(units).get_indexer(pd.Index(result.ranking["unit"]))
    each = {code: np.full(len(units), full, dtype=object)[order] if isinstance(full, Fraction) else full[order]
            for code, full in points.full.items()}
    return Scored(head, None if book.rounding.total == "exact" else int(book.rounding.total), tuple(units[i] for i in order),
                  {code: column[order] for code, column in points.points.items()}, each, points.total[order], scores[order])


@dataclass(frozen=True)
class Lever:
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

    def alike(self, i: Indices, j: Indices) -> npt.NDArray[np.bool_]:
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

    def order(self, xs: Floats, i: Indices, j: Indices) -> npt.NDArray[np.int8]:
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

    def _signs(self, xs: Floats, i: Indices, j: Indices, k: int, asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
        values = self.value(xs, k)
        gap = values[:, i] - values[:, j]
        found = np.sign(gap).astype(np.int8)
        for row, pair in zip(*np.nonzero((np.abs(gap) <= 2 * slack(values[:, i])) & asked), strict=True):
            first, second = (self.exactly(xs[row], int(unit), k) for unit in (i[pair], j[pair]))
            found[row, pair] = (first > second) - (first < second)
        return found

    def crossings(self, i: Indices, j: Indices, apart: float, k: int = 0) -> Floats:
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

    def windows(self, start: float, end: float, lines: Sequence[float] = ()) -> Iterator[Floats]:
        """From `start` on to `end`, the weights between which nothing printed changes, in ever longer parts.

        `lines`: scores that matter where totals are not rounded.
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
            edges = np.concatenate([[low], inside, [high]])
            yield edges if end > start else edges[::-1]
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


def lever(of: Scored, node: Node) -> Lever:
    """Totals and tie-break criteria as functions of a node's weight; only where `not_told` is empty and it has siblings."""
    others = [each for each in of.category.siblings(node) if each.code != node.code]
    whole = sum((each.full for each in others), node.full)
    full = of.full[node.parent] if node.parent else np.full(len(of.units), whole, dtype=object)
    held = [of.keeps[each.code] for each in others]
    beside = sum((_only(each.full, h) for h, each in zip(held, others, strict=True)), ZERO)
    earned = sum((_only(each.full, h) * of.share[each.code] for h, each in zip(held, others, strict=True)), ZERO)
    moves = np.asarray(of.keeps[node.code] & (beside > 0), dtype=bool)
    mine, shrink = of.share[node.code], -1 / (whole - node.full)
    weight = _only(beside + node.full, moves, ONE)
    bend = _only((1 + shrink * beside) / weight, moves)
    gained = full * (mine + shrink * earned) / weight
    level = full * (earned + node.full * mine) / weight

    def moved(code: str | None, points: Array) -> Array:
        """The slope of points that now are `points`."""
        path = of.path[code] if code else ()
        if code is None or code in of.path[node.code][:-1]:
            slope = (points - level) * bend + gained
        elif node.code in path:
            slope = points / node.full
        elif any(each.code in path for each in others):
            slope = points * shrink
        else:
            slope = points * bend
        return _only(slope, moves)

    codes = of.category.tie_break
    at = np.array([of.total, *(of.points[code] for code in codes)], dtype=object)
    slope = np.array([moved(code, points) for code, points in zip((None, *codes), at, strict=True)], dtype=object)
    return Lever(at, slope, bend, of.score, of.decimals, -node.full, whole - node.full)


def _only(values: Any, where: npt.NDArray[np.bool_], elsewhere: Any = ZERO) -> Array:
    """The values where something holds, and nothing elsewhere."""
    return np.asarray(np.where(where, values, elsewhere))
