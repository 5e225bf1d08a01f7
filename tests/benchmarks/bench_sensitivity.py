"""How long draws and indices take, printed as ratios in one run on one thread; nothing is asserted.

`python tests/benchmarks/bench_sensitivity.py`
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import resource
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from bench_scoring import ROUNDING, handed, tree
from SALib.analyze import sobol as salib
from scipy.stats import rankdata
from timing import seconds

from txlib.base.numbers import floats
from txlib.scoring import points
from txlib.scoring.kernel import Tree
from txlib.sensitivity.draws import Tally, around, best_first, in_chunks, ranks, tally
from txlib.sensitivity.factors import Design, Factor, named_outputs, runs
from txlib.sensitivity.sobol import indices, samples
from txlib.sensitivity.weighed import WeighedTree, rows_for, weighed, whole_numbers


def together(*runs: Callable[[], object], times: int = 15) -> list[float]:
    """The shortest time of each, in turns, so that other load on the machine meets them alike."""
    return [min(took) for took in zip(*([seconds(each, 1) for each in runs] for _ in range(times)), strict=True)]


def category(units: int, leaves: int, missing: float = 0.0) -> WeighedTree:
    """A model of six branches; totals between 65 and 95, so that some are level at two decimals."""
    head = tree(leaves)
    table = handed(units, leaves, missing)
    found, _ = points.score(head, table, "min", ROUNDING, head.roots[0].full * 6, exact_cells=0)
    full = np.column_stack([np.broadcast_to(floats(found.full[leaf.code]), units) for leaf in head.leaves])
    share = np.column_stack([floats(found.points[leaf.code]) for leaf in head.leaves]) / np.where(full > 0, full, 1)
    frame = pd.DataFrame({"unit": [f"u{i}" for i in range(units)]})
    whole = Tree.of(head, head.roots[0].full * 6, table.applies)
    return WeighedTree(frame, whole, share, full / 100, np.zeros(units), ROUNDING, "min", vetoed=np.zeros(units, dtype=bool))


def run(m: WeighedTree, draws: int, threads: int = 1, pairs: bool = False) -> Tally:
    """What `weight_draws` counts."""
    def one(rng: np.random.Generator, samples: int) -> Tally:
        scores = whole_numbers(weighed(m, around(rng, m.groups, 0.1, samples)), m)
        return tally(scores, m.ties, None, m.decimals, pairs=pairs)

    return in_chunks(one, draws, rows_for(m), 1, threads)


def slowly(m: WeighedTree, draws: int, rank: Callable[[Any], Any] | None) -> Any:
    """Sampling, product, rounding; then a bare sort in place, or the ranks by `rank` and counts of them."""
    rows, n = rows_for(m), len(m.units)
    counts = np.zeros(n * n, dtype=np.int64)
    for k, seed in enumerate(np.random.SeedSequence(1).spawn(-(-draws // rows))):
        columns = around(np.random.default_rng(seed), m.groups, 0.1, min(rows, draws - k * rows))
        scores = whole_numbers(weighed(m, columns), m)
        if rank is None:
            scores.sort(axis=1)
            continue
        place = rank(scores).astype(np.int64) - 1
        counts += np.bincount((place * n + np.arange(n)).ravel(), minlength=n * n)
    return counts.reshape(n, n).T


def sobol() -> None:
    """60 weights, 50 outputs (every unit's rank and the mean shift), 1,024 samples, 100 bootstrap resamples; SALib's analysis
    of the same outputs.
    """
    m = category(49, 60)
    leaves = [Factor(code, "weight", code, code) for code in m.leaves]
    d = Design(m, tuple(leaves), 0.5, (None,), m.share[None])
    assert d.sums
    a, b = samples(len(leaves), 1024, 1)
    published = ranks(best_first(whole_numbers(weighed(m, np.ascontiguousarray(m.weight[:, None])), m)), m.ties)[0]

    def outputs() -> list[Any]:
        return [named_outputs(d, x, told, published, ("rank", "mean_shift")) for x, told in runs(d, a, b)]

    def ours() -> Any:
        every = (named_outputs(d, x, told, published, ("rank", "mean_shift")) for x, told in runs(d, a, b))
        return indices(next(every), next(every), every, seed=1)

    def salibs() -> Any:
        problem = {"num_vars": 60, "names": list(m.leaves), "bounds": [[0, 1]] * 60}
        return [salib.analyze(problem, np.column_stack([first[:, k], *(each[:, k] for each in mixed), second[:, k]]).ravel(),
                              calc_second_order=False, num_resamples=100, seed=1) for k in range(50)]

    warnings.simplefilter("ignore")
    first, second, *mixed = outputs()
    took, alone = together(ours, lambda: indices(first, second, mixed, seed=1), times=7)
    theirs, mine = seconds(salibs, 1), ours()
    found = salibs()
    for name, told in (("S1", mine.first), ("ST", mine.total), ("S1_conf", mine.first_error), ("ST_conf", mine.total_error)):
        for k, each in enumerate(found):  # SALib divides by zero where an output never varies; ours has 0 there
            assert np.abs(np.nan_to_num(each[name]) - told[:, k]).max() < 1e-12, name
    print(f"Sobol, 60 factors, N = 1,024, 50 outputs, 100 resamples; ours with all 63,488 runs: {took:.3f} s = 1.0")
    print(f"  the indices alone: {alone:.3f} s = {alone / took:.2f}")
    print(f"  SALib's analysis of the same outputs, without runs: {theirs:.2f} s = {theirs / took:.0f} (to be at least 50), "
          f"{theirs / alone:.0f} × ours of indices alone")


def main() -> None:
    """Print the table."""
    draws, m = 100_000, category(49, 60)
    gaps = category(49, 60, 0.02)
    floor, took, two, some = together(lambda: slowly(m, draws, None), lambda: run(m, draws), lambda: run(m, draws, threads=2),
                                      lambda: run(gaps, draws))
    print(f"49 units × 60 indicators × {draws:,} draws; sampling, product, rounding, bare sort: {floor:.3f} s = 1.00")
    print(f"  acceptability, exact ties: {took:.3f} s = {took / floor:.2f} (to be within 1.5)")
    by_scipy = seconds(lambda: slowly(m, draws, lambda s: rankdata(-s, method="min", axis=1)), 3)
    print(f"  the same with scipy.stats.rankdata: {by_scipy:.3f} s = {by_scipy / took:.1f} × ours (to be at least 4)")
    assert (run(m, draws).place[:, ::2] == slowly(m, draws, lambda s: rankdata(-s, method="min", axis=1))).all()
    print(f"  on two threads: {two:.3f} s = {two / took:.2f}")
    pairs = seconds(lambda: run(m, draws, pairs=True))
    print(f"  with pairwise shares: {pairs:.3f} s = {pairs / took:.2f}")
    print(f"  2% not applicable, weight redistributed: {some:.3f} s = {some / took:.2f}")
    for count in (10_000, 100_000):
        tracemalloc.start()
        run(m, count)
        print(f"  peak memory at {count:,} draws: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB (to be under 200)")
        tracemalloc.stop()
    sobol()
    large = category(1_000, 100)
    tracemalloc.start()
    took = seconds(lambda: run(large, 10_000, pairs=True), 1)
    print(f"1,000 units × {len(large.leaves)} indicators × 10,000 draws with pairwise shares: {took:.1f} s, peak memory "
          f"{tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB")
    tracemalloc.stop()
    print(f"largest resident size of the whole run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} MiB")


if __name__ == "__main__":
    main()
