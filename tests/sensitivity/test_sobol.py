"""Sobol indices: closed forms (Ishigami, Sobol's G), and SALib on the same sample to 1e-12."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from SALib.analyze import sobol as salib
from SALib.test_functions import Ishigami, Sobol_G

from txlib.sensitivity.sobol import indices, samples

pytestmark = pytest.mark.quick


def evaluated(function: Any, a: Any, b: Any) -> tuple[Any, Any, list[Any]]:
    """Outputs at A, at B, and at A with one column of B after the other."""
    mixed = []
    for j in range(a.shape[1]):
        x = a.copy()
        x[:, j] = b[:, j]
        mixed.append(function(x))
    return function(a), function(b), mixed


def by_salib(a: Any, b: Any, ab: list[Any], seed: int) -> Any:
    """The same outputs in SALib's order: A, the mixed ones, B, sample by sample."""
    k = len(ab)
    problem = {"num_vars": k, "names": [str(j) for j in range(k)], "bounds": [[0, 1]] * k}
    told = np.column_stack([a, *ab, b]).ravel()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return salib.analyze(problem, told, calc_second_order=False, num_resamples=100, seed=seed)


def ishigami(x: Any) -> Any:
    return Ishigami.evaluate(-np.pi + 2 * np.pi * x)


def test_ishigami_has_its_closed_form() -> None:
    """a = 7, b = 0.1: Ishigami and Homma (1990)."""
    a, b = 7, 0.1
    v1, v2, v13 = (1 + b * np.pi**4 / 5) ** 2 / 2, a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    found = indices(*evaluated(ishigami, *samples(3, 2**14, 1)))
    assert found.first[:, 0] == pytest.approx([v1 / v, v2 / v, 0], abs=0.01)
    assert found.total[:, 0] == pytest.approx([(v1 + v13) / v, v2 / v, v13 / v], abs=0.01)


def test_sobols_g_has_its_closed_form() -> None:
    """Vi = 1/3 / (1 + ai)²; the total of i: Vi × the product of (1 + Vj) of the others, over the product of all less 1."""
    a = np.array([0, 1, 4.5, 9, 99])
    part = 1 / 3 / (1 + a) ** 2
    v = np.prod(1 + part) - 1
    x, y = samples(5, 2**14, 1)
    found = indices(*evaluated(lambda x: np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1), x, y))
    assert found.first[:, 0] == pytest.approx(part / v, abs=0.01)
    assert found.total[:, 0] == pytest.approx(part * np.prod(1 + part) / (1 + part) / v, abs=0.01)


@pytest.mark.parametrize("offset", [0.0, 1e4])
def test_indices_and_intervals_are_salibs_on_the_same_sample(offset: float) -> None:
    """All outputs at once; an output far from zero needs centring."""
    a, b = samples(5, 256, 3)
    weights = np.array([0, 0.5, 3, 9, 99])

    def outputs(x: Any) -> Any:
        smooth = ishigami(x[:, :3]), Sobol_G.evaluate(x, a=weights), x @ np.arange(5.0)
        return np.column_stack([*smooth, np.floor(x[:, 0] * 4)]) + offset

    ya, yb, yab = evaluated(outputs, a, b)
    found = indices(ya, yb, yab, seed=7)
    for k in range(4):
        theirs = by_salib(ya[:, k], yb[:, k], [y[:, k] for y in yab], 7)
        close = 1e-12 if offset == 0 else 1e-9  # with the offset, SALib's own standardising leaves fewer digits
        for mine, name in ((found.first, "S1"), (found.total, "ST"), (found.first_error, "S1_conf"),
                           (found.total_error, "ST_conf")):
            assert np.abs(mine[:, k] - theirs[name]).max() < close, name


def test_an_output_without_variance_has_indices_of_zero_as_salib_has() -> None:
    a, b = samples(2, 64, 1)
    found = indices(*evaluated(lambda x: np.column_stack([np.full(64, 3.0), x[:, 0]]), a, b))
    assert (found.first[:, 0] == 0).all() and (found.total[:, 0] == 0).all() and (found.total_error[:, 0] == 0).all()
    assert found.first[0, 1] == pytest.approx(1, abs=0.1) and found.first[1, 1] == found.total[1, 1] == 0


def test_intervals_cover_the_closed_form() -> None:
    """Of a linear model, in about 95 of 100 samples drawn at random."""
    weights, inside = np.array([1.0, 2, 3]), 0
    wanted = weights**2 / (weights**2).sum()
    for seed in range(100):
        a, b = np.random.default_rng(seed).random((2, 200, 3))
        found = indices(*evaluated(lambda x: x @ weights, a, b), resamples=200, seed=seed)
        inside += int((np.abs(found.first[:, 0] - wanted) <= found.first_error[:, 0])[1])
    assert 88 <= inside <= 100


@pytest.mark.parametrize(("outputs", "more", "cause"), [
    ((np.ones(4), np.ones(5), []), {}, "one shape"), ((np.ones(1), np.ones(1), []), {}, "two samples"),
    ((np.ones(4), np.ones(4), [np.ones(3)]), {}, "outputs at AB have the shape"),
    ((np.array([1, np.nan]), np.ones(2), []), {}, "not a number"),
    ((np.ones(4), np.ones(4), []), {"resamples": 1}, "resamples must be at least 2"),
])
def test_what_has_no_indices_is_refused(outputs: Any, more: dict[str, Any], cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        indices(*outputs, **more)


def test_a_sample_is_balanced_or_refused() -> None:
    a, b = samples(3, 64, 1)
    for x in (*a.T, *b.T):
        assert (np.bincount((x * 64).astype(int), minlength=64) == 1).all()
    with pytest.raises(ValueError, match="a power of two, not 100"):
        samples(3, 100, 1)
