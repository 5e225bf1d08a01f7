"""Kernels against slow and independent ways: scipy's ranks, `scoring.places.tiers`, moments and volumes known in closed form."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from properties import examples
from scipy.stats import rankdata

from txlib.base.fields import Text
from txlib.base.numbers import Numeral, places
from txlib.rules.category import Node
from txlib.rules.tree import NotApplicable
from txlib.rules.year import Tiers
from txlib.scoring.places import ordered, tiers
from txlib.sensitivity.draws import around, best_first, dirichlet, in_chunks, ranks, simplex, tally
from txlib.sensitivity.weighed import Siblings

pytestmark = pytest.mark.quick

NAME = {"zh": "等次", "en": "tier"}
SIZES = [(1, 3, 5), (2, 50, 2), (7, 300, 9), (16, 200, 40), (49, 400, 3000), (300, 20, 100), (7, 50, 10**13)]


def drawn(units: int, samples: int, values: int) -> np.ndarray[Any, Any]:
    """Whole scores, many of them level, some below zero."""
    return np.random.default_rng(units).integers(-values // 3, values, (samples, units)).astype(float)


@pytest.mark.parametrize("ties", ["min", "dense", "average"])
@pytest.mark.parametrize(("units", "samples", "values"), SIZES)
def test_places_are_those_of_scipy(units: int, samples: int, values: int, ties: Any) -> None:
    scores = drawn(units, samples, values)
    assert (ranks(best_first(scores), ties) == rankdata(-scores, method=ties, axis=1)).all()


def test_a_criterion_decides_between_equal_scores_only() -> None:
    """As `ordered` has it for one sample."""
    rng = np.random.default_rng(3)
    scores, first, second = (rng.integers(0, high, (200, 9)).astype(float) for high in (6, 3, 3))
    found = ranks(best_first(scores, lambda rows: [first[rows], second[rows]]), "min")
    for s in range(200):
        assert (found[s] == places(ordered(scores[s], [first[s], second[s]]))).all()


def test_scores_beyond_measure_are_refused() -> None:
    for value in (1e19, np.inf, np.nan):
        with pytest.raises(ValueError, match="too large to be ranked, or not numbers"):
            best_first(np.array([[1.0, value]]))


REST = {"takes": "rest"}
TIERS = {
    "shares": [{"takes": "30%"}, {"takes": "35%"}, REST],
    "counts": [{"takes": Numeral("2")}, {"takes": Numeral("2")}, {"takes": Numeral("1")}, REST],
    "a line": [{"at_least": Numeral("12")}, {"at_least": Numeral("8.5")}, REST],
    "a line then a count": [{"at_least": Numeral("14")}, {"takes": Numeral("2")}, REST],
    "a count then a line": [{"takes": Numeral("2")}, {"at_least": Numeral("9")}, {"takes": Numeral("1")}, REST],
}


SCORES = np.random.default_rng(5).integers(60, 170, (examples(300).max_examples, 9)).astype(float)  # in tenths
SCORES[:, 4] = SCORES[:, 3]


@cache
def exactly() -> list[Any]:
    """The scores as fractions."""
    return [np.array([Fraction(int(x), 10) for x in scores], dtype=object) for scores in SCORES]


def rule_of(levels: str, tied: str) -> Tiers:
    told = [{"code": f"t{i}", "name": NAME, **level} for i, level in enumerate(TIERS[levels])]
    return Tiers.model_validate({"clause": "silent", "assumed": "x", "count": "half_up", "tied_at_the_cut": tied, "levels": told})


@cache
def in_tiers(levels: str, tied: str) -> np.ndarray[Any, Any]:
    """How often each unit is in each tier, one ranking after the other; the rule for ties does not matter."""
    rule = rule_of(levels, tied)
    tier = np.zeros((9, len(rule.levels)))
    for scores in exactly():
        for i, code in enumerate(tiers(scores, rule)["tier_code"]):
            tier[i, int(code[1])] += 1
    return tier


@pytest.mark.parametrize("ties", ["min", "dense", "average"])
@pytest.mark.parametrize("tied", ["in", "out"])
@pytest.mark.parametrize("levels", TIERS)
def test_counts_are_those_of_one_ranking_after_the_other(levels: str, tied: str, ties: Any) -> None:
    rule, place, above = rule_of(levels, tied), np.zeros((9, 17)), np.zeros((9, 9))
    found = tally(SCORES, ties, rule, 1)
    for scores in exactly():
        mine = places(scores, ties=ties)
        place[np.arange(9), (2 * mine - 2).astype(int)] += 1
        above += mine[:, None] < mine[None, :]
    assert (found.place == place).all() and (found.tier == in_tiers(levels, tied)).all() and (found.above == above).all()


@pytest.mark.parametrize("units", [2, 255, 256, 300])
def test_pairs_are_counted_in_full_words(units: int) -> None:
    scores = np.random.default_rng(1).integers(0, 50, (1500, units)).astype(float)
    found = tally(scores, "min", None, 0).above
    for i, j in ((0, 1), (1, 0), (units - 1, 0), (0, units - 1)):
        assert found[i, j] == (scores[:, i] > scores[:, j]).sum()


# ── samples ─────────────────────────────────────────────────────────────────────────────────────────────────────────

WORD = Text(zh="名", en="name")


def node(code: str, *children: Node) -> Node:
    return Node(code, WORD, Fraction(1), 1, None, (), (), NotApplicable(rule="redistribute"), children)


LEAVES = [node(str(j)) for j in range(5)]
INNER = node("A", *LEAVES[1:4])
GROUPS = (Siblings(node("", LEAVES[0], INNER, LEAVES[4]), (slice(0, 1), slice(1, 4), slice(4, 5)), np.array([0.2, 0.5, 0.3])),
          Siblings(INNER, (slice(1, 2), slice(2, 3), slice(3, 4)), np.array([0.5, 0.3, 0.2])))


def test_around_moves_each_level_within_its_bounds_and_siblings_add_up() -> None:
    found = around(np.random.default_rng(1), GROUPS, 0.25, 20_000)
    assert found.sum(axis=0) == pytest.approx(1)
    top = np.array([found[0], found[1:4].sum(axis=0), found[4]])
    for group, weights in ((GROUPS[0], top), (GROUPS[1], found[1:4] / top[1])):
        ratio = weights / group.weight[:, None]
        assert (ratio.max(axis=0) / ratio.min(axis=0)).max() <= 1.25 / 0.75
        assert (ratio.max(axis=0) / ratio.min(axis=0)).max() > 1.6
    assert np.corrcoef(top[1], found[1] / top[1])[0, 1] == pytest.approx(0, abs=0.03)
    assert around(np.random.default_rng(1), GROUPS, 0.0, 1)[:, 0] == pytest.approx([0.2, 0.25, 0.15, 0.1, 0.3])


def test_dirichlet_has_the_ruled_weights_as_mean_and_its_own_variance() -> None:
    alpha = 50 * np.array([0.5, 0.3, 0.15, 0.05])
    found = dirichlet(np.random.default_rng(1), alpha, 100_000)
    mean, variance = alpha / 50, alpha / 50 * (1 - alpha / 50) / 51
    assert found.mean(axis=1) == pytest.approx(mean, abs=4 * np.sqrt(variance.max() / 100_000))
    assert found.var(axis=1) == pytest.approx(variance, rel=0.03)


def test_simplex_is_uniform() -> None:
    """A weight of k uniform ones is Beta(1, k - 1): above x with the share (1 - x)^(k - 1); normalised uniforms are not."""
    found = simplex(np.random.default_rng(1), 5, 100_000)
    for x in (0.1, 0.3, 0.6):
        share = (1 - x) ** 4
        assert (found > x).mean(axis=1) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 100_000))


def test_a_chunk_has_a_seed_of_its_own_and_threads_change_nothing() -> None:
    def one(rng: np.random.Generator, samples: int) -> Any:
        return tally(rng.integers(0, 9, (samples, 4)).astype(float), "average", None, 0)

    alone = in_chunks(one, 1000, 64, 7, threads=1)
    for threads in (2, 3, 16):
        assert (in_chunks(one, 1000, 64, 7, threads).place == alone.place).all()
    assert alone.place.sum() == 4000
    assert (in_chunks(one, 1000, 64, 8).place != alone.place).any()
    with pytest.raises(ValueError, match="draws must be at least 1, not 0"):
        in_chunks(one, 0, 64, 7)
