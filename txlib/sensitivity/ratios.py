"""Two units' totals where weight is redistributed: ratios of the leaves' weights, and changes that take the lead of one away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from txlib.base.numbers import Array, Floats, floats
from txlib.sensitivity.shares import ExactShares

Groups = Sequence[Sequence[int]]
STEPS, PAIRS, HALVINGS = 16, 30, 30
NONE = 1e-11  # a lead that floats do not tell from none
DECIMALS = 12  # of a slope: leaves that count the same do so to the last bit, and the first of them gives or takes
SAME = 1e-9  # changes that differ by a smaller part are equally small: the first found is told, whatever the last bits are
TRACE = 1e-9  # the part of its ruled weight that a leaf without any still has, so that nobody loses a whole branch with it


class Gap(NamedTuple):
    """How far one unit leads the other at some weights, and what a point more on each leaf adds to that."""

    lead: float
    slope: Floats


@dataclass(frozen=True)
class Between:
    """Two units' totals as functions of all the leaves' weights, with what does not apply redistributed as ruled.

    Nodes are all of the tree with its root first. `below`: nodes × leaves, which leaves lie under a node; `up`: nodes × nodes,
    which is the parent; `held`, `share`: 2 × nodes, whether a node keeps its weight, the share attained (of a branch: what is
    ruled where nothing in it applies); `levels`: the branches, lowest first. The kernel's tree gives totals alone; a slope in
    every weight at once takes the same sums as matrices.
    """

    weight: Floats
    below: Floats
    up: Floats
    held: Floats
    share: Floats
    levels: tuple[npt.NDArray[np.intp], ...]
    whole: float
    beside: float

    @classmethod
    def of(cls, of: ExactShares, i: int) -> Between:
        """The units `i` and the next of a scored category."""
        nodes, leaves = of.nodes, of.category.leaves
        at: dict[str | None, int] = {None: 0, **{node.code: k for k, node in enumerate(nodes, 1)}}
        two = slice(i, i + 2)
        below = np.array([[1.0] * len(leaves), *([float(node.code in of.path[leaf.code]) for leaf in leaves] for node in nodes)])
        up = np.zeros((len(nodes) + 1, len(nodes) + 1))
        held, share = np.zeros((2, len(nodes) + 1)), np.zeros((2, len(nodes) + 1))
        depth = np.zeros(len(nodes) + 1, dtype=int)
        for k, node in enumerate(nodes, 1):
            up[k, at[node.parent]], held[:, k], depth[k] = 1.0, of.keeps[node.code][two], node.level
            empty = np.logical_and.reduce([np.array([True, True]), *(~of.keeps[child.code][two] for child in node.children)])
            share[:, k] = np.where(empty, floats(of.share[node.code][two]), 0.0)
        branches = np.array([0, *(k for k, node in enumerate(nodes, 1) if node.children)])
        levels = tuple(branches[depth[branches] == d] for d in range(int(depth.max()), -1, -1) if (depth[branches] == d).any())
        weights = [of.weights[leaf.code] for leaf in leaves]
        found = cls(floats(weights), below, up, held, share, levels, float(sum(weights)), 0.0)
        gap = float(of.total[i] - of.total[i + 1])
        return cls(**{**vars(found), "beside": gap - found.at(found.weight).lead})

    def _nodes(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """At each of some weights, 2 × weights × nodes: each node's weight where kept, one over its children's, its share."""
        mine = self.held[:, None] * _product(np.maximum(weights, TRACE * self.weight), self.below.T)
        whole = _product(mine, self.up)
        over = np.where(whole > 0, 1 / np.where(whole > 0, whole, 1.0), 0.0)
        share = np.repeat(self.share[:, None], len(weights), axis=1)
        for level in self.levels:
            ratio = _product(mine * share, self.up[:, level]) * over[..., level]
            share[..., level] = np.where(over[..., level] > 0, ratio, share[..., level])
        return mine, over, share

    def leads(self, weights: Floats) -> Floats:
        """The lead at each of some weights, weights × leaves."""
        share = self._nodes(weights)[2]
        return np.asarray(self.whole * (share[0, :, 0] - share[1, :, 0]) + self.beside)

    def at(self, weight: Floats) -> Gap:
        """The lead at these weights, and its slope."""
        mine, over, share = (each[:, 0] for each in self._nodes(weight[None]))
        full = np.zeros_like(share)
        full[:, 0] = self.whole
        for level in reversed(self.levels):
            full += _product((full * over)[:, level], self.up[:, level].T) * mine
        slope = _product(self.held * _product(full * over, self.up.T) * (share - _product(share, self.up.T)), self.below)
        return Gap(self.whole * float(share[0, 0] - share[1, 0]) + self.beside, np.round(slope[0] - slope[1], DECIMALS))

    def one_for_one(self, groups: Groups) -> Floats | None:
        """The smallest change found that takes points from one leaf and gives them to one other; None where none is found."""
        slope = self.at(self.weight).slope
        pairs = sorted(((a, b) for group in groups for a in group for b in group if a != b),
                       key=lambda pair: (slope[pair[1]] - slope[pair[0]], pair))[:PAIRS]
        moves = np.zeros((len(pairs), len(slope)))
        for move, (a, b) in zip(moves, pairs, strict=True):
            move[a], move[b] = -self.weight[a], self.weight[a]
        moves = moves[self.leads(self.weight + moves) < 0] if len(moves) else moves
        low, high = np.zeros(len(moves)), np.ones(len(moves))
        for _ in range(HALVINGS if len(moves) else 0):
            middle = (low + high) / 2
            gone = self.leads(self.weight + middle[:, None] * moves) <= 0
            low, high = np.where(gone, low, middle), np.where(gone, middle, high)
        moves *= high[:, None]
        return moves[np.abs(moves).sum(axis=1).argmin()] if len(moves) else None

    def first(self, change: Floats) -> Floats | None:
        """The part of a change, along its line, with which the lead is gone; None where it is not at the end."""
        def lead(part: float) -> float:
            return float(self.leads((self.weight + part * change)[None])[0])

        end = lead(1.0)
        if abs(end) <= NONE:
            return change
        return None if end > 0 else np.asarray(change * float(brentq(lead, 0.0, 1.0, xtol=1e-15)))


def _product(left: Floats, right: Floats) -> Floats:
    """The matrix product, added up in one order on every processor: steps that go on for long tell the last bit of each sum."""
    return np.asarray(np.einsum("...i,ij->...j", left, right))


def sought(between: Between, step: Callable[..., Array | None], groups: Groups, size: Callable[[Floats], float],
           known: Floats | None) -> Floats | None:
    """The smallest change found that takes the lead away, `known` or by steps of a kind that is right for straight totals.

    Steps start from the weights as ruled and from those that are known to do.
    """
    ways = [np.zeros(len(between.weight))] if known is None else [np.zeros(len(between.weight)), known]
    found = [change for way in ways for change in _steps(between, step, groups, between.weight + way)]
    sure = [between.first(known)] if known is not None else []
    changes = [change for change in [*sure, *found] if change is not None]
    enough = min(map(size, changes), default=0.0) * (1 + SAME)
    return next((change for change in changes if size(change) <= enough), None)


def _steps(between: Between, step: Callable[..., Array | None], groups: Groups, weight: Floats) -> Iterator[Floats]:
    """Changes that take the lead away, each from totals straightened where the last ended.

    Where the steps go to and fro between leaves, their mean is tried beside each.
    """
    mean, done = weight * 0, False
    for k in range(STEPS):
        gap = between.at(weight)
        needed = gap.lead + float((gap.slope * (between.weight - weight)).sum())
        straight = step(gap.slope, between.weight, needed, groups) if needed > 0 else None
        if straight is None and done:
            return
        change = _farthest(gap.slope, between.weight, groups) if straight is None else floats(straight)
        mean = mean + (change - mean) * 2 / (k + 2)
        for each in (change, mean) if k else (change,):
            found = between.first(each)
            if found is not None:
                done = True
                yield found
        if np.abs(between.weight + change - weight).max() < 1e-10:
            return
        weight = between.weight + (mean if k % 2 else change)


def _farthest(lead: Floats, weight: Floats, groups: Groups) -> Floats:
    """The change that takes most off Σ lead·weight: everything to the leaf of its group with the least lead."""
    change = -weight
    for group in groups:
        change[min(group, key=lambda j: lead[j])] += weight[list(group)].sum()
    return np.asarray(change)
