"""Neighbours in a ranking: the smallest change of the leaves' weights with which the lower one catches up.

Where all leaves keep their weight for both units, totals are linear in the weights and the smallest change has a closed form:
points go from the leaves where the upper unit leads most to the one where it leads least. Where weight is redistributed for
one of them, totals are ratios; a change is then sought by such steps, each on the totals straightened at the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.exact import Array, floats
from txlib.levers import SUMS, Floats, Scored, scored
from txlib.rulebook import Node
from txlib.scoring import Result

SWAPS = ["above", "above_name", "above_name_en", "below", "below_name", "below_name_en", "gap", "l1", "linf", "from_", "to",
         "possible", "how", "reason"]
Groups = Sequence[Sequence[int]]
STEPS, CUTS, TOLERANCE = 40, 60, 1e-12
NONE = 1e-11  # a lead that floats do not tell from none


def smallest_swaps(result: Result, level: Literal["leaf", "within"] = "leaf") -> pd.DataFrame:
    """For each two neighbours in the ranking, the smallest change of leaf weights that makes them equal (columns SWAPS).

    All leaves' weights may change, at least 0, their sum kept (`leaf`), or each branch keeps its points (`within`). Shares
    attained and adjustments stay. `gap`: unrounded totals, above less below; equal unrounded totals are the boundary, any
    more and the lower one overtakes. `l1`: the fewest points to move (half the L1 norm), `from_` and `to` the leaves that
    give and take, as (code, points); `linf`: the least by which the weight that changes most must change. `how`: `proven`,
    no smaller change does; `found` where weight is redistributed for one of the two, so that totals are not linear: the
    change does it, a smaller one may; `not_told`. `possible`: False with `dominated` where no weights do it; `reason`
    otherwise: `level`, equal or the other way before rounding; `not_found`; `roll_up`, `peers_mean`: totals depend on
    weights in another way. No rows for one unit. ValueError for another `level`, and as `scored` in levers.
    """
    if level not in ("leaf", "within"):
        raise ValueError(f"level {level!r}: leaf or within")
    of = scored(result)
    leaves = of.category.leaves
    groups = _groups(leaves, level)
    shares = np.array([of.share(leaf.code) for leaf in leaves], dtype=object)
    keeps = np.logical_and.reduce([np.asarray(of.full[leaf.code] == leaf.full, dtype=bool) for leaf in leaves])
    name = result.units.set_index("unit")
    rows = []
    for i, (above, below) in enumerate(zip(of.units[:-1], of.units[1:], strict=True)):
        row = {f"{side}{part}": value for side, unit in (("above", above), ("below", below))
               for part, value in (("", unit), ("_name", name.loc[unit, "name"]), ("_name_en", name.loc[unit, "name_en"]))}
        found = _pair(of, i, shares[:, i] - shares[:, i + 1], bool(keeps[i] and keeps[i + 1]), groups)
        rows.append({**row, "gap": float(of.total[i] - of.total[i + 1]), **found})
    return pd.DataFrame(rows, columns=SWAPS).astype({"possible": "boolean"})


def _groups(leaves: Sequence[Node], level: str) -> Groups:
    """Positions of the leaves among which points may move."""
    if level == "leaf":
        return [range(len(leaves))]
    parents = dict.fromkeys(leaf.parent for leaf in leaves)
    return [[j for j, leaf in enumerate(leaves) if leaf.parent == parent] for parent in parents]


def _pair(of: Scored, i: int, lead: Array, linear: bool, groups: Groups) -> dict[str, Any]:
    """What is computed of one pair, the units `i` and the next; `lead`: share attained by leaf, above less below."""
    gap = of.total[i] - of.total[i + 1]
    none = {"l1": np.nan, "linf": np.nan, "from_": (), "to": (), "possible": None}
    if gap <= 0:
        return {**none, "l1": 0.0, "linf": 0.0, "possible": True, "how": "proven", "reason": "level"}
    why = _not_told(of, i)
    if why:
        return {**none, "how": "not_told", "reason": why}
    ruled = np.array([leaf.full for leaf in of.category.leaves], dtype=object)
    if linear:
        moved = fewest_points(lead, ruled, gap, groups)
        if moved is None:
            return {**none, "possible": False, "how": "proven", "reason": "dominated"}
        least = least_change(floats(lead), floats(ruled), float(gap), groups)
        return {**_told(of, moved), "linf": float(np.abs(least).max()) if least is not None else np.nan,
                "possible": True, "how": "proven", "reason": ""}
    between = Between.of(of, i)
    points = _sought(between, fewest_points, groups, lambda change: float(np.abs(change).sum()))
    change = _sought(between, least_change, groups, lambda change: float(np.abs(change).max()))
    if points is None or change is None:
        return {**none, "how": "found", "reason": "not_found"}
    return {**_told(of, points), "linf": float(np.abs(change).max()), "possible": True, "how": "found", "reason": ""}


def _not_told(of: Scored, i: int) -> str:
    branches = [node for node in of.category.nodes if node.children]
    if any(branch.roll_up not in SUMS for branch in branches):
        return "roll_up"
    return "peers_mean" if any(of.borrows(branch, slice(i, i + 2)) for branch in branches) else ""


def _told(of: Scored, change: Array) -> dict[str, Any]:
    """Points moved, by the leaves that give and take them."""
    moved = [(leaf.code, float(each)) for leaf, each in zip(of.category.leaves, change, strict=True) if abs(each) > TOLERANCE]
    return {"l1": float(np.abs(change).sum()) / 2, "from_": tuple((code, -each) for code, each in moved if each < 0),
            "to": tuple((code, each) for code, each in moved if each > 0)}


# ── linear totals ───────────────────────────────────────────────────────────────────────────────────────────────────


def fewest_points(lead: Array, weight: Array, gap: Any, groups: Groups) -> Array | None:
    """The change of weights that takes `gap` off Σ lead·weight and moves the fewest points; None where none does.

    A point moved from a leaf to the one of its group with the least lead takes off the difference: those that take off most
    go first, each as far as its weight goes. Exact on Fractions.
    """
    least = [min(group, key=lambda j: lead[j]) for group in groups]
    rates = sorted(((lead[j] - lead[to], j, to) for group, to in zip(groups, least, strict=True) for j in group),
                   key=lambda each: (-each[0], each[1]))
    change, left = weight * 0, gap
    for rate, j, to in rates:
        if left <= 0 or rate <= 0:
            break
        points = min(weight[j], left / rate)
        change[j] -= points
        change[to] += points
        left -= points * rate if points < left / rate else left
    return change if left <= 0 else None


def least_change(lead: Floats, weight: Floats, gap: float, groups: Groups) -> Floats | None:
    """The change of weights that takes `gap` off Σ lead·weight with no weight changed by more than need be; None where none does.

    What can be taken off if no weight changes by more than r is concave in r and made of straight pieces: Newton's steps from
    below reach the least r that suffices.
    """
    if fewest_points(lead, weight, gap * (1 - 1e-13), groups) is None:
        return None
    ordered = [np.array(sorted(group, key=lambda j: (lead[j], j))) for group in groups]
    most, r = float(weight.sum()), float(weight.min()) / 2
    change, slope = _within(lead, weight, r, ordered)
    if -float(lead @ change) >= gap:
        return change * (gap / -float(lead @ change))
    for _ in range(10 * len(lead)):
        short = gap + float(lead @ change)
        if short <= TOLERANCE * gap or slope >= 0 or r >= most:
            break
        r = min(r - short / slope, most)
        change, slope = _within(lead, weight, r, ordered)
    return change


def _within(lead: Floats, weight: Floats, r: float, ordered: Sequence[npt.NDArray[np.intp]]) -> tuple[Floats, float]:
    """The change that takes most off while no weight changes by more than `r`; by how much more it would for a larger r."""
    change, slope = np.zeros(len(lead)), 0.0
    for group in ordered:
        give, moves = np.minimum(r, weight[group]), (r < weight[group]).astype(np.float64)
        room = np.cumsum(r + give)
        full = room <= give.sum()
        k = int(full.sum())
        own, rise = np.where(full, r, -give), np.where(full, 1.0, -moves)
        if k < len(group):
            own[k] = rise[k] = 0.0
            own[k], rise[k] = -own.sum(), -rise.sum()
        change[group] = own
        slope += float(lead[group] @ rise)
    return change, slope


# ── totals that are ratios ──────────────────────────────────────────────────────────────────────────────────────────


class Gap(NamedTuple):
    """How far one unit leads the other at some weights, and what a point more on each leaf adds to that."""

    lead: float
    slope: Floats


@dataclass(frozen=True)
class Between:
    """Two units' totals as functions of all the leaves' weights, with what does not apply redistributed as ruled.

    Nodes are all of the tree with its root first. `below`: nodes × leaves, which leaves lie under a node; `up`: nodes × nodes,
    which is the parent; `held`, `share`: 2 × nodes, whether a node keeps its weight, the share attained (of a branch: what is
    ruled where nothing in it applies); `levels`: the branches, lowest first.
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
    def of(cls, of: Scored, i: int) -> Between:
        """The units `i` and the next of a scored category."""
        nodes = [node for node in of.category.nodes if node.code not in {each.code for each in of.category.adjustments}]
        leaves = of.category.leaves
        at: dict[str | None, int] = {None: 0, **{node.code: k for k, node in enumerate(nodes, 1)}}
        two = slice(i, i + 2)
        below = np.array([[1.0] * len(leaves), *([float(node.code in of.path[leaf.code]) for leaf in leaves] for node in nodes)])
        up = np.zeros((len(nodes) + 1, len(nodes) + 1))
        held, share = np.zeros((2, len(nodes) + 1)), np.zeros((2, len(nodes) + 1))
        depth = np.zeros(len(nodes) + 1, dtype=int)
        for k, node in enumerate(nodes, 1):
            up[k, at[node.parent]], held[:, k], depth[k] = 1.0, of.keeps(node)[two], node.level
            empty = np.logical_and.reduce([np.array([True, True]), *(~of.keeps(child)[two] for child in node.children)])
            share[:, k] = np.where(empty, floats(of.share(node.code)[two]), 0.0)
        branches = np.array([0, *(k for k, node in enumerate(nodes, 1) if node.children)])
        levels = tuple(branches[depth[branches] == d] for d in range(int(depth.max()), -1, -1) if (depth[branches] == d).any())
        whole = float(sum(leaf.full for leaf in leaves))
        found = cls(floats([leaf.full for leaf in leaves]), below, up, held, share, levels, whole, 0.0)
        gap = float(of.total[i] - of.total[i + 1])
        return cls(**{**vars(found), "beside": gap - found.at(found.weight).lead})

    def at(self, weight: Floats) -> Gap:
        """The gap at these weights, and its slope."""
        mine = self.held * (self.below @ weight)
        whole = mine @ self.up
        some = whole > 0
        safe, share = np.where(some, whole, 1.0), self.share.copy()
        for level in self.levels:
            ratio = (mine * share) @ self.up[:, level] / safe[:, level]
            share[:, level] = np.where(some[:, level], ratio, self.share[:, level])
        full = np.zeros_like(share)
        full[:, 0] = self.whole
        for level in reversed(self.levels):
            full += ((full * some / safe)[:, level] @ self.up[:, level].T) * mine
        gain = self.held * ((full * some / safe) @ self.up.T) * (share - share @ self.up.T)
        slope = gain @ self.below
        lead = self.whole * (share[0, 0] - share[1, 0]) + self.beside
        return Gap(float(lead), np.asarray(slope[0] - slope[1]))

    def first(self, change: Floats) -> Floats | None:
        """The first part of a change, along its line, at which the lead is gone; None where it is not by the end."""
        parts = np.linspace(0.0, 1.0, 9)[1:]
        hit = next((part for part in parts if self.at(self.weight + part * change).lead <= NONE), None)
        if hit is None:
            return None
        low, high = hit - parts[0], hit
        for _ in range(CUTS):
            middle = (low + high) / 2
            low, high = (low, middle) if self.at(self.weight + middle * change).lead <= NONE else (middle, high)
        return np.asarray(high * change)


def _sought(between: Between, step: Callable[..., Array | None], groups: Groups,
            size: Callable[[Floats], float]) -> Floats | None:
    """The smallest change found that takes the lead away: steps on the totals straightened where the last one ended."""
    best: Floats | None = None
    weight = between.weight
    for _ in range(STEPS):
        gap = between.at(weight)
        needed = gap.lead + float(gap.slope @ (between.weight - weight))
        straight = step(gap.slope, between.weight, needed, groups) if needed > 0 else None
        if straight is None and best is not None:
            break
        change = _farthest(gap.slope, between.weight, groups) if straight is None else floats(straight)
        found = between.first(change)
        if found is not None and (best is None or size(found) < size(best)):
            best = found
        weight, before = between.weight + (change if straight is not None or found is None else found), weight
        if np.abs(weight - before).max() < 1e-10:
            break
    return best


def _farthest(lead: Floats, weight: Floats, groups: Groups) -> Floats:
    """The change that takes most off Σ lead·weight: everything to the leaf of its group with the least lead."""
    change = -weight
    for group in groups:
        change[min(group, key=lambda j: lead[j])] += weight[list(group)].sum()
    return np.asarray(change)
