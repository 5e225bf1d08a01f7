"""Sobol indices of many outputs at once: what part of an output's variance a factor carries alone, and with the others.

First order after Saltelli and others (2010), total after Jansen (1999), outputs centred, intervals by bootstrap: SALib's
definitions, to the last digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from txlib.base.numbers import Floats, floats

_EPS = float(np.finfo(np.float64).eps)
_NONE = 1e-13  # a part of the variance that only rounding leaves


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
    not numbers or differ in shape, with fewer than two samples or bootstrap resamples, or unless 0 < confidence < 1.
    """
    a, b = (_checked(x) for x in (a, b))
    n = len(a)
    if a.shape != b.shape or n < 2:
        raise ValueError(f"outputs at A and B must have one shape and two samples at least, not {a.shape} and {b.shape}")
    if resamples < 2:
        raise ValueError(f"resamples must be at least 2, not {resamples}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be above 0 and under 1, not {confidence}")
    shift = (a.mean(axis=0) + b.mean(axis=0)) / 2
    b = b - shift
    drawn = _resampled(n, resamples, seed)
    by = _over_variance(a - shift, b, drawn, shift)
    sums, parts, block = np.zeros_like(shift), [], np.empty((3, *a.shape))
    for each in ab:
        x = _checked(each)
        if x.shape != a.shape:
            raise ValueError(f"outputs at AB have the shape {x.shape}, those at A {a.shape}")
        crossed, moved, squared = block
        np.subtract(x, a, out=moved)
        np.multiply(b, moved, out=crossed)
        np.multiply(moved, moved, out=squared)
        sums += moved.sum(axis=0)
        parts.append(_moments(np.matmul(drawn, block), by))
    sums += len(parts) * (a - shift).sum(axis=0)
    wide = NormalDist().inv_cdf(0.5 + confidence / 2)
    if not parts:
        return Indices(*(np.zeros((0, a.shape[1])) for _ in range(4)))
    m = _Moments(*np.array(parts).transpose(1, 0, 2))
    centre = sums / ((len(parts) + 2) * n)  # of all outputs, as SALib has it; a change of B's centre changes only the first order
    spread = np.sqrt(np.maximum(m.first_2 - 2 * centre * m.both + centre**2 * m.moves_2, 0.0))
    return Indices(m.first - centre * m.moves, m.total, wide * spread, wide * np.sqrt(m.total_2))


class _Moments(NamedTuple):
    """Sums over the variance, of all samples; then variances (`…_2`) and the covariance of `first` and `moves` among resamples.

    `first`: B's outputs times the moves from A; `moves` themselves; `total`: half their squares.
    """

    first: Floats
    moves: Floats
    total: Floats
    first_2: Floats
    both: Floats
    moves_2: Floats
    total_2: Floats


def _moments(found: Floats, by: Floats) -> Floats:
    """One factor's moments, in their order, × outputs."""
    crossed, moved, squared = found * by
    squared *= 0.5
    apart = [part[1:] - part[1:].mean(axis=0) for part in (crossed, moved, squared)]
    free = found.shape[1] - 2
    pairs = ((0, 0), (0, 1), (1, 1), (2, 2))
    return np.array([crossed[0], moved[0], squared[0], *((apart[i] * apart[j]).sum(axis=0) / free for i, j in pairs)])


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


def _over_variance(a: Floats, b: Floats, drawn: Floats, shift: Floats) -> Floats:
    """One over the variance of A and B together, of all samples and of each resample; 0 where they do not vary."""
    mean = drawn @ (a + b) / 2
    variance = drawn @ (a**2 + b**2) / 2 - mean**2
    level = _NONE * variance[0] + 16 * (_EPS * shift) ** 2
    return np.divide(1.0, variance, out=np.zeros_like(variance), where=variance > level)
