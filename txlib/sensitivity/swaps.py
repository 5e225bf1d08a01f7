"""Neighbours in a ranking: the smallest change of the leaves' weights with which the lower one catches up.

Where all leaves keep their weight for both units, totals are linear in the weights and the smallest change has a closed form:
points go from the leaves where the upper unit leads most to the one where it leads least. Where weight is redistributed for
one of them, totals are ratios; a change is then sought by such steps, each on the totals straightened at the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from txlib.base.numbers import Array, Floats, floats
from txlib.rules.category import Node
from txlib.scoring.result import Result
from txlib.sensitivity.ratios import Between, Groups, sought
from txlib.sensitivity.shares import ExactShares, exact_shares

SWAPS = ["above", "above_name", "above_name_en", "below", "below_name", "below_name_en", "gap", "l1", "linf", "from_", "to",
         "possible", "how", "reason"]
TOLERANCE = 1e-12


def smallest_swaps(result: Result, level: Literal["leaf", "within"] = "leaf") -> pd.DataFrame:
    """For each two neighbours in the ranking, the smallest change of leaf weights that makes them equal (columns SWAPS).

    All leaves' weights may change, at least 0, their sum kept (`leaf`), or each branch keeps its points (`within`). Shares
    attained and adjustments stay. `gap`: unrounded totals, above less below; equal unrounded totals are the boundary, any
    more and the lower one overtakes. `l1`: the fewest points to move (half the L1 norm), `from_` and `to` the leaves that
    give and take, as (code, points); `linf`: the least by which the weight that changes most must change. `how`: `proven`,
    no smaller change does; `found` where weight is redistributed for one of the two, so that totals are not linear: the
    change does it, a smaller one may; `not_told`. `possible`: False with `dominated` where no weights do it; `reason`
    otherwise: `level`, equal or the other way before rounding; `not_found`; `roll_up`, `peers_mean`: totals depend on
    weights in another way. No rows for one unit. ValueError for another `level`, and as `exact_shares`.
    """
    if level not in ("leaf", "within"):
        raise ValueError(f"level {level!r}: leaf or within")
    of = exact_shares(result)
    leaves = of.category.leaves
    groups = _groups(leaves, level)
    shares = np.array([of.share[leaf.code] for leaf in leaves], dtype=object)
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


def _pair(of: ExactShares, i: int, lead: Array, linear: bool, groups: Groups) -> dict[str, Any]:
    """What is computed of one pair, the units `i` and the next; `lead`: share attained by leaf, above less below."""
    gap = of.total[i] - of.total[i + 1]
    none = {"l1": np.nan, "linf": np.nan, "from_": (), "to": (), "possible": None}
    if gap <= 0:
        return {**none, "l1": 0.0, "linf": 0.0, "possible": True, "how": "proven", "reason": "level"}
    why = of.not_told([node.code for node in of.nodes if node.children], slice(i, i + 2))
    if why:
        return {**none, "how": "not_told", "reason": why}
    ruled = np.array([of.weights[leaf.code] for leaf in of.category.leaves], dtype=object)
    if linear:
        moved = fewest_points(lead, ruled, gap, groups)
        if moved is None:
            return {**none, "possible": False, "how": "proven", "reason": "dominated"}
        least = least_change(floats(lead), floats(ruled), float(gap), groups)
        return {**_told(of, moved), "linf": _widest(least) if least is not None else np.nan,
                "possible": True, "how": "proven", "reason": ""}
    between = Between.of(of, i)
    one, sizes = between.one_for_one(groups), (_moved, _widest)
    tried = [sought(between, step, groups, size, one) for step, size in zip((fewest_points, least_change), sizes, strict=True)]
    found = [change for change in tried if change is not None]
    if not found:
        return {**none, "how": "found", "reason": "not_found"}
    points, change = (min(found, key=size) for size in sizes)
    return {**_told(of, points), "linf": _widest(change), "possible": True, "how": "found", "reason": ""}


def _moved(change: Array) -> float:
    """Points moved: half the L1 norm."""
    return float(np.abs(change).sum()) / 2


def _widest(change: Array) -> float:
    """The largest change of one weight."""
    return float(np.abs(change).max())


def _told(of: ExactShares, change: Array) -> dict[str, Any]:
    """Points moved, by the leaves that give and take them."""
    moved = [(leaf.code, float(each)) for leaf, each in zip(of.category.leaves, change, strict=True) if abs(each) > TOLERANCE]
    return {"l1": _moved(change), "from_": tuple((code, -each) for code, each in moved if each < 0),
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
    taken = -float((lead * change).sum())
    if taken >= gap:
        return change * (gap / taken)
    for _ in range(10 * len(lead)):
        short = gap + float((lead * change).sum())
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
        slope += float((lead[group] * rise).sum())
    return change, slope
