"""Sobol indices of many outputs at once: what part of an output's variance a factor carries alone, and with the others.

First order after Saltelli and others (2010), total after Jansen (1999), outputs centred, intervals by bootstrap: SALib's
definitions, to the last digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from txlib.exact import floats

Floats = npt.NDArray[np.float64]
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Indices:
    """First-order and total indices, factors × outputs; `_error`: half the width of each one's bootstrap interval.

    An output that does not vary has indices of 0.
    """

    first: Floats
    total: Floats
    first_error: Floats = field(repr=False)
    total_error: Floats = field(repr=False)


def samples(factors: int, count: int, seed: int) -> tuple[Floats, Floats]:
    """Two independent samples of `factors` numbers uniform on 0 to 1, count × factors: a scrambled Sobol sequence.

    ValueError unless `count` is a power of two, where the sequence is balanced.
    """
    from scipy.stats import qmc  # half a second to import

    if count < 2 or count & (count - 1):
        raise ValueError(f"the number of samples must be a power of two, not {count}")
    both = qmc.Sobol(2 * factors, scramble=True, rng=np.random.default_rng(seed)).random(count)
    return both[:, :factors], both[:, factors:]


def indices(a: Any, b: Any, ab: Iterable[Any], *, resamples: int = 100, confidence: float = 0.95, seed: int = 2020) -> Indices:
    """Indices from outputs at sample A, at B, and at A with one factor's column from B, factor by factor.

    Each is samples × outputs. `ab` is gone through once: all outputs of one factor at a time. ValueError where outputs are
    not numbers or differ in shape, or with fewer than two samples or bootstrap resamples.
    """
    a, b = (_checked(x) for x in (a, b))
    n = len(a)
    if a.shape != b.shape or n < 2:
        raise ValueError(f"outputs at A and B must have one shape and two samples at least, not {a.shape} and {b.shape}")
    if resamples < 2:
        raise ValueError(f"resamples must be at least 2, not {resamples}")
    shift = (a.mean(axis=0) + b.mean(axis=0)) / 2
    a, b = a - shift, b - shift
    drawn = _resampled(n, resamples, seed)
    variance = _variance(a, b, drawn)
    sums, parts = a.sum(axis=0) + b.sum(axis=0), []
    squares = (a**2).sum(axis=0) + (b**2).sum(axis=0)
    for each in ab:
        x = _checked(each) - shift
        if x.shape != a.shape:
            raise ValueError(f"outputs at AB have the shape {x.shape}, those at A {a.shape}")
        sums, squares = sums + x.sum(axis=0), squares + (x**2).sum(axis=0)
        x -= a
        parts.append((drawn @ (b * x), drawn @ x, drawn @ x**2))
    count = (len(parts) + 2) * n
    centre = sums / count
    level = _EPS * (squares / count - centre**2)
    first, total = (np.empty((len(parts), 2, *a.shape[1:])) for _ in range(2))
    wide = NormalDist().inv_cdf(0.5 + confidence / 2)
    for j, (crossed, moved, squared) in enumerate(parts):
        by = np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > level)
        for told, found in ((first, (crossed - centre * moved) * by), (total, 0.5 * squared * by)):
            told[j] = found[0], wide * found[1:].std(axis=0, ddof=1)
    return Indices(first[:, 0], total[:, 0], first[:, 1], total[:, 1])


def _checked(x: Any) -> Floats:
    """Outputs as samples × outputs."""
    found = floats(x)
    if not np.isfinite(found).all():
        raise ValueError("an output is not a number")
    return found[:, None] if found.ndim == 1 else found


def _resampled(n: int, resamples: int, seed: int) -> Floats:
    """Weights of means, (1 + resamples) × n: first of all samples alike, then of each bootstrap resample."""
    chosen = np.random.default_rng(seed).integers(n, size=(n, resamples))
    counts = np.bincount((chosen + np.arange(resamples) * n).ravel(), minlength=n * resamples).reshape(resamples, n)
    return floats(np.vstack([np.ones(n), counts]) / n)


def _variance(a: Floats, b: Floats, drawn: Floats) -> Floats:
    """The variance of A and B together, of all samples and of each resample."""
    mean = drawn @ (a + b) / 2
    return np.asarray(drawn @ (a**2 + b**2) / 2 - mean**2)
