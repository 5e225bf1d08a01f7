"""Many draws at once: samples in fixed chunks with a seed each, places by one sort of whole numbers, counts of what came out.

A chunk's arrays are small enough to stay in cache, and counts are whole numbers: memory does not grow with the number of
draws, and the number of threads does not change a bit. Draws are samples × units.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from txlib.base.numbers import Bools, Counts, Floats, Ties
from txlib.rules.year import Tiers
from txlib.scoring.places import filled, seats
from txlib.sensitivity.weighed import Siblings, nominal

Criteria = Callable[[npt.NDArray[np.intp]], Sequence[Floats]]

_LANES, _WORDS = 8, 128


class Order(NamedTuple):
    """Each sample's units, the best first, and where one is level with the one before it; samples × places."""

    unit: npt.NDArray[Any]
    tied: npt.NDArray[np.bool_]


def best_first(scores: Floats, criteria: Criteria | None = None) -> Order:
    """Units by score, given as whole numbers; `criteria(samples)` gives what decides between equal scores, in its order.

    Score and unit are packed into one whole number, so that one sort in place orders both. ValueError where they do not fit.
    """
    n = scores.shape[1]
    bits = (n - 1).bit_length()
    size = float(max(scores.max(initial=0.0), -scores.min(initial=0.0)) + 1) * 2**bits
    if not size < 2**62:
        raise ValueError("scores are too large to be ranked, or not numbers")
    if size < 2**31:
        packed = scores * -(2.0**bits)
        packed += np.arange(n)
        keys: npt.NDArray[Any] = packed.astype(np.int32)
    else:
        keys = (-scores.astype(np.int64) << bits) | np.arange(n)
    keys.sort(axis=1)
    unit = keys & (2**bits - 1)
    keys >>= bits
    tied = np.zeros(keys.shape, dtype=bool)
    np.equal(keys.ravel()[1:], keys.ravel()[:-1], out=tied.ravel()[1:])
    tied[:, 0] = False
    if criteria is not None and (rows := np.flatnonzero(tied.any(axis=1))).size:
        unit[rows], tied[rows] = _decided([scores[rows], *(np.round(c, 9) for c in criteria(rows))])
    return Order(unit, tied)


def _decided(keys: Sequence[Floats]) -> Order:
    """Units by several keys, the first first."""
    unit = np.lexsort(tuple(-key for key in reversed(keys)), axis=-1)
    tied = np.zeros(unit.shape, dtype=bool)
    level = [np.diff(np.take_along_axis(key, unit, axis=1), axis=1) == 0 for key in keys]
    tied[:, 1:] = np.logical_and.reduce(level)
    return Order(unit, tied)


class Runs(NamedTuple):
    """Entries that are level with a neighbour: where they stand among all, and the first and last place of their run (from 0)."""

    at: npt.NDArray[np.intp]
    first: npt.NDArray[np.intp]
    last: npt.NDArray[np.intp]


def runs(tied: npt.NDArray[np.bool_]) -> Runs:
    """The runs of level entries; `at` counts through the samples one after the other."""
    n, later = tied.shape[1], np.flatnonzero(tied)
    new = np.ones(len(later), dtype=bool)
    np.greater(later[1:], later[:-1] + 1, out=new[1:])
    opens = np.flatnonzero(new)
    start = later[opens] - 1
    more = np.diff(opens, append=len(later))
    at = np.concatenate([start, later])
    first = start % n
    last = first + more
    return Runs(at, np.concatenate([first, np.repeat(first, more)]), np.concatenate([last, np.repeat(last, more)]))


def ranks(order: Order, ties: Ties | str) -> Floats:
    """Every unit's place by the rule for ties, samples × units."""
    samples, n = order.unit.shape
    found = np.empty(samples * n)
    at = order.unit + np.arange(0, samples * n, n)[:, None]
    place = np.arange(1.0, n + 1)
    found[at] = place - np.cumsum(order.tied, axis=1) if ties == "dense" else place
    if ties != "dense":
        level = runs(order.tied)
        found[at.ravel()[level.at]] = level.first + 1 if ties == "min" else (level.first + level.last) / 2 + 1
    return found.reshape(samples, n)


# ── counts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Tally:
    """How often: `place`: units × places from 1 in halves, as the rule for ties has it; `tier`: units × tiers, before vetoes;
    `above`: units × units, the row's place better than the column's.
    """

    place: Counts
    tier: Counts
    above: Counts

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def tally(scores: Floats, ties: Ties | str, tiers: Tiers | None, decimals: int, *, pairs: bool = True,
          criteria: Criteria | None = None, barred: Bools | None = None) -> Tally:
    """What one chunk's scores, rounded to whole numbers of the last of `decimals`, count up to; without `pairs` `above` is 0.

    `barred`: units under a veto, where the next move up into the places that these leave.
    """
    order = best_first(scores, criteria)
    n = scores.shape[1]
    at = order.unit + np.arange(0, n * n, n, dtype=order.unit.dtype if n * n < 2**31 else np.int64)
    plain = np.bincount(at.ravel(), minlength=n * n).reshape(n, n)
    level = runs(order.tied)
    unit = order.unit.ravel()[level.at]
    plain -= _counted(level.at % n, unit, n, n)
    first = plain + _counted(level.first, unit, n, n)
    counts = np.zeros((2 * n - 1, n), dtype=np.int64)
    if ties == "dense":
        halves = 2 * (np.arange(n) - np.cumsum(order.tied, axis=1))
        counts += _counted(halves.ravel(), order.unit.ravel(), 2 * n - 1, n)
    elif ties == "average":
        counts[::2] = plain
        counts += _counted(level.first + level.last, unit, 2 * n - 1, n)
    else:
        counts[::2] = first
    in_tiers = np.zeros((n, 0), dtype=np.int64)
    if tiers is not None and (barred is not None or any(each.at_least is not None for each in tiers.levels)):
        in_tiers = _tiers(order, scores, tiers, decimals, barred)
    elif tiers is not None:
        reach = first if tiers.tied_at_the_cut == "in" else plain + _counted(level.last, unit, n, n)
        in_tiers = reach.T @ _by_place(tiers, n)
    above = _above(ranks(order, "min")) if pairs else np.zeros((0, 0), dtype=np.int64)
    return Tally(counts.T, in_tiers, above)


def _counted(place: npt.NDArray[Any], unit: npt.NDArray[Any], places: int, n: int) -> Counts:
    return np.bincount(place * n + unit, minlength=places * n).reshape(places, n)


def _by_place(tiers: Tiers, n: int) -> Counts:
    """Places × tiers: 1 at the tier that a place leads to, where tiers are filled by places alone."""
    cuts = np.cumsum([seats(level, tiers, n) for level in tiers.levels[:-1]])
    return np.eye(len(tiers.levels), dtype=np.int64)[np.searchsorted(cuts, np.arange(1, n + 1))]


def _tiers(order: Order, scores: Floats, tiers: Tiers, decimals: int, barred: Bools | None) -> Counts:
    """Units × tiers where some tiers ask for a score, or the next move up for units under a veto."""
    reach = ranks(order, "min")
    if tiers.tied_at_the_cut == "out":
        reach = 2 * ranks(order, "average") - reach
    taken = filled(tiers, scores, reach, lambda ruled: float(ruled * 10**decimals) - 1e-6, barred=barred)
    return np.column_stack([units.sum(axis=0) for _, _, units in taken])


def _above(places: Floats) -> Counts:
    """Units × units: in how many samples the row's place is better than the column's."""
    samples, n = places.shape
    words = min(_WORDS, -(-samples // _LANES))
    whole_words = samples + -samples % (words * _LANES)
    rank = np.zeros((n, whole_words), dtype=np.min_scalar_type(n))
    rank[:, :samples] = places.T
    found = np.zeros((n, n), dtype=np.int64)
    for i in range(n - 1):
        found[i, i + 1:] = _true(rank[i] < rank[i + 1:], words)
        found[i + 1:, i] = _true(rank[i] > rank[i + 1:], words)
    return found


def _true(flags: npt.NDArray[np.bool_], words: int) -> Counts:
    """How many in each row, eight bytes at a time: a byte of a sum over at most 128 words cannot overflow."""
    sums: Any = flags.view(np.uint64).reshape(len(flags), -1, words).sum(axis=2)
    return np.asarray(sums.view(np.uint8).reshape(len(flags), -1).sum(axis=1, dtype=np.int64))


# ── samples ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def in_chunks(one: Callable[[np.random.Generator, int], Tally], draws: int, rows: int, seed: int,
              threads: int | None = None) -> Tally:
    """The tallies of chunks of `rows` draws, each with a seed of its own, added up; ValueError for no draws or threads."""
    for name, value in {"draws": draws, "threads": 1 if threads is None else threads}.items():
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise ValueError(f"{name} must be a whole number, not {value}")
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    seeds = np.random.SeedSequence(seed).spawn(-(-draws // rows))
    workers = max(1, min(threads or os.cpu_count() or 1, len(seeds)))

    def share(worker: int) -> Tally:
        found: Tally | None = None
        for k in range(worker, len(seeds), workers):
            each = one(np.random.default_rng(seeds[k]), min(rows, draws - k * rows))
            found = each if found is None else found.plus(each)
        assert found is not None
        return found

    with ThreadPoolExecutor(workers) as pool:
        first, *others = pool.map(share, range(workers))
    for other in others:
        first = first.plus(other)
    return first


def around(rng: np.random.Generator, groups: Sequence[Siblings], spread: float, samples: int) -> Floats:
    """Weights, leaves × samples: at each level of the tree siblings are multiplied by up to 1 ± `spread`, then renormalised."""
    leaves = groups[0].below[-1].stop
    if spread == 0:
        return np.repeat(nominal(groups, leaves)[:, None], samples, axis=1)
    found = np.empty((leaves, samples))
    whole_: dict[str, Floats] = {groups[0].node.code: np.ones(samples)}
    for group in groups:
        drawn = rng.random((len(group.below), samples))
        drawn += (1 - spread) / (2 * spread)  # the common factor 2 × spread goes in renormalising
        drawn *= group.weight[:, None]
        factor = whole_[group.node.code] / drawn.sum(axis=0)
        if not any(child.children for child in group.node.children):
            np.multiply(drawn, factor, out=found[group.below[0].start:group.below[-1].stop])
            continue
        for child, below, weight in zip(group.node.children, group.below, drawn, strict=True):
            part = found[below.start] if not child.children else whole_.setdefault(child.code, np.empty(samples))
            np.multiply(weight, factor, out=part)
    return found


def dirichlet(rng: np.random.Generator, alpha: Floats, samples: int) -> Floats:
    """Weights, leaves × samples, with the mean alpha / alpha.sum(); branches of them are Dirichlet as well."""
    drawn = rng.standard_gamma(alpha[:, None], (len(alpha), samples))
    drawn /= drawn.sum(axis=0)
    return drawn


def simplex(rng: np.random.Generator, leaves: int, samples: int) -> Floats:
    """Weights, leaves × samples, uniform on the simplex: exponentials, normalised."""
    drawn = rng.standard_exponential((leaves, samples))
    drawn /= drawn.sum(axis=0)
    return drawn
