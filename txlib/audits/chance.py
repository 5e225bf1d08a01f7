"""How often chance alone brings two orders as close as they are: exact counts over all permutations, ties included.

Two orders of the same units lie as far apart as they have discordant pairs: pairs of units that they put in opposite
order (Kendall's distance; a pair tied in either is not counted). Were one order drawn at random, its marks dealt out
to the units in every possible way alike, the share of ways with at most so many discordant pairs is the chance.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

WORK, STEPS, TIED_UNITS = 5_000_000, 100_000, 60  # beyond these a chance is not computed, and that is said
Sizes = tuple[int, ...]


def discordant(x: Any, y: Any) -> tuple[int, int]:
    """Pairs of units that x and y put in opposite order, and pairs that neither has tied."""
    a, b = np.asarray(x), np.asarray(y)
    product = np.sign(a[:, None] - a[None, :]) * np.sign(b[:, None] - b[None, :])
    return int((product < 0).sum()) // 2, int((product != 0).sum()) // 2


def chance(x: Any, y: Any) -> tuple[Fraction | None, str]:
    """The share of all orders at least as close to x as y is, or None, and what keeps it from being exact.

    Reasons: `no_order`, all equal in one; `too_many`, more units than can be counted out; `at_most`, both have so many ties
    that the share is a bound above the exact one. Where no pair is discordant it is exact, however many units and ties.
    """
    mine, theirs = _sizes(x), _sizes(y)
    if len(mine) <= 1 or len(theirs) <= 1:
        return None, "no_order"
    apart, n = discordant(x, y)[0], len(x)
    if apart == 0:
        return _concordant(x, y), ""
    strict = n in (len(mine), len(theirs))
    if not strict and n <= TIED_UNITS:
        steps, blocks, values = min((_steps(*pair), *pair) for pair in ((mine, theirs), (theirs, mine)))
        if steps <= STEPS:
            return Fraction(_tied(blocks, values)[apart], _tied(blocks, values)[-1]), ""
    if n * min(map(_farthest, (mine, theirs))) > WORK:
        return None, "too_many"
    if strict:
        return _share(mine if len(theirs) == n else theirs, apart), ""
    return min(_bound(mine, theirs, apart), _bound(theirs, mine, apart)), "at_most"


def _concordant(x: Any, y: Any) -> Fraction:
    """The chance of no discordant pair: each block of equal x must get the same values, in any order within the block.

    ∏(units of an x)! ÷ ∏(units of an x and a y)! ways to do so, of all n! ÷ ∏(units of a y)!.
    """
    both = np.unique(np.column_stack((x, y)), axis=0, return_counts=True)[1]
    ways = math.prod(math.factorial(size) for size in (*_sizes(x), *_sizes(y)))
    return Fraction(ways, math.factorial(len(x)) * math.prod(math.factorial(int(size)) for size in both))


def _share(sizes: Sizes, apart: int) -> Fraction:
    """The share of a multiset's arrangements with at most so many inversions."""
    counts = _strict(tuple(sorted(sizes)))
    return Fraction(counts[min(apart, len(counts) - 1)], counts[-1])


def _bound(blocks: Sizes, values: Sizes, apart: int) -> Fraction:
    """At least the share of deals of the values to the blocks with at most so many discordant pairs.

    Were the units of each block put in a strict order, the discordant pairs would grow by the inversions within blocks. These
    depend on the deal only by ties, which lessen them; without ties they are even odds to be at most their mean, ∑b(b - 1)/4.
    So of the deals that are close, at least half are no further than that from the strict order.
    """
    within = sum(size * (size - 1) for size in blocks) // 4
    return min(Fraction(1), 2 * _share(values, apart + within))


def _sizes(x: Any) -> Sizes:
    """How many units share each value, from the lowest up."""
    return tuple(int(n) for n in np.unique(np.asarray(x), return_counts=True)[1])


def _farthest(sizes: Sizes) -> int:
    n = sum(sizes)
    return (n * n - sum(size * size for size in sizes)) // 2


@lru_cache(maxsize=512)
def _strict(sizes: Sizes) -> list[int]:
    """How many arrangements of a multiset have at most 0, 1, 2, … inversions: the q-multinomial's coefficients, summed.

    With m₁, m₂, … equal values it is ∏(1 - qⁱ for i to n) ÷ ∏∏(1 - qⁱ for i to mⱼ); without ties Mahonian's numbers
    (MacMahon 1913; OEIS A008302).
    """
    series: npt.NDArray[Any] = np.zeros(_farthest(sizes) + 1, dtype=object)
    series[0] = 1
    powers = Counter(range(1, sum(sizes) + 1))
    powers.subtract(i for size in sizes for i in range(1, size + 1))
    for i, times in sorted(powers.items()):
        for _ in range(abs(times)):
            series = _times(series, i) if times > 0 else _divided(series, i)
    return list(np.cumsum(series))


def _times(series: npt.NDArray[Any], i: int) -> npt.NDArray[Any]:
    """A power series times 1 - qⁱ."""
    shifted = series.copy()
    shifted[i:] -= series[:-i]
    return shifted


def _divided(series: npt.NDArray[Any], i: int) -> npt.NDArray[Any]:
    """A power series divided by 1 - qⁱ."""
    padded = np.append(series, np.zeros(-len(series) % i, dtype=object))
    return np.asarray(np.cumsum(padded.reshape(-1, i), axis=0).ravel()[:len(series)])


@lru_cache(maxsize=512)
def _tied(blocks: Sizes, values: Sizes) -> list[int]:
    """The same where both have ties: units of one block after the other are dealt values from those left over.

    Values dealt to a block are discordant with the lower ones that are left. Each state's counts are packed into one integer.
    """
    width = math.factorial(sum(blocks)).bit_length()
    states = {values: 1}
    for size in blocks:
        after = dict[Sizes, int]()
        for left, counts in states.items():
            for dealt in _deals(left, size):
                rest = tuple(a - b for a, b in zip(left, dealt, strict=True))
                lower, apart = 0, 0
                for a, b in zip(dealt, rest, strict=True):
                    apart, lower = apart + a * lower, lower + b
                ways = math.factorial(size) // math.prod(math.factorial(n) for n in dealt)
                after[rest] = after.get(rest, 0) + (counts * ways << width * apart)
        states = after
    packed, mask = states[(0,) * len(values)], (1 << width) - 1
    farthest = min(_farthest(blocks), _farthest(values))
    return list(np.cumsum(np.array([packed >> width * d & mask for d in range(farthest + 1)], dtype=object)))


def _deals(left: Sizes, size: int) -> Iterator[Sizes]:
    """Every way to take `size` values from those left, as counts of each value."""
    if not left:
        if size == 0:
            yield ()
        return
    rest = sum(left[1:])
    for n in range(max(0, size - rest), min(left[0], size) + 1):
        for others in _deals(left[1:], size - n):
            yield (n, *others)


@lru_cache(maxsize=4096)
def _steps(blocks: Sizes, values: Sizes) -> float:
    """How many deals `_tied` would go through: pairs of what is left and what is dealt, counted by their totals."""
    n = sum(values)
    ways = np.zeros((n + 1, n + 1))
    ways[0, 0] = 1
    for most in values:
        wider = np.zeros_like(ways)
        for rest in range(most + 1):
            for dealt in range(most - rest + 1):
                wider[rest:, dealt:] += ways[:n + 1 - rest, :n + 1 - dealt]
        ways = wider
    left = n - np.cumsum(blocks)
    return float(ways[left, list(blocks)].sum())
