"""How much hangs on the weights: what other weights would have made of the same data.

Weights that were issued are decisions. Draws over them serve the design of next year's rules; what comes out is a share of
draws, never the probability that a place is wrong. What is uncertain in a result is its data: `resampling`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from txlib.base.numbers import Counts, Floats
from txlib.rules.book import RuleBook
from txlib.scoring.result import Result
from txlib.sensitivity.draws import Tally, around, dirichlet, in_chunks, simplex, tally
from txlib.sensitivity.weighed import WeighedTree, model, points_at, rows_for, weighed, whole_numbers

DrawKind = Literal["around", "dirichlet", "simplex"]
Sampler = Callable[[np.random.Generator, int], Floats]
INTERVALS = ["unit", "name", "name_en", "rank", "kept", "best", "low", "median", "high", "worst"]
LOW, HIGH = 0.05, 0.95


AND = " and "  # between the codes of what draws over data vary


@dataclass(frozen=True)
class Draws:
    """What came out of draws, as shares of draws; units in the order of the ranking.

    `acceptability`: units × places, `tiers`: units × codes of tiers, after vetoes, `pairwise`: units × units, the row's
    place better than the column's (level is neither). `intervals` (INTERVALS): a unit's rank as published and the share of
    draws that keep it, its best and worst place, and the places within which 90% of draws lie (`low` to `high`).
    Each `_error` is the Monte Carlo standard error of the shares of the same name, no more than the chance in the drawing.
    """

    intervals: pd.DataFrame
    acceptability: pd.DataFrame = field(repr=False)
    tiers: pd.DataFrame = field(repr=False)
    pairwise: pd.DataFrame = field(repr=False)
    acceptability_error: pd.DataFrame = field(repr=False)
    tiers_error: pd.DataFrame = field(repr=False)
    pairwise_error: pd.DataFrame = field(repr=False)
    drawn: Literal["weights", "data"]
    kind: str
    spread: float
    draws: int
    seed: int

    @property
    def varied(self) -> tuple[str, ...]:
        """What draws over data draw, of marks, values and surveys: the codes that `kind` joins."""
        return tuple(self.kind.split(AND)) if self.drawn == "data" and self.kind else ()


def weight_draws(book: RuleBook, result: Result, *, draws: int = 100_000, seed: int = 2020, kind: DrawKind = "around",
                 spread: float = 0.1, pairs: bool = True, threads: int | None = None) -> Draws:
    """Places, tiers and pairs over draws of weights, every unit keeping the share that it attained at each leaf.

    `around`: at each level of the tree siblings times up to 1 ± `spread`, renormalised. `dirichlet`: the ruled weights as
    mean, `spread` the relative standard deviation of a leaf of mean weight. `simplex`: any weights of the leaves, all alike.
    Without `pairs` `pairwise` is empty. The same seed gives the same bits on any number of threads. ValueError where
    draws, kind or spread cannot be, or where `book` is not the one that the result was assessed by.
    """
    if book != result.book:
        raise ValueError("the result was assessed by another rule-book")
    m = model(result)
    sample = sampler(m, kind, spread)

    def one(rng: np.random.Generator, samples: int) -> Tally:
        columns = sample(rng, samples)
        scores = whole_numbers(weighed(m, columns), m)
        return tally(scores, m.ties, m.tiers, m.decimals, pairs=pairs, barred=m.moved_past, criteria=(
            lambda rows: points_at(m, np.ascontiguousarray(columns[:, rows]), m.tie_break)) if m.tie_break else None)

    counts = in_chunks(one, draws, rows_for(m), seed, threads)
    return shares_of_draws(m, result, counts, drawn="weights", kind=kind, spread=spread, draws=draws, seed=seed)


def sampler(m: WeighedTree, kind: DrawKind | str, spread: float) -> Sampler:
    """The function of a generator and a number of samples that draws weights, leaves × samples, adding up to 1."""
    k = len(m.leaves)
    if kind == "simplex":
        return lambda rng, samples: simplex(rng, k, samples)
    if kind == "around":
        if not 0 <= spread < 1:
            raise ValueError(f"spread must be at least 0 and under 1, not {spread}")
        return lambda rng, samples: around(rng, m.groups, spread, samples)
    if kind != "dirichlet":
        raise ValueError(f"kind must be around, dirichlet or simplex, not {kind}")
    widest = np.sqrt((k - 1) / 2)
    if k > 1 and not 0 < spread <= widest:
        raise ValueError(f"spread must be above 0 and at most {widest:.3g}, not {spread}")
    alpha = m.weight * (max(1.0, (k - 1) / spread**2 - 1) if k > 1 else 1.0)
    return lambda rng, samples: dirichlet(rng, alpha, samples)


def shares_of_draws(m: WeighedTree, result: Result, counts: Tally, *, drawn: Literal["weights", "data"], kind: str,
                    spread: float, draws: int, seed: int) -> Draws:
    """Counts as shares of draws, with units in the order of the ranking."""
    names = pd.Index(result.ranking["unit"], name="unit")
    row = pd.Index(m.units["unit"]).get_indexer(names)
    halves = np.arange(2, 2 * len(m.units) + 1)
    shown = (counts.place.sum(axis=0) > 0) | (halves % 2 == 0)
    places = pd.Index(halves[shown] / 2 if m.ties == "average" else halves[shown] // 2, name="place")
    above = counts.above[np.ix_(row, row)] if counts.above.size else np.zeros((len(row), 0))
    shares = {
        "acceptability": pd.DataFrame(counts.place[row][:, shown] / draws, names, places),
        "tiers": _in_tiers(m, counts.tier, draws).iloc[row].set_axis(names),
        "pairwise": pd.DataFrame(above / draws, names, names if above.size else pd.Index([], dtype=object)),
    }
    errors = {f"{name}_error": np.sqrt(share * (1 - share) / draws) for name, share in shares.items()}
    table = intervals(result.ranking, counts.place[row], draws)
    return Draws(table, **shares, **errors, drawn=drawn, kind=kind, spread=spread, draws=draws, seed=seed)


def intervals(ranking: pd.DataFrame, place: Counts, draws: int) -> pd.DataFrame:
    """The places that each unit took (INTERVALS), from counts of places in halves; a share's place is the first to reach it."""
    reached = np.cumsum(place, axis=1)
    rank = ranking["rank"].to_numpy(dtype=np.float64)
    found = ranking[["unit", "name", "name_en", "rank"]].reset_index(drop=True)
    found["kept"] = place[np.arange(len(rank)), (2 * rank - 2).astype(np.intp)] / draws
    for name, needed in (("best", 1.0), ("low", LOW * draws), ("median", 0.5 * draws), ("high", HIGH * draws), ("worst", draws)):
        found[name] = (np.argmax(reached >= needed, axis=1) + 2) / 2
    return found[INTERVALS]


def _in_tiers(m: WeighedTree, counts: Counts, draws: int) -> pd.DataFrame:
    """Units × tiers: a unit under a veto goes to the highest tier below that it may take."""
    codes = [level.code for level in m.tiers.levels] if m.tiers else []
    shares = counts / draws
    if m.tiers and m.tiers.vetoes:
        for i in range(len(codes) - 1):
            if codes[i] in m.tiers.vetoes.bars:
                shares[m.vetoed, i + 1] += shares[m.vetoed, i]
                shares[m.vetoed, i] = 0.0
    return pd.DataFrame(shares, columns=pd.Index(codes, name="tier", dtype=object))
