"""What units attained of the full points at every node, exactly, and the points that this gives them at another weight of a node.

A share attained stays as it is when weights change; so do adjustments. Amounts that a rule states in points thus move in
proportion, and leaf points that are rounded are not rounded again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.numbers import Array
from txlib.rules.category import Category, Node
from txlib.rules.tree import SUMS
from txlib.scoring.kernel import shared_out
from txlib.scoring.points import rounded_totals
from txlib.scoring.result import Result

ZERO: Any = Fraction(0)
ONE: Any = Fraction(1)


@dataclass(frozen=True)
class ExactShares:
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
        return {code: np.where(some, self.points[code], ZERO) / np.where(some, self.full[code], ONE)
                for code, some in self.keeps.items()}

    @cached_property
    def keeps(self) -> dict[str, npt.NDArray[np.bool_]]:
        """By node code, the units for which a node has any weight."""
        return {code: np.asarray(full > 0, dtype=bool) for code, full in self.full.items()}

    @cached_property
    def weights(self) -> dict[str, Fraction]:
        """By node code, what it weighs where those of siblings add up to their parent's, whether or not all are one unit's."""
        found: dict[str, Fraction] = {}
        for node in self.nodes:
            siblings = self.category.siblings(node)
            whole = found[node.parent] if node.parent else sum((self.full[each.code][0] for each in siblings), ZERO)
            found[node.code] = whole * node.full / sum((each.full for each in siblings), ZERO)
        return found

    @cached_property
    def path(self) -> dict[str, tuple[str, ...]]:
        """By node code, the codes from the root down to it."""
        found: dict[str, tuple[str, ...]] = {}
        for node in self.category.nodes:
            found[node.code] = (*(found[node.parent] if node.parent else ()), node.code)
        return found

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All that has a weight: the tree's nodes without adjustments."""
        return tuple(node for node in self.category.nodes if not node.adjusts)

    @cached_property
    def criteria(self) -> Array:
        """What decides the order, criteria × units: unrounded totals, then points that decide between equal scores."""
        return np.array([self.total, *(self.points[code] for code in self.category.tie_break)], dtype=object)

    def not_told(self, branches: Iterable[str], units: slice = slice(None)) -> str:
        """Why totals are no ratio of linear functions of a weight inside branches: `roll_up`, `peers_mean`, or nothing.

        The former also where the total itself is no sum of level 1, or what is found at a branch itself counts within limits;
        the latter where some of the units take their peers' mean at a branch none of whose indicators applies to them.
        """
        inside = [self.category.node(code) for code in branches]
        if self.category.roll_up not in SUMS or any(each.roll_up not in SUMS or each.adjusted_by for each in inside):
            return "roll_up"
        borrowing = [self.keeps[each.code] & ~np.logical_or.reduce([self.keeps[child.code] for child in each.children])
                     for each in inside if each.not_applicable.rule == "peers_mean"]
        return "peers_mean" if any(each[units].any() for each in borrowing) else ""

    def at_weight(self, node: Node, weight: Fraction) -> tuple[Array, Array]:
        """A node's full points and the `criteria` with another weight of it; where all above it are sums and it has siblings.

        Siblings share the rest in proportion to their own weights, so that together they are as one; the full points that a
        unit has there stand for the weights that it holds. Branches above, being sums, gain what node and siblings gain.
        """
        siblings = self.category.siblings(node)
        whole, codes = sum((each.full for each in siblings), ZERO), {each.code for each in siblings}
        full = self.full[node.parent] if node.parent else sum(self.full[each.code] for each in siblings)
        points = self.points[node.parent] if node.parent else sum(self.points[each.code] for each in siblings)
        now = [self.full[node.code], full - self.full[node.code]]
        then = shared_out([now[0] * (weight / node.full), now[1] * ((whole - weight) / (whole - node.full))], (), full)
        mine, theirs = (after / np.where(before > 0, before, ONE) for before, after in zip(now, then, strict=True))
        gain = self.points[node.code] * mine + (points - self.points[node.code]) * theirs - points

        def moved(code: str) -> Any:
            path = self.path[code]
            if code in self.path[node.code][:-1]:
                return self.points[code] + gain
            if node.code in path:
                return self.points[code] * mine
            return self.points[code] * theirs if codes.intersection(path) else self.points[code]

        return then[0], np.array([self.total + gain, *map(moved, self.category.tie_break)], dtype=object)


def exact_shares(result: Result) -> ExactShares:
    """A result's exact points and shares.

    ValueError where points are not a number or nobody is ranked.
    """
    wrong = result.scores.loc[result.scores[["points", "full"]].isna().any(axis=1)]
    if len(wrong):
        raise ValueError(f"points are not a number: {wrong['unit'].iloc[0]}, {wrong['indicator'].iloc[0]}")
    if result.ranking.empty:
        raise ValueError(f"no unit is ranked in {result.category.code}")
    rounding, found, units = result.book.rounding, result.exact, result.ranking["unit"]
    order = pd.Index(result.units["unit"]).get_indexer(pd.Index(units))
    full = {code: np.broadcast_to(np.asarray(each), found.total.shape)[order] for code, each in found.full.items()}
    return ExactShares(result.category, None if rounding.total == "exact" else int(rounding.total), tuple(units),
                       {code: column[order] for code, column in found.points.items()}, full, found.total[order],
                       rounded_totals(found.total[order], rounding))
