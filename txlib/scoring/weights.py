"""A category's tree as arrays: what each unit attained at each leaf, and what becomes of weight that does not apply.

A leaf's share attained, points out of full points, stays as it is when its weight changes, as it does when weight is
redistributed. Weights are parts of the tree's points, one a leaf, adding up to 1 before what does not apply is redistributed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.numbers import Bools, Floats, floats
from txlib.rules.book import Node
from txlib.rules.tree import SUMS, Rounding, Tiers
from txlib.scoring.points import kept

LIKE_EXACT = 9  # decimals that stand for "not rounded": floats that differ by less count as equal


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
    leaves: npt.NDArray[np.intp]
    ratios: tuple[tuple[slice, npt.NDArray[np.intp]], ...]


@dataclass(frozen=True)
class WeighedTree:
    """A category's totals as a function of weights.

    `share`: units × leaves, points attained out of full points, 0 where a leaf carries no weight. `weight`: one a leaf,
    as ruled. `effective`: units × leaves, the same after what does not apply was redistributed. `added`: a unit's points
    from adjustments. `points`: what the tree gives at most. `held`, `counts`: by node code, the units for which a node
    keeps its weight, and those that have anything scored there. Units and leaves stand in the order of the result.
    """

    units: pd.DataFrame = field(repr=False)
    leaves: tuple[str, ...]
    share: Floats = field(repr=False)
    weight: Floats = field(repr=False)
    effective: Floats = field(repr=False)
    added: Floats = field(repr=False)
    points: float
    tree: Node = field(repr=False)
    groups: tuple[Siblings, ...] = field(repr=False)
    held: Mapping[str, Bools] = field(repr=False)
    counts: Mapping[str, Bools] = field(repr=False)
    rounding: Rounding = field(repr=False)
    ties: str
    tie_break: tuple[str, ...] = ()
    adjusted: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    tiers: Tiers | None = field(default=None, repr=False)
    vetoed: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool), repr=False)

    @property
    def decimals(self) -> int:
        """The decimals that totals are rounded to."""
        return LIKE_EXACT if self.rounding.total == "exact" else self.rounding.total

    @cached_property
    def linear(self) -> bool:
        """Whether a total is a weighted sum of shares that do not depend on the weights."""
        ruled = any(bool((self.held[g.node.code] & ~self.counts[g.node.code]).any()) for g in self.groups[1:])
        return self.rounding.leaf == "exact" and not ruled and all(g.node.roll_up in SUMS for g in self.groups)

    @cached_property
    def carried(self) -> Bools:
        """Units × leaves: where a leaf and all branches above it keep their weight."""
        held = np.column_stack([self.held[leaf] for leaf in self.leaves])
        for group in self.groups[1:]:
            held[:, slice(group.below[0].start, group.below[-1].stop)] &= self.held[group.node.code][:, None]
        return held

    @cached_property
    def lost(self) -> tuple[Lost, ...]:
        """The leaves that take over the weight of others, unit by unit."""
        return tuple(each for i in range(len(self.units)) for each in _lost(self, i))

    def below(self, code: str) -> slice:
        """The leaves at or below a node."""
        for group in self.groups:
            for child, leaves in zip(group.node.children, group.below, strict=True):
                if child.code == code:
                    return leaves
        raise KeyError(code)


def groups_of(tree: Node) -> Iterator[Siblings]:
    """The tree and its branches from the top down, a level at a time."""
    start, queue = {tree.code: 0}, [tree]
    while queue:
        node = queue.pop(0)
        at, below = start[node.code], []
        for child in node.children:
            count = sum(each.rule is not None for each in child.walk())
            below.append(slice(at, at + count))
            start[child.code], at = at, at + count
        weights = floats([float(child.full) for child in node.children])
        yield Siblings(node, tuple(below), weights / weights.sum())
        queue += [child for child in node.children if child.children]


def nominal(groups: Sequence[Siblings], leaves: int) -> Floats:
    """The ruled weights of the leaves, adding up to 1."""
    weight = np.ones(leaves)
    for group in groups:
        for leaves_below, each in zip(group.below, group.weight, strict=True):
            weight[leaves_below] *= each
    return weight


def masked(m: WeighedTree, applies: Bools, dropped: str | None = None) -> WeighedTree:
    """The same model where leaves apply as told (units × leaves) and the node `dropped` is weighed for nobody."""
    leaves = {code: applies[:, j] for j, code in enumerate(m.leaves)}
    counts, held = kept([group.node for group in m.groups], leaves, dropped)
    return replace(m, held={**held, m.tree.code: counts[m.tree.code]}, counts=counts)


def _lost(m: WeighedTree, unit: int) -> Iterator[Lost]:
    """One unit's leaves by the branches above them that pass on weight."""
    ratios: dict[str, tuple[tuple[slice, npt.NDArray[np.intp]], ...]] = {m.tree.code: ()}
    for group in m.groups:
        if group.node.code not in ratios:
            continue
        kept = [bool(m.held[child.code][unit]) for child in group.node.children]
        mine = ratios[group.node.code]
        if any(kept) and not all(kept):
            every = slice(group.below[0].start, group.below[-1].stop)
            mine = (*mine, (every, _indices([b for b, k in zip(group.below, kept, strict=True) if k])))
        leaves = []
        for child, below, there in zip(group.node.children, group.below, kept, strict=True):
            if there and child.children:
                ratios[child.code] = mine
            elif there:
                leaves.append(below)
        if mine and leaves:
            yield Lost(unit, _indices(leaves), mine)


def _indices(runs: Sequence[slice]) -> npt.NDArray[np.intp]:
    return np.concatenate([np.arange(run.start, run.stop) for run in runs])
