"""A category's totals as a function of weights: what each unit attained at each leaf, weighed anew, many samples at once.

A leaf's share attained, points out of full points, stays as it is when its weight changes, as it does when weight is
redistributed. Weights are parts of the tree's points, one a leaf, adding up to 1 before what does not apply is redistributed.
Where all roll-ups are sums a total is a product of matrices, put right where weight is passed on; else the tree is walked
for all samples together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from txlib.base.numbers import Bools, Floats, Half, Positions, floats, rounded
from txlib.rules.category import Node
from txlib.rules.tree import SUMS
from txlib.rules.year import Rounding, Tiers
from txlib.scoring.kernel import Tree
from txlib.scoring.result import Result

LeafShares = Callable[[int], Floats]

LIKE_EXACT = 9  # decimals that stand for "not rounded": floats that differ by less count as equal
BLOCK = 64
_MORE = 13  # decimals of a geometric mean before it is rounded as ruled, or where nothing is ruled: what a float of points holds
_ONE_THREAD = 2**18  # multiplications below which OpenBLAS does not split a product among threads


class Siblings(NamedTuple):
    """A branch, or the whole tree: the leaves below each child (a run of them), and the siblings' weights, adding up to 1."""

    node: Node
    below: tuple[slice, ...]
    weight: Floats


class Lost(NamedTuple):
    """Some leaves of one unit that take over the weight of what does not apply: in each of `ratios` all the leaves'
    weight over the held ones'.
    """

    unit: int
    leaves: Positions
    ratios: tuple[tuple[slice, Positions], ...]


@dataclass(frozen=True)
class WeighedTree:
    """A category's totals as a function of weights.

    `share`: units × leaves, points attained out of full points, 0 where a leaf carries no weight. `effective`: units × leaves,
    the ruled weights after what does not apply was redistributed. `added`: a unit's points from adjustments, by code in
    `adjusted`. Units and leaves stand in the order of the result.
    """

    units: pd.DataFrame = field(repr=False)
    tree: Tree = field(repr=False)
    share: Floats = field(repr=False)
    effective: Floats = field(repr=False)
    added: Floats = field(repr=False)
    rounding: Rounding = field(repr=False)
    ties: str
    tie_break: tuple[str, ...] = ()
    adjusted: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    tiers: Tiers | None = field(default=None, repr=False)
    vetoed: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool), repr=False)

    @property
    def moved_past(self) -> Bools | None:
        """The units under a veto, where the next move up into the places that they leave."""
        ruled = self.tiers.vetoes if self.tiers else None
        return self.vetoed if ruled is not None and ruled.filling == "next" and self.vetoed.any() else None

    @property
    def decimals(self) -> int:
        """The decimals that totals are rounded to."""
        return LIKE_EXACT if self.rounding.total == "exact" else self.rounding.total

    @cached_property
    def points(self) -> float:
        """What the tree gives at most."""
        return float(self.tree.top.full)

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The leaves' codes."""
        return tuple(self.tree.applies)

    @cached_property
    def below(self) -> dict[str, slice]:
        """The leaves at or below each node, by its code."""
        at = {code: slice(j, j + 1) for j, code in enumerate(self.leaves)}
        for branch in reversed(self.tree.branches):
            at[branch.code] = slice(at[branch.children[0].code].start, at[branch.children[-1].code].stop)
        return at

    @cached_property
    def groups(self) -> tuple[Siblings, ...]:
        """The tree and its branches from the top down, a level at a time."""
        return tuple(self._siblings(branch) for branch in sorted(self.tree.branches, key=lambda branch: branch.level))

    def _siblings(self, branch: Node) -> Siblings:
        weights = floats([float(child.full) for child in branch.children])
        return Siblings(branch, tuple(self.below[child.code] for child in branch.children), weights / weights.sum())

    @cached_property
    def weight(self) -> Floats:
        """The ruled weights of the leaves."""
        return nominal(self.groups, len(self.leaves))

    @cached_property
    def linear(self) -> bool:
        """Whether a total is a weighted sum of shares that do not depend on the weights."""
        branches, held, counts = self.tree.branches, self.tree.held, self.tree.counts
        ruled = any((held[branch.code] & ~counts[branch.code]).any() for branch in branches[1:])
        plain = not self.tree.added and all(branch.roll_up in SUMS for branch in branches)
        return self.rounding.leaf == "exact" and not ruled and plain

    @cached_property
    def carried(self) -> Bools:
        """Units × leaves: where a leaf and all branches above it keep their weight."""
        held = np.column_stack([self.tree.held[leaf] for leaf in self.leaves])
        for branch in self.tree.branches[1:]:
            held[:, self.below[branch.code]] &= self.tree.held[branch.code][:, None]
        return held

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """The leaves that take over the weight of others, unit by unit."""
        return tuple(each for i in range(len(self.units)) for each in _lost(self, i))


def nominal(groups: Sequence[Siblings], leaves: int) -> Floats:
    """The ruled weights of the leaves, adding up to 1."""
    weight = np.ones(leaves)
    for group in groups:
        for leaves_below, each in zip(group.below, group.weight, strict=True):
            weight[leaves_below] *= each
    return weight


def _lost(m: WeighedTree, unit: int) -> Iterator[Lost]:
    """One unit's leaves by the branches above them that pass on weight."""
    ratios: dict[str, tuple[tuple[slice, Positions], ...]] = {m.tree.top.code: ()}
    for group in m.groups:
        code = group.node.code
        if code not in ratios:
            continue
        held = [child for child in group.node.children if m.tree.held[child.code][unit]]
        if 0 < len(held) < len(group.node.children):
            ratios[code] = (*ratios[code], (m.below[code], _indices([m.below[child.code] for child in held])))
        ratios |= {child.code: ratios[code] for child in held if child.children}
        leaves = [m.below[child.code] for child in held if not child.children]
        if ratios[code] and leaves:
            yield Lost(unit, _indices(leaves), ratios[code])


def _indices(runs: Sequence[slice]) -> Positions:
    return np.concatenate([np.arange(run.start, run.stop) for run in runs])


def model(result: Result) -> WeighedTree:
    """The arrays behind a result; at the ruled weights they give its scores again, exactly once rounded.

    ValueError where a score is not a number, or where the arrays do not give the scores back.
    """
    head, n, computed, book = result.category, len(result.units), result.points, result.book
    points = np.column_stack([floats(computed.points[leaf.code]) for leaf in head.leaves])
    effective = np.column_stack([np.broadcast_to(floats(computed.full[leaf.code]), n) for leaf in head.leaves])
    unknown = np.argwhere(~np.isfinite(points) | ~np.isfinite(effective))
    if len(unknown):
        unit, leaf = unknown[0]
        raise ValueError(f"{result.units['unit'].iloc[unit]}, {head.leaves[leaf].code}: the points are not a number")
    some = effective > 0
    share = np.where(some, points, 0.0) / np.where(some, effective, 1.0)
    adjusted = {node.code: floats(computed.points[node.code]) for node in head.adjusting}
    tree = result.handed.tree(head, head.total)
    found = WeighedTree(
        result.units, tree, share, effective / float(tree.top.full), np.sum([*adjusted.values(), np.zeros(n)], axis=0),
        book.rounding, book.ties, head.tie_break, adjusted, book.tiers, result.units["unit"].isin(result.vetoed).to_numpy())
    scores = result.ranking.set_index("unit")["score"].reindex(result.units["unit"]).to_numpy(dtype=np.float64)
    differs = np.flatnonzero(np.abs(whole_numbers(totals(found, found.weight)[0], found) - scores * 10.0**found.decimals) > 0.5)
    if len(differs):
        raise ValueError(f"{result.units['unit'].iloc[differs[0]]}: the points do not add up to the score")
    return found


# ── totals ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def totals(m: WeighedTree, weights: Any) -> Floats:
    """Unrounded totals, samples × units, at other weights: samples × leaves (or one row), in any unit of measure.

    ValueError where a weight is negative or not a number, or where all of a sample are zero.
    """
    rows = np.atleast_2d(floats(weights))
    if rows.shape[1] != len(m.leaves):
        raise ValueError(f"{rows.shape[1]} weights for {len(m.leaves)} leaves")
    for j, leaf in enumerate(m.leaves):
        if not (np.isfinite(rows[:, j]) & (rows[:, j] >= 0)).all():
            raise ValueError(f"the weight of {leaf} is negative or not a number")
    if (rows.sum(axis=1) == 0).any():
        raise ValueError("all weights are zero")
    step = max(BLOCK, rows_for(m))
    columns = (rows / rows.sum(axis=1, keepdims=True)).T
    return np.concatenate([weighed(m, np.ascontiguousarray(columns[:, i:i + step])) for i in range(0, len(rows), step)])


def rows_for(m: WeighedTree, *, walked: bool = False) -> int:
    """How many samples make a chunk: a few thousand, less where units, leaves or (`walked`) branches are many."""
    cells = max(len(m.units), len(m.leaves)) if m.linear and not walked else len(m.units) * len(m.tree.counts) // 4
    return max(BLOCK, min(4096, 2**18 // max(1, cells)) // BLOCK * BLOCK)


def weighed(m: WeighedTree, columns: Floats) -> Floats:
    """Unrounded totals, samples × units, at weights that add up to 1, leaves × samples."""
    if m.linear:
        found = _linear(m, columns, m.share * m.points)
        return found + m.added if m.added.any() else found
    points = branch_points(m, columns, lambda j: m.share[:, j])
    return np.asarray(points[m.tree.top.code] + m.added)


def points_at(m: WeighedTree, columns: Floats, codes: Sequence[str], shares: LeafShares | None = None) -> list[Floats]:
    """Points of every unit at some nodes, samples × units; an adjustment's are the same in every sample."""
    inside = [code for code in codes if code not in m.adjusted]
    if m.linear and shares is None:
        tree = {code: _linear(m, columns, _only(m.share, m.below[code]) * m.points) for code in inside}
    else:
        points = branch_points(m, columns, shares or (lambda j: m.share[:, j]))
        tree = {code: points[code] for code in inside}
    shape = columns.shape[1], len(m.units)
    return [np.broadcast_to(m.adjusted[code], shape) if code in m.adjusted else tree[code] for code in codes]


def _only(share: Floats, leaves: slice) -> Floats:
    part = np.zeros_like(share)
    part[:, leaves] = share[:, leaves]
    return part


def _linear(m: WeighedTree, columns: Floats, share: Floats) -> Floats:
    """Weighted sums of shares, samples × units, with the weight of what does not apply passed on within each branch."""
    found = product(columns, np.ascontiguousarray((share * m.carried).T))
    for unit, leaves, ratios in m.lost:
        factor = np.ones(columns.shape[1])
        for every, kept in ratios:
            left = columns[kept].sum(axis=0)
            factor *= np.divide(columns[every].sum(axis=0), left, out=np.zeros_like(left), where=left > 0)
        factor -= 1.0
        found[:, unit] += np.einsum("ls,l->s", columns[leaves], share[unit, leaves]) * factor
    return found


def product(columns: Floats, table: Floats) -> Floats:
    """columns.T @ table in blocks that a BLAS does not split among threads: the same bits on any number of them."""
    leaves, samples = columns.shape
    more = -samples % BLOCK
    if more:
        columns = np.concatenate([columns, np.zeros((leaves, more))], axis=1)
    blocks = columns.reshape(leaves, -1, BLOCK).transpose(1, 2, 0)
    found = np.empty((blocks.shape[0], BLOCK, table.shape[1]))
    width = max(1, _ONE_THREAD // (BLOCK * leaves))
    for start in range(0, table.shape[1], width):
        part = slice(start, start + width)
        np.matmul(blocks, table[:, part], out=found[:, :, part])
    return found.reshape(-1, table.shape[1])[:samples]


def branch_points(m: WeighedTree, columns: Floats, shares: LeafShares, roll_up: str | None = None) -> dict[str, Floats]:
    """Points at every node by code, samples × units, the tree's own under "", whatever the roll-ups and roundings ruled.

    `shares(j)` is what the units attained at leaf j, one number a unit or samples × units; `roll_up` stands for that of
    every branch and of the tree.
    """
    zero = np.zeros((columns.shape[1], len(m.units)))
    weights = {code: columns[below].sum(axis=0)[:, None] for code, below in m.below.items()}
    full = m.tree.handed_down(np.full((columns.shape[1], 1), m.points), weights, zero)
    leaves = {}
    for j, leaf in enumerate(m.leaves):
        attained = shares(j) * full[leaf] + zero
        leaves[leaf] = attained if m.rounding.leaf == "exact" else _rounded(attained, m.rounding.leaf, m.rounding.half)

    def mean(branch: Node, found: Floats) -> Floats:
        found = rounded(found, _MORE)
        return found if branch.decimals is None else _rounded(found, branch.decimals, "up")

    return m.tree.rolled_up(leaves, full, zero, mean, roll_up)


# ── rounding ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _rounded(x: Floats, decimals: int, half: Half) -> Floats:
    return _whole(x.copy(), decimals, half) / 10.0**decimals


def whole_numbers(scores: Floats, m: WeighedTree) -> Floats:
    """Totals as whole numbers of the last decimal kept, rounded as ruled, in place."""
    return _whole(scores, m.decimals, m.rounding.half)


def _whole(x: Floats, decimals: int, half: Half) -> Floats:
    """Whole numbers of the last decimal, in place; what lies within the error bound of a half counts as that half."""
    near = max(1e-8, 10.0 ** (decimals - 12))
    x *= 10.0**decimals
    if half == "even":
        middle = np.floor(x) + 0.5
        return np.rint(np.where(np.abs(x - middle) <= near, middle, x), out=x)
    sign = np.sign(x) if x.size and x.min() < 0 else None
    if sign is not None:
        np.abs(x, out=x)
    x += 0.5 + near
    np.floor(x, out=x)
    if sign is not None:
        x *= sign
    return x
