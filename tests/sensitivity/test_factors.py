"""Sobol indices of a category: an integral over a grid, SALib on the same runs, the short way against the long one."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shared
from SALib.analyze import sobol as salib
from trees import EXACT, NUMBER, RULED, WAYS, marks, tree
from written import CATEGORY, assessed, loaded

from txlib.sensitivity import weighed
from txlib.sensitivity.factors import INDICES, REALISED, design, runs, sobol_indices, totals
from txlib.sensitivity.rules import NORMALISATIONS
from txlib.sensitivity.sobol import samples

pytestmark = pytest.mark.quick


def analysed(root: Path, case: dict[str, Any], **more: Any) -> Any:
    return sobol_indices(*loaded(root, case), CATEGORY, **more)


def test_two_weights_have_the_indices_of_an_integral(tmp_path: Path) -> None:
    """score = 100 (u 0.6 × 0.9 + v 0.4 × 0.3) / (u 0.6 + v 0.4), u and v uniform on 0.5 to 1.5."""
    found = analysed(tmp_path, marks({"a": "90 30", "b": "50 60"}, rules=EXACT, weights=["60", "40"]), spread=0.5, count=4096)
    u = (np.arange(2000) + 0.5) / 2000 + 0.5
    score = (u[:, None] * 0.6 * 90 + u * 0.4 * 30) / (u[:, None] * 0.6 + u * 0.4)
    first = [score.mean(axis=1).var() / score.var(), score.mean(axis=0).var() / score.var()]
    mine = found[(found["output"] == "score") & (found["unit"] == "a")].set_index("factor")
    assert mine.loc[["L0", "L1"], "first"].tolist() == pytest.approx(first, abs=0.01)
    assert mine.loc[["L0", "L1"], "total"].tolist() == pytest.approx([1 - first[1], 1 - first[0]], abs=0.01)
    assert list(found) == INDICES


def test_indices_are_salibs_on_the_same_runs() -> None:
    """Scores, ranks and the mean shift of a category with gaps, choices and errors among the factors."""
    book, data = shared.edition("2020")
    more: Any = {"normalisations": ("ruled", "min_max"), "marks": 0.01}
    found = sobol_indices(book, data, "parks", spread=0.5, count=64, seed=3, **more)
    d = design(shared.assessed("2020", "parks"), spread=0.5, seed=3, **more)
    a, b = samples(len(d.factors), 64, 3)
    every = [np.floor(told * 100 + 0.5) / 100 for _, told in runs(d, a, b)]
    published = shared.assessed("2020", "parks").ranking.set_index("unit")["rank"].reindex(d.m.units["unit"]).to_numpy()
    k = len(d.factors)
    problem = {"num_vars": k, "names": [f.code for f in d.factors], "bounds": [[0, 1]] * k}
    for u, unit in enumerate(d.m.units["unit"]):
        ranks = [(each[:, u:u + 1] < each).sum(axis=1) + 1.0 for each in every]
        for name, outputs in (("score", [each[:, u] for each in every]), ("rank", ranks)):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = salib.analyze(problem, np.column_stack([outputs[0], *outputs[2:], outputs[1]]).ravel(),
                                       calc_second_order=False, seed=3)
            mine = found[(found["output"] == name) & (found["unit"] == unit)]
            assert mine["factor"].tolist() == problem["names"]
            assert np.abs(mine["first"].to_numpy() - theirs["S1"]).max() < 1e-10
            assert np.abs(mine["total_high"].to_numpy() - theirs["ST"] - theirs["ST_conf"]).max() < 1e-10
    assert published.shape == (3,) and (found["output"] == "mean_shift").sum() == k


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_1")])
def test_a_change_of_rank_one_is_the_whole_run(year: str, category: str) -> None:
    """Branches and leaves, weight passed on where something does not apply, normalisations and errors chosen."""
    d = design(shared.assessed(year, category), spread=0.4, normalisations=NORMALISATIONS, marks=0.02)
    assert d.sums
    a, b = samples(len(d.factors), 32, 1)
    for x, told in runs(d, a, b):
        shares = d.shares(x)
        for s in range(0, 32, 7):
            columns = np.ones((len(d.m.leaves), 1))
            for group in d.m.groups:
                weight = d.multipliers(x[s:s + 1], group)[0]
                for below, w in zip(group.below, weight / weight.sum(), strict=True):
                    columns[below] *= w
            long = weighed.branch_points(d.m, columns, lambda j, s=s, shares=shares: np.broadcast_to(  # type: ignore[misc]
                shares(j), (32, len(d.m.units)))[s])
            assert told[s] == pytest.approx((long[""] + d.m.added)[0], abs=1e-10)


def test_without_choices_totals_are_those_at_the_weights() -> None:
    d = design(shared.assessed("2020", "depts_1"))
    middle = np.full((1, len(d.factors)), 0.5)
    assert totals(d, middle) == pytest.approx(weighed.totals(d.m, d.m.weight), abs=1e-10)


def test_one_unit_with_a_gap_passes_its_weight_on(tmp_path: Path) -> None:
    d = design(assessed(tmp_path, marks({"a": "80 — 60"})))
    assert totals(d, np.full((2, len(d.factors)), 0.5)) == pytest.approx(70)


def test_other_roll_ups_take_the_long_way(tmp_path: Path) -> None:
    for n, way in enumerate(("roll_ups", "geometric", "peers_mean")):
        d = design(assessed(tmp_path / str(n), tree(RULED, **WAYS[way])), spread=0.3)
        assert not d.sums
        middle = np.full((1, len(d.factors)), 0.5)
        assert totals(d, middle) == pytest.approx(weighed.totals(d.m, d.m.weight), abs=1e-10)


def test_a_lone_choice_carries_all_there_is(tmp_path: Path) -> None:
    """a leads where leaves add up, b where they must all be good."""
    table = {"a": "100 40", "b": "65 65"}
    found = analysed(tmp_path, marks(table, rules=EXACT), spread=0.0, roll_ups=("sum", "harmonic"), count=512)
    assert found["factor"].unique().tolist() == ["roll_up"] and found["name"].unique().tolist() == ["汇总方法"]
    varies = found[(found["output"] != "score") | (found["unit"] == "a")]
    assert varies["first"].to_numpy() == pytest.approx(1, abs=0.01) and varies["total"].to_numpy() == pytest.approx(1, abs=0.01)
    # 65 and 65 are 65 either way, but for floats: rounded, b's score does not vary
    assert (found[(found["output"] == "score") & (found["unit"] == "b")]["total"] == 0).all()


def test_marks_are_one_factor_of_many_sets_of_errors(tmp_path: Path) -> None:
    d = design(assessed(tmp_path, marks({"a": "80 70", "b": "81 —"})), spread=0.0, marks=0.02)
    assert [f.code for f in d.factors] == ["marks"]
    column = d.drawn[0][:, 0]
    assert column.shape == (REALISED, 2) and np.abs(column - [0.80, 0.81]).max() <= 0.02 and np.ptp(column) > 0.03
    assert (d.drawn[1][:, 0, 1] == 0).all()


def test_a_number_has_one_error_in_all_its_scorings(tmp_path: Path) -> None:
    """Of x marks out of 100 one scoring gives x%, the other 100 − x%: together the same in every set of errors."""
    d = design(assessed(tmp_path, NUMBER), spread=0.0, marks=0.1)
    assert d.drawn[0] + d.drawn[1] == pytest.approx(1.0) and np.ptp(d.drawn[0]) > 0.15


def test_weights_that_change_no_place_have_indices_of_zero() -> None:
    """Ranks and shifts never vary; tie-breaks and halves are as published, or they would."""
    found = sobol_indices(*shared.edition("2020"), "zones", spread=0.01, count=32)
    ranks = found[found["output"] != "score"]
    assert (ranks[["first", "total", "first_low", "total_high"]] == 0).all().all()
    assert found[found["output"] == "score"]["total"].max() > 0.05


@pytest.mark.parametrize(("more", "cause"), [
    ({"spread": 1.0}, "spread must be"), ({"count": 100}, "a power of two, not 100"), ({"outputs": ["rang"]}, "outputs are"),
    ({"roll_ups": ("median",)}, "median"), ({"normalisations": ()}, "choose some"), ({"marks": -1.0}, "marks: the error"),
    ({"normalisations": ("log",)}, "must be one of"), ({"spread": 0.0}, "no factor to vary"),
    ({"outputs": ()}, "outputs: choose some of score, rank"), ({"confidence": 1.0}, "confidence must be above 0 and under 1"),
    ({"confidence": 0}, "confidence must be"), ({"marks": 5.0}, "marks: the error is a part of full marks"),
])
def test_what_cannot_be_analysed_is_refused(more: dict[str, Any], cause: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=cause):
        analysed(tmp_path, marks({"a": "80 70", "b": "70 80"}), **more)


def test_one_leaf_has_no_factor(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no factor to vary: one leaf"):
        analysed(tmp_path, marks({"a": "80", "b": "70"}))
