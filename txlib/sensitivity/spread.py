"""How much of the differences between units each indicator carries, beside what it weighs.

Told apart are the points lost: what an indicator gives less its full points for that unit. Full points add up to the same
total for every unit, so the totals differ by what is lost alone. Points themselves would also tell who was exempt: nothing
where an indicator does not apply to a unit, and its weight elsewhere.

With few units and many leaves chance alone gives odd shares: they stand beside the range that chance gives, and only what
repeats over the years at hand is flagged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from txlib.base.numbers import Floats, places
from txlib.rules.category import Node
from txlib.scoring.result import Result

SPREAD = ["indicator", "parent", "level", "name", "name_en", "weight", "share", "low", "high", "leans", "years", "repeats",
          "without_spread", "correlation_ratio"]
LOW, HIGH = 0.05, 0.95
ENOUGH_UNITS = 30
WHOLE = ""  # the tree, among the codes of its nodes
_CELLS, _TINY = 2**20, 1e-9


@dataclass(frozen=True)
class _Columns:
    """A result as columns by code, the parts that add up to the total, the parts below each node.

    `lost`: points less full points, no more than 0 but for a mark above full marks; an adjustment's points as they are.
    """

    points: Mapping[str, Floats]
    full: Mapping[str, Floats]
    lost: Mapping[str, Floats]
    parts: tuple[str, ...]
    below: Mapping[str, tuple[int, ...]]


def share_of_spread(result: Result, others: Sequence[Result] = (), *, permutations: int = 1000,
                    seed: int = 2020) -> pd.DataFrame:
    """What each leaf, branch and adjustment carries of the variance of the totals (SPREAD), one row a node.

    `share`: the covariance of the points lost there, of an adjustment's points, with the unrounded total over the total's
    variance: a unit that an indicator does not apply to loses nothing there. Leaves and adjustments add up to 1, a branch is
    the sum of its children; NaN below a branch, or a whole tree, whose points are no sum, and where all totals are equal.
    `weight`: the part of the tree's points, NaN for adjustments. `low`, `high`: 5% and 95% of the shares when the parts of
    full points that units lost are dealt out anew, leaf by leaf, among the units that it applies to. `leans`: "less" or "more"
    where the weight lies above or below all of that range and the share on the same side; `repeats`: the same in this and all
    `others` (the category's results of other years) that know the code, `years` in all, two at least. `without_spread`: "full"
    where everyone has the full points, "level" where everyone has the same part of them, "exempt" where everyone has the full
    points of what the rule-book calls a bottom line, or of a branch of such leaves alone. `correlation_ratio`: the part of the
    variance that the leaf explains, however bent (Kelley's epsilon squared over some √n groups of the points lost there), NaN
    with fewer than 30 units. ValueError for one unit, or without permutations.
    """
    if permutations < 1:
        raise ValueError(f"permutations must be at least 1, not {permutations}")
    mine, *rest = (_year(each, permutations, seed) for each in (result, *others))
    tendencies = [each.set_index("indicator")["leans"] for each in rest]
    found = [[year[code] for year in tendencies if code in year.index] for code in mine["indicator"]]
    mine["years"] = [1 + len(each) for each in found]
    mine["repeats"] = [leans != "" and set(each) == {leans} for each, leans in zip(found, mine["leans"], strict=True)]
    return mine[SPREAD]


def _year(result: Result, permutations: int, seed: int) -> pd.DataFrame:
    """The columns of one result."""
    if len(result.units) < 2:
        raise ValueError("one unit alone has no spread")
    head, c = result.category, _columns(result)
    rows = [node.code for node in head.nodes]
    parts = np.column_stack([c.lost[code] for code in c.parts])
    whole = float(head.total)
    member = np.array([[k in c.below[code] for k in range(len(c.parts))] for code in rows], dtype=float)
    branches = np.array([bool(c.below[code]) for code in rows])
    chance = _by_chance(c, permutations, seed) @ member.T
    weight = np.array([np.nan if node.adjusts else float(node.full) / whole for node in head.nodes])
    share, low, high = (np.where(branches, x, np.nan) for x in (
        _shares(parts[None])[0] @ member.T, np.quantile(chance, LOW, axis=0), np.quantile(chance, HIGH, axis=0)))
    less, more = (weight > high) & (share < weight), (weight < low) & (share > weight)
    total = parts.sum(axis=1)
    found = pd.DataFrame([{
        "indicator": node.code, "parent": node.parent or "", "level": node.level, "name": node.name.zh, "name_en": node.name.en,
        "without_spread": _level(node, c), "correlation_ratio": np.nan if node.children else _ratio(c.lost[node.code], total),
    } for node in head.nodes])
    leans = np.where(less, "less", np.where(more, "more", "")).astype(object)
    return found.assign(weight=weight, share=share, low=low, high=high, leans=leans)


def _columns(result: Result) -> _Columns:
    """The parts are the leaves and adjustments, but for a branch whose points are not the sum of its children's: that branch,

    or the whole tree (WHOLE).
    """
    head, n = result.category, len(result.units)
    codes = [node.code for node in head.nodes]
    points, full = ({code: column for code, column in zip(codes, result.scores[name].to_numpy(np.float64).reshape(n, -1).T,
                                                          strict=True)} for name in ("points", "full"))
    for code, column in points.items():
        if not np.isfinite(column).all():
            raise ValueError(f"{result.units['unit'].iloc[np.flatnonzero(~np.isfinite(column))[0]]}, {code}: not a number")
    parts: list[str] = []
    below: dict[str, tuple[int, ...]] = dict.fromkeys(codes, ())

    def walk(node: Node) -> tuple[int, ...]:
        adds = np.abs(sum((points[child.code] for child in node.children), np.zeros(n)) - points[node.code]).max() < _TINY
        if node.children and adds:
            below[node.code] = tuple(k for child in node.children for k in walk(child))
        else:
            parts.append(node.code)
            below[node.code] = (len(parts) - 1,)
        return below[node.code]

    given = {node.code for node in head.adjusting}
    total = result.ranking.set_index("unit")["total"].reindex(result.units["unit"]).to_numpy(np.float64)
    tree = total - sum((points[code] for code in given), np.zeros(n))
    if np.abs(sum((points[root.code] for root in head.roots), np.zeros(n)) - tree).max() < _TINY:
        for root in head.roots:
            walk(root)
    else:
        parts.append(WHOLE)
        points[WHOLE], full[WHOLE] = tree, np.full(n, float(head.total))
    for node in head.adjusting:
        walk(node)
    lost = {code: column if code in given else column - full[code] for code, column in points.items()}
    return _Columns(points, full, lost, tuple(parts), below)


def _shares(parts: Floats) -> Floats:
    """Covariance of each part with the total over the total's variance; samples × units × parts to samples × parts."""
    apart = parts - parts.mean(axis=1, keepdims=True)
    total = apart.sum(axis=2)
    variance = (total**2).sum(axis=1)
    level = variance <= _TINY**2
    shares: Floats = np.einsum("sup,su->sp", apart, total) / np.where(level, np.nan, variance)[:, None]
    return shares


def _by_chance(c: _Columns, permutations: int, seed: int) -> Floats:
    """Shares, permutations × parts, when what is lost of full points is dealt out anew to the units that it has a weight for."""
    rng = np.random.default_rng(seed)
    n = len(c.points[c.parts[0]])
    step = max(1, _CELLS // (n * len(c.parts)))
    found = []
    for start in range(0, permutations, step):
        count = min(step, permutations - start)
        dealt = np.zeros((count, n, len(c.parts)))
        for k, code in enumerate(c.parts):
            full = c.full[code]
            there = np.flatnonzero(full > 0) if (full > 0).any() else np.arange(n)
            by = np.where(full > 0, full, 1.0)[there]
            order = rng.random((count, len(there))).argsort(axis=1)
            dealt[:, there, k] = (c.lost[code][there] / by)[order] * by
        found.append(_shares(dealt))
    return np.concatenate(found)


def _level(node: Node, c: _Columns) -> str:
    """Whether all units to which a node gives points have the same part of them."""
    full = c.full[node.code]
    share = c.points[node.code][full > 0] / full[full > 0]
    if not share.size:
        return ""
    if np.ptp(share) > _TINY:
        return ""
    if abs(share[0] - 1) > _TINY:
        return "level"
    return "exempt" if all(each.role == "bottom_line" for each in node.walk() if not each.children) else "full"


def _ratio(x: Floats, total: Floats) -> float:
    """Kelley's epsilon squared of the total over groups of x with as many units each, equal values together."""
    n = len(x)
    if n < ENOUGH_UNITS:
        return float("nan")
    group = np.floor((places(x, ties="average") - 0.5) / n * np.sqrt(n)).astype(np.intp)
    _, group = np.unique(group, return_inverse=True)
    size = np.bincount(group)
    apart = ((total - total.mean()) ** 2).sum()
    if len(size) == 1 or apart <= _TINY**2:
        return 0.0
    within = ((total - (np.bincount(group, total) / size)[group]) ** 2).sum()
    return float(max(0.0, 1 - within / (n - len(size)) / (apart / (n - 1))))
