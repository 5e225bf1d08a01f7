"""Which indicators repeat others: those in which the same units do well, beyond what chance gives in so small a group.

In a group of eight some pair of thirty indicators looks alike by chance alone. A pair is told as repeating only above what the
most alike of all pairs reaches when every indicator's points are dealt out anew among its units, and only if that holds in
every year at hand (1.2a).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from txlib.base.numbers import Bools, Floats, floats, places
from txlib.scoring.result import Result

REPEATS = ["indicator", "other", "name", "other_name", "name_en", "other_name_en", "units", "correlation", "line", "alike",
           "years", "repeats"]
FEWEST = 8  # units of which anything is said
CHANCE = 0.05  # the most that chance is to name any pair at all


def repeated(result: Result, others: Sequence[Result] = (), *, permutations: int = 1000, seed: int = 2020) -> pd.DataFrame:
    """Every pair of leaves (REPEATS), the most alike first; no rows below eight units.

    `correlation`: of the ranks of the shares attained, over the `units` to which both apply; 0 where everyone has the same.
    `line`: what the most alike of all pairs stays below in 95% of the deals. `alike`: above it in this result; `repeats`: in
    this and all `others` (the category's results of other years) that know both, `years` in all, two at least. ValueError
    without permutations.
    """
    if permutations < 1:
        raise ValueError(f"permutations: at least 1, not {permutations}")
    found, *then = (_pairs(each, permutations, seed) for each in (result, *others))
    known = [dict(zip(zip(each["indicator"], each["other"], strict=True), each["alike"], strict=True)) for each in then]
    keys = list(zip(found["indicator"], found["other"], strict=True))
    years = np.array([1 + sum(key in year for year in known) for key in keys], dtype=np.int64)
    always = np.array([all(year.get(key, True) for year in known) for key in keys], dtype=bool)
    told = found.assign(years=years, repeats=found["alike"].to_numpy(dtype=bool) & always & (years > 1))
    return told.sort_values("correlation", ascending=False, kind="stable", ignore_index=True)[REPEATS]


def _pairs(result: Result, permutations: int, seed: int) -> pd.DataFrame:
    """The pairs of one result."""
    leaves, n = result.category.leaves, len(result.units)
    there = result.handed.applies
    kept = [j for j in range(len(leaves)) if there[:, j].sum() >= FEWEST] if n >= FEWEST else []
    ranks = _ranks(result, there)[:, kept]
    there = there[:, kept]
    pairs = list(combinations(range(len(kept)), 2))
    first, second = (np.array([pair[k] for pair in pairs], dtype=np.intp) for k in (0, 1))
    common = (there.T.astype(np.int64) @ there)[first, second]
    known = _correlations(ranks, there)[first, second]
    line = _line(ranks, there, permutations, seed) if pairs else 1.0
    rows = [{"indicator": a.code, "other": b.code, "name": a.name.zh, "other_name": b.name.zh, "name_en": a.name.en,
             "other_name_en": b.name.en} for a, b in ((leaves[kept[i]], leaves[kept[j]]) for i, j in pairs)]
    frame = pd.DataFrame(rows, columns=REPEATS[:6]).assign(units=common, correlation=known, line=line)
    return frame.assign(alike=(frame["correlation"] > frame["line"] + 1e-12) & (frame["units"] >= FEWEST))


def _ranks(result: Result, there: Bools) -> Floats:
    """Ranks of the shares attained, about their mean; 0 where a leaf does not apply."""
    found = np.zeros(there.shape)
    for j, leaf in enumerate(result.category.leaves):
        if there[:, j].any():
            points, full = (floats(each[leaf.code]) for each in (result.points.points, result.points.full))
            share = np.round((points / np.where(full > 0, full, 1.0))[there[:, j]], 12)
            rank = places(share, direction="down", ties="average")
            found[there[:, j], j] = rank - rank.mean()
    return found


def _correlations(ranks: Floats, there: Bools) -> Floats:
    """Leaves × leaves: over the units to which both apply."""
    spread = np.sqrt((ranks**2).T @ there * (there.T.astype(float) @ ranks**2))
    return np.asarray(np.divide(ranks.T @ ranks, spread, out=np.zeros_like(spread), where=spread > 1e-9))


def _line(ranks: Floats, there: Bools, permutations: int, seed: int) -> float:
    """What the most alike of all pairs stays below in 95% of the deals, each leaf's ranks dealt out among its units."""
    rng, most = np.random.default_rng(seed), np.empty(permutations)
    upper = np.triu_indices(ranks.shape[1], 1)
    for k in range(permutations):
        dealt = np.zeros_like(ranks)
        for j in range(ranks.shape[1]):
            dealt[there[:, j], j] = rng.permutation(ranks[there[:, j], j])
        most[k] = _correlations(dealt, there)[upper].max()
    return float(np.quantile(most, 1 - CHANCE, method="higher"))
