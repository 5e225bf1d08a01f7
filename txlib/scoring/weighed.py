"""The totals that other weights would give, and rounding them as ruled: floats, many samples at once.

Where all roll-ups are sums a total is a product of matrices, put right where weight is passed on; else the tree is walked
for all samples together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from txlib.base.numbers import Floats, Half, floats
from txlib.scoring.points import rolled_up, ruled, shared_out, whole_tree
from txlib.scoring.result import Result
from txlib.scoring.weights import WeighedTree, groups_of, masked, nominal

LeafShares = Callable[[int], Floats]

BLOCK = 64
_MORE = 13
_ONE_THREAD = 2**18  # multiplications below which OpenBLAS does not split a product among threads


def model(result: Result) -> WeighedTree:
    """The arrays behind a result; at the ruled weights they give its scores again, exactly once rounded.

    ValueError where a score is not a number, or where the arrays do not give the scores back.
    """
    head, n, computed = result.category, len(result.units), result.points
    points = np.column_stack([floats(computed.points[leaf.code]) for leaf in head.leaves])
    effective = np.column_stack([np.broadcast_to(floats(computed.full[leaf.code]), n) for leaf in head.leaves])
    unknown = np.argwhere(~np.isfinite(points) | ~np.isfinite(effective))
    if len(unknown):
        unit, leaf = unknown[0]
        raise ValueError(f"{result.units['unit'].iloc[unit]}, {head.leaves[leaf].code}: the points are not a number")
    some = effective > 0
    share = np.where(some, points, 0.0) / np.where(some, effective, 1.0)
    adjusted = {node.code: floats(computed.points[node.code]) for node in head.adjustments}
    whole = float(result.book.rules.total.points)
    tree = whole_tree(head, result.book.rules.total.points)
    found = WeighedTree(
        result.units, tuple(leaf.code for leaf in head.leaves), share, np.zeros(0), effective / whole,
        np.sum([*adjusted.values(), np.zeros(n)], axis=0), whole, tree, tuple(groups_of(tree)), {}, {}, result.book.rounding,
        result.book.ties, head.tie_break, adjusted, result.book.tiers, result.units["unit"].isin(result.vetoed).to_numpy())
    found = replace(masked(found, result.handed.applies), weight=nominal(found.groups, len(head.leaves)))
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
    cells = max(len(m.units), len(m.leaves)) if m.linear and not walked else len(m.units) * len(m.counts) // 4
    return max(BLOCK, min(4096, 2**18 // max(1, cells)) // BLOCK * BLOCK)


def weighed(m: WeighedTree, columns: Floats) -> Floats:
    """Unrounded totals, samples × units, at weights that add up to 1, leaves × samples."""
    if m.linear:
        found = _linear(m, columns, m.share * m.points)
        return found + m.added if m.added.any() else found
    points = branch_points(m, columns, lambda j: m.share[:, j])
    return np.asarray(points[m.tree.code] + m.added)


def points_at(m: WeighedTree, columns: Floats, codes: Sequence[str], shares: LeafShares | None = None) -> list[Floats]:
    """Points of every unit at some nodes, samples × units; an adjustment's are the same in every sample."""
    inside = [code for code in codes if code not in m.adjusted]
    if m.linear and shares is None:
        tree = {code: _linear(m, columns, _only(m, code) * m.points) for code in inside}
    else:
        points = branch_points(m, columns, shares or (lambda j: m.share[:, j]))
        tree = {code: points[code] for code in inside}
    shape = columns.shape[1], len(m.units)
    return [np.broadcast_to(m.adjusted[code], shape) if code in m.adjusted else tree[code] for code in codes]


def _only(m: WeighedTree, code: str) -> Floats:
    part = np.zeros_like(m.share)
    part[:, m.below(code)] = m.share[:, m.below(code)]
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
    full: dict[str, Floats] = {m.tree.code: np.full((columns.shape[1], 1), m.points)}
    points: dict[str, Floats] = {}
    for group in m.groups:
        codes = [child.code for child in group.node.children]
        weights = [columns[below].sum(axis=0)[:, None] for below in group.below]
        full.update(zip(codes, shared_out(weights, [m.held[code] for code in codes], full[group.node.code]), strict=True))
    for j, leaf in enumerate(m.leaves):
        attained = shares(j) * full[leaf] + zero
        points[leaf] = attained if m.rounding.leaf == "exact" else _rounded(attained, m.rounding.leaf, m.rounding.half)
    for group in reversed(m.groups):
        node = replace(group.node, roll_up=roll_up or group.node.roll_up, decimals=_MORE)
        found, _ = rolled_up(node, points, full, zero)
        if roll_up is None and group.node.decimals is not None:
            found = _rounded(found, group.node.decimals, "up")
        points[node.code] = found if node.code == m.tree.code else ruled(node, found, m.counts[node.code], full[node.code])
    return points


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
