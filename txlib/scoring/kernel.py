"""The one model of a tree: full points handed down it, points rolled up it.

Numbers are all `Fraction` (object arrays, exact) or all float64. Arrays have units on the last axis, before it an axis of
samples where there are many; full points that are the same for all units may be one fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from txlib.base.numbers import PRECISION, Array, Bools, constant, floats, from_decimal, is_exact, to_decimal
from txlib.rules.category import Category, Node
from txlib.rules.tree import SUMS, NotApplicable


@dataclass(frozen=True)
class Tree:
    """A category's tree with the units that its leaves apply to.

    `top`: the roots as the children of one branch with the code "". `applies`: by leaf; `own`: by leaf, whose it is at all,
    everybody's where it is not told; `dropped`: a node that is weighed for nobody; `added`: by branch, in fractions, what is
    found at it itself adds for each unit to its children's points, as a part of its full points.
    """

    top: Node
    applies: Mapping[str, Bools]
    own: Mapping[str, Bools]
    dropped: str | None = None
    added: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def of(cls, category: Category, points: Fraction, applies: Bools, own: Bools | None = None,
           added: Mapping[str, Array] | None = None) -> Tree:
        """The tree of a category that gives so many points at most; `applies`, `own`: units × leaves; `added`: Tree's."""
        top = replace(category.roots[0], code="", full=points, level=0, parent=None, children=category.roots, rule=None,
                      roll_up=category.roll_up, decimals=category.decimals, not_applicable=NotApplicable(rule="redistribute"))
        of_leaf = {} if own is None else {leaf.code: own[:, j] for j, leaf in enumerate(category.leaves)}
        return cls(top, {leaf.code: applies[:, j] for j, leaf in enumerate(category.leaves)}, of_leaf, added=added or {})

    @cached_property
    def branches(self) -> list[Node]:
        """The top and all branches, parents before children."""
        return [node for node in self.top.walk() if node.children]

    @cached_property
    def counts(self) -> dict[str, Bools]:
        """By node code, the units for which anything is scored there."""
        found = dict(self.applies)
        for branch in reversed(self.branches):
            found[branch.code] = np.logical_or.reduce([self._held(child, found[child.code]) for child in branch.children])
        return found

    @cached_property
    def held(self) -> dict[str, Bools]:
        """By node code below the top, the units for which it keeps its weight: also where a rule gives points for nothing."""
        return {child.code: self._held(child, self.counts[child.code]) for branch in self.branches for child in branch.children}

    def _held(self, node: Node, there: Bools) -> Bools:
        if node.code == self.dropped:
            return np.zeros_like(there)
        if node.not_applicable.rule == "redistribute":
            return there
        mine = [self.own[each.code] for each in node.walk() if each.code in self.own]
        return np.logical_or.reduce(mine) if mine else np.ones_like(there)

    def handed_down(self, whole: Any, weights: Mapping[str, Any], zero: Array) -> dict[str, Any]:
        """Full points by node code, from `whole` at the top down, in the arithmetic of `zero`; siblings share by `weights`.

        Fractions stay as long as they are the same for all units, also among floats.
        """
        full = {self.top.code: whole}
        for branch in self.branches:
            codes, rest = [child.code for child in branch.children], full[branch.code]
            mine, held = [weights[code] for code in codes], [self.held[code] for code in codes]
            if not (is_exact(zero) or (isinstance(rest, Fraction) and all(h.all() for h in held))):
                mine, rest = [floats(weight) for weight in mine], floats(rest)
            full.update(zip(codes, shared_out(mine, held, rest), strict=True))
        return full

    def rolled_up(self, leaves: Mapping[str, Array], full: Mapping[str, Any], zero: Array,
                  rounding: Callable[[Node, Array], Array], roll_up: str | None = None) -> dict[str, Array]:
        """Points by node code from those of the leaves up, in the shape and arithmetic of `zero`.

        `rounding` rounds a geometric mean of floats; fractions are rounded as the branch says. `roll_up` stands for that of
        every branch and of the top, without a rounding of theirs.
        """
        branches, points = self.branches, dict(leaves)
        if roll_up is not None:
            branches = [replace(branch, roll_up=roll_up, decimals=None) for branch in branches]
        for branch in reversed(branches):
            found = of_children(branch, points, full, zero)
            if branch.roll_up == "geometric" and not is_exact(zero):
                found = rounding(branch, found)
            if line := branch.line:
                points[line.code] = self._beside(branch, found, full[branch.code])
                found = found + points[line.code]
            points[branch.code] = ruled(branch, found, self.counts[branch.code], full[branch.code])
        return points

    def _beside(self, branch: Node, found: Array, full: Any) -> Array:
        """What is found at a branch adds to its children's points, within its limits; nothing where none of these applies."""
        zero, whole = np.zeros_like(found), np.asarray(full, dtype=found.dtype)
        if branch.code not in self.added:
            return zero
        added = self.added[branch.code] if is_exact(found) else floats(self.added[branch.code])
        low, high = (constant(end, found) * whole for end in branch.within)
        return np.where(self.counts[branch.code], np.minimum(np.maximum(found + added * whole, low), high) - found, zero)


def shared_out(weights: Sequence[Any], held: Sequence[Bools], whole: Any) -> list[Any]:
    """Siblings' full points out of their parent's: a weight that a unit does not hold is left to the others, in proportion.

    Fractions or floats; weights and the whole are one number for all units, or arrays that go with `held`. Where `held` is
    empty all is held.
    """
    if not all(h.all() for h in held):
        weights = [np.where(h, weight, weight * 0) for h, weight in zip(held, weights, strict=True)]
    left = sum(weights)
    factor = whole / np.where(left > 0, left, left * 0 + 1)
    return [weight * factor for weight in weights]


def of_children(branch: Node, points: Mapping[str, Array], full: Mapping[str, Any], zero: Array) -> Array:
    """A branch's points from its children's: their sum, or a mean of another kind of the shares that they attain.

    The weights of such a mean are the children's full points. A child without any point makes the harmonic and the
    geometric mean zero.
    """
    parts = [points[child.code] for child in branch.children]
    if branch.roll_up in SUMS:
        return sum(parts, zero)
    weights = np.array([np.broadcast_to(full[child.code], zero.shape) for child in branch.children], dtype=zero.dtype)
    held = np.asarray(weights > 0, dtype=bool)
    one = constant(Fraction(1), zero)
    shares = np.where(held, np.maximum(np.array(parts), zero) / np.where(held, weights, one), one)
    whole = weights.sum(axis=0)
    if branch.roll_up == "minimum":
        return np.asarray(shares.min(axis=0) * whole)
    some = np.asarray((shares > 0).all(axis=0) & (whole > 0), dtype=bool)
    found = zero.copy()
    if branch.roll_up == "harmonic":
        found[some] = whole[some] * whole[some] / (weights[:, some] / shares[:, some]).sum(axis=0)
    elif some.any():
        found[some] = geometric_mean(shares[:, some], weights[:, some], whole[some], branch.decimals or 0)
    return found


def geometric_mean(shares: Array, weights: Array, whole: Array, decimals: int) -> Array:
    """`whole` times the weighted geometric mean of shares above zero, children × units; fractions rounded half up, floats not."""
    if not is_exact(shares):
        return np.asarray(np.exp((weights * np.log(shares)).sum(axis=0) / weights.sum(axis=0)) * whole)
    found = []
    with localcontext(prec=PRECISION):
        for share, weight, points in zip(shares.T, weights.T, whole, strict=True):
            logs = sum((to_decimal(w) * to_decimal(s).ln() for s, w in zip(share, weight, strict=True)), Decimal(0))
            found.append(from_decimal((logs / to_decimal(weight.sum())).exp() * to_decimal(points), decimals))
    return np.array(found, dtype=object)


def ruled(node: Node, points: Array, counts: Bools, full: Any) -> Array:
    """A branch's points, or what is ruled for the units to which nothing in it applies."""
    empty, rule = ~counts, node.not_applicable
    if not empty.any() or rule.rule in ("redistribute", "not_allowed") or (rule.share is None and empty.all()):
        return points
    whole = np.broadcast_to(np.asarray(full, dtype=points.dtype), points.shape)
    share: Any = constant(rule.share, points) if rule.share is not None else None
    if share is None:
        there, one = whole[..., ~empty], constant(Fraction(1), points)
        share = (points[..., ~empty] / np.where(there > 0, there, one)).sum(axis=-1, keepdims=True) / int((~empty).sum())
    points = points.copy()
    points[..., empty] = share * whole[..., empty]
    return points
