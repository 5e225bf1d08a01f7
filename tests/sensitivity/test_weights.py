"""Draws of weights: closed forms, other ways to the same shares, and what cannot be drawn."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shared
from properties import within
from scipy.stats import rankdata
from trees import EXACT, marks
from written import assessed

import txlib as tx
from txlib.sensitivity.draws import around
from txlib.sensitivity.weighed import model, totals
from txlib.sensitivity.weights import INTERVALS

pytestmark = pytest.mark.quick


def drawn(result: tx.Result, **more: Any) -> tx.Draws:
    return tx.weight_draws(result.book, result, **more)


def test_two_leaves_have_a_share_in_closed_form(tmp_path: Path) -> None:
    """On the simplex a unit with (80, 0) is above one with (0, 40) where w × 80 > (1 - w) × 40: w > 1/3."""
    found = drawn(assessed(tmp_path, marks({"a": "80 0", "b": "0 40"}, rules=EXACT)), kind="simplex", draws=40_000)
    assert within(found.acceptability.loc["a", 1], 2 / 3, 40_000)
    assert found.pairwise.loc["a", "b"] == found.acceptability.loc["a", 1]
    assert found.acceptability_error.loc["a", 1] == pytest.approx(np.sqrt(2 / 9 / 40_000), rel=0.02)


def test_three_leaves_have_a_share_in_closed_form(tmp_path: Path) -> None:
    """Each of three units leads on one leaf: each is first in a third of the simplex, and last in a third."""
    found = drawn(assessed(tmp_path, marks({"a": "90 0 0", "b": "0 90 0", "c": "0 0 90"}, rules=EXACT)), kind="simplex",
                  draws=60_000)
    for unit in "abc":
        for place in (1, 2, 3):
            assert within(found.acceptability.loc[unit, place], 1 / 3, 60_000)


def test_around_has_a_share_in_closed_form(tmp_path: Path) -> None:
    """a (84, 70) is above b (70, 85) where u × 14 > v × 15; u, v uniform on 0.9 to 1.1: a share known as an area."""
    found = drawn(assessed(tmp_path, marks({"a": "84 70", "b": "70 85"}, rules=EXACT)), draws=60_000)
    v = np.linspace(0.9, 1.1, 2_000_001)
    area = np.clip(1.1 - np.maximum(v * 15 / 14, 0.9), 0, None).mean() / 0.2
    assert within(found.acceptability.loc["a", 1], area, 60_000)


def test_rounded_scores_tie_as_ruled(tmp_path: Path) -> None:
    """Whole points: the two differ by w × 1 - (1 - w) × 1 in floats, but round to the same score in most draws."""
    rules = {"rounding": {"leaf": "exact", "total": "0", "half": "up"}}
    result = assessed(tmp_path, marks({"a": "81 80", "b": "80 81", "c": "10 10"}, rules=rules))
    found = drawn(result, kind="simplex", draws=20_000)
    # 80 + w and 81 - w both round to 81 only at w = 1/2: never; to 81 and 80 on either side
    assert within(found.pairwise.loc["a", "b"], 0.5, 20_000)
    narrow = drawn(assessed(tmp_path / "b", marks({"a": "80.4 80", "b": "80 80.4"}, rules=rules)), kind="simplex", draws=1000)
    assert (narrow.acceptability[1] == 1).all() and (narrow.pairwise.to_numpy() == 0).all()


@pytest.mark.parametrize("ties", ["min", "dense", "average"])
def test_shares_are_those_of_a_plain_loop(ties: Any, tmp_path: Path) -> None:
    """The same weights, one sample after the other: np.round of a dot product, scipy's ranks, pandas' quantiles."""
    table = {u: line for u, line in zip("abcdefg", ["90 81 70 66", "80 89 71 65", "80 89 71 65", "— 85 60 90", "75 95 — 80",
                                                    "88 80 66 77", "81 81 81 81"], strict=True)}
    rules = {"rounding": {"leaf": "exact", "total": "1", "half": "up"}, "ties": {"method": ties}}
    result = assessed(tmp_path, marks(table, rules=rules, weights=["4", "3", "2", "1"]))
    found = drawn(result, spread=0.3, draws=4000)
    m = model(result)
    assert len(table) * 4096 < 2**18
    columns = around(np.random.default_rng(np.random.SeedSequence(2020).spawn(1)[0]), m.groups, 0.3, 4000)
    scores = np.array([[sum(w * m.points * float(x) / 100 for w, x in zip(c, line.split(), strict=True) if x != "—")
                        / sum(w for w, x in zip(c, line.split(), strict=True) if x != "—")
                        for line in table.values()] for c in columns.T])
    place = pd.DataFrame(rankdata(-np.floor(scores * 10 + 0.5), method=ties, axis=1), columns=list(table))
    for unit, row in found.intervals.set_index("unit").iterrows():
        mine = place[unit]
        shares = mine.value_counts(normalize=True).reindex(found.acceptability.columns, fill_value=0.0)
        assert found.acceptability.loc[unit].to_numpy() == pytest.approx(shares.to_numpy())
        assert [row["best"], row["worst"]] == [mine.min(), mine.max()]
        quantiles = mine.quantile([0.05, 0.5, 0.95], interpolation="lower")
        assert [row["low"], row["median"], row["high"]] == pytest.approx(quantiles.tolist())
        assert row["kept"] == (mine == row["rank"]).mean()
    assert list(found.intervals) == INTERVALS


def test_identical_units_are_level_in_every_draw(tmp_path: Path) -> None:
    for rounding in (EXACT["rounding"]["total"], "2"):
        rules = {"rounding": {"leaf": "exact", "total": rounding, "half": "up"}}
        table = {"a": "71.3 88.9 — 64", "b": "71.3 88.9 — 64", "c": "60 60 60 60"}
        found = drawn(assessed(tmp_path / rounding, marks(table, rules=rules)), draws=5000, kind="simplex")
        assert found.pairwise.loc["a", "b"] == found.pairwise.loc["b", "a"] == 0
        assert (found.acceptability.loc["a"] == found.acceptability.loc["b"]).all()


def test_one_unit_and_one_leaf_have_defined_answers(tmp_path: Path) -> None:
    alone = drawn(assessed(tmp_path / "1", marks({"a": "80 90"})), draws=100)
    assert alone.acceptability.to_numpy().tolist() == [[1.0]] and alone.pairwise.to_numpy().tolist() == [[0.0]]
    for kind in ("around", "dirichlet", "simplex"):
        leaf = drawn(assessed(tmp_path / kind, marks({"a": "80", "b": "90"})), draws=100, kind=kind)
        assert leaf.acceptability.loc["b", 1] == 1


@pytest.mark.parametrize(("more", "cause"), [
    ({"draws": 0}, "draws must be at least 1, not 0"), ({"draws": -5}, "draws must be at least 1"),
    ({"spread": 1.0}, "spread must be at least 0 and under 1"), ({"spread": -0.1}, "spread must be"),
    ({"spread": float("nan")}, "spread must be"), ({"kind": "dirichlet", "spread": 0}, "spread must be above 0"),
    ({"kind": "dirichlet", "spread": 9}, "spread must be above 0 and at most"), ({"kind": "normal"}, "kind must be"),
])
def test_what_cannot_be_drawn_is_refused(more: dict[str, Any], cause: str, tmp_path: Path) -> None:
    result = assessed(tmp_path, marks({"a": "80 0", "b": "0 40"}))
    with pytest.raises(ValueError, match=cause):
        drawn(result, **more)


def test_another_rule_book_is_refused() -> None:
    with pytest.raises(ValueError, match="another rule-book"):
        tx.weight_draws(shared.edition("2017-jining")[0], shared.assessed("2020", "parks"))


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3")])
def test_no_spread_gives_the_ranking_in_every_draw(year: str, category: str) -> None:
    """Places, tiers and vetoes as published, tie-breaks and halves included."""
    result = shared.assessed(year, category)
    found = drawn(result, spread=0.0, draws=10)
    assert (found.intervals["kept"] == 1).all() and (found.intervals["best"] == found.intervals["worst"]).all()
    for row in result.ranking.to_dict("records"):
        assert found.tiers.loc[row["unit"], row["tier_code"]] == 1.0


def test_shares_add_up_and_the_order_is_the_rankings() -> None:
    result = shared.assessed("2020", "depts_3")
    found = drawn(result, draws=5000)
    assert found.intervals["unit"].tolist() == result.ranking["unit"].tolist() == found.acceptability.index.tolist()
    assert found.acceptability.sum(axis=1).to_numpy() == pytest.approx(1)
    assert found.tiers.sum(axis=1).to_numpy() == pytest.approx(1)
    both = found.pairwise.to_numpy() + found.pairwise.to_numpy().T
    assert (both <= 1 + 1e-12).all() and (np.diag(both) == 0).all()
    assert drawn(result, draws=5000, pairs=False).pairwise.empty


def test_dirichlet_draws_keep_to_the_ruled_weights() -> None:
    """A spread of next to nothing moves nothing; the mean of the totals is the total at the ruled weights."""
    result = shared.assessed("2020", "towns_1")
    assert (drawn(result, kind="dirichlet", spread=1e-6, draws=500).intervals["kept"] == 1).all()
    m = model(result)
    assert totals(m, m.weight)[0].max() == pytest.approx(result.ranking["total"].max())


def test_threads_change_no_bit() -> None:
    """Our own; those of the BLAS: test_sensitivity_at_length."""
    for category, kind in (("depts_1", "around"), ("towns_2", "simplex")):
        result = shared.assessed("2020", category)
        told = {bits(drawn(result, draws=9_000, kind=kind, threads=threads)) for threads in (1, 2, 5)}
        assert len(told) == 1


def bits(found: tx.Draws) -> str:
    """Digests of the frames."""
    frames = found.acceptability, found.intervals, found.tiers, found.pairwise
    return " ".join(hashlib.sha256(frame.to_csv().encode()).hexdigest() for frame in frames)
