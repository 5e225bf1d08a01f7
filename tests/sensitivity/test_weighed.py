"""The arrays behind a result: they give its scores back, and at other weights those of a rule-book with these weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shared
from trees import RULED, WAYS, tree
from written import CATEGORY, YEAR, assessed, loaded, workspace

import txlib as tx
from txlib.base.numbers import rounded_one
from txlib.sensitivity.weighed import WeighedTree, branch_points, model, product, totals, whole_numbers

pytestmark = pytest.mark.quick

Written = Callable[[dict[str, Any]], tx.Result]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A case assessed, each in a folder of its own."""
    number = count()
    return lambda case: assessed(tmp_path / str(next(number)), case)


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3"), ("2017-jining", "class_1")])
def test_the_ruled_weights_give_the_sample_back(year: str, category: str) -> None:
    result = shared.assessed(year, category)
    m = model(result)
    found = whole_numbers(totals(m, m.weight)[0], m) / 100
    assert found.tolist() == result.ranking.set_index("unit")["score"].reindex(m.units["unit"]).tolist()
    assert m.effective.sum(axis=1) == pytest.approx(1, abs=1e-12)


OTHER = [["30", "5", "5", "10", "10", "10", "30"], ["1", "2", "3", "4", "5", "6", "79"],
         ["14.5", "14.5", "14", "14.25", "14.25", "14.25", "14.25"]]


@pytest.mark.parametrize("way", WAYS)
def test_other_weights_give_the_scores_of_a_rule_book_with_those_weights(way: str, tmp_path: Path) -> None:
    """`assess` in fractions, tree by tree, against one model in floats."""
    case = tree(RULED, **copy.deepcopy(WAYS[way]))
    (_, data), result = loaded(tmp_path, case), assessed(tmp_path, case)
    m = model(result)
    assert m.linear == (way == "sums")
    found = totals(m, np.array(OTHER, dtype=float))
    for weights, mine in zip(OTHER, found, strict=True):
        other = tx.load_rulebook(YEAR, workspace(tmp_path / weights[0], tree(weights, **copy.deepcopy(WAYS[way]))))
        theirs = tx.assess(other, data, CATEGORY).ranking.set_index("unit")["total"]
        # the result's points are rounded where leaves are: each share is half a decimal off at most
        off = sum(0.05 * (1 + float(w) / float(r)) for w, r in zip(weights, RULED, strict=True)) if way == "leaves_rounded" else 0
        assert mine == pytest.approx(theirs.reindex(m.units["unit"]).to_numpy(), abs=1e-9 + off), weights


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3")])
def test_the_short_way_for_sums_is_the_long_way(year: str, category: str) -> None:
    m = model(shared.assessed(year, category))
    assert m.linear
    columns = np.random.default_rng(1).dirichlet(np.ones(len(m.leaves)), 130).T.copy()
    long = branch_points(m, columns, lambda j: m.share[:, j])[""] + m.added
    assert np.abs(totals(m, columns.T) - long).max() < 1e-11


@pytest.mark.parametrize(("leaves", "samples", "units"), [(1, 1, 1), (60, 100, 49), (100, 130, 1000), (5000, 3, 2)])
def test_the_product_in_blocks_is_the_product(leaves: int, samples: int, units: int) -> None:
    rng = np.random.default_rng(leaves)
    columns, table = rng.random((leaves, samples)), rng.random((leaves, units))
    assert product(columns, table) == pytest.approx(np.einsum("ls,lu->su", columns, table), rel=1e-13)


@pytest.mark.parametrize("half", ["up", "even"])
def test_scores_are_rounded_as_ruled(half: str, written: Written) -> None:
    """90.995 is no float: the nearest lies below it, and 四舍五入 gives 91.00 all the same."""
    rules = {"rounding": {"leaf": "exact", "total": "2", "half": half}}
    m = model(written(tree(RULED, rules=rules)))
    texts = ["90.995", "90.985", "0.005", "-0.005", "-1.015", "1.005", "64.574999", "64.575001", "0"]
    wanted = [float(rounded_one(Fraction(text), 2, half) * 100) for text in texts]  # type: ignore[arg-type]
    assert whole_numbers(np.array([[float(text) for text in texts]]), m)[0].tolist() == wanted


def one_leaf() -> dict[str, Any]:
    return {"indicators": [{"code": "A", "weight": 100, "scored_by": {"method": "given"}}], "units": ["a", "b"],
            "tables": {"observations": "unit,indicator,value\na,A,90\nb,A,80\n"}}


def test_a_tree_of_one_leaf_has_one_weight(written: Written) -> None:
    m = model(written(one_leaf()))
    assert totals(m, [[1.0], [7.0]]).tolist() == [[90.0, 80.0], [90.0, 80.0]]


@pytest.mark.parametrize(("weights", "cause"), [
    ([1, 2, 3, -4, 5, 6, 7], "L3"), ([0] * 7, "all weights are zero"), ([1, float("nan"), 1, 1, 1, 1, 1], "L1"),
    ([1, 2], "2 weights for 7 leaves"),
])
def test_weights_that_cannot_be_are_refused(weights: list[float], cause: str, written: Written) -> None:
    with pytest.raises(ValueError, match=cause):
        totals(model(written(tree(RULED))), weights)


def test_points_that_are_no_number_or_do_not_add_up_are_refused(written: Written) -> None:
    result = written(one_leaf())

    def spoiled(*points: float) -> tx.Result:
        return replace(result, points=replace(result.points, points={"A": np.array(points)}))

    with pytest.raises(ValueError, match="b, A: the points are not a number"):
        model(spoiled(90.0, float("nan")))
    with pytest.raises(ValueError, match="a: the points do not add up"):
        model(spoiled(89.0, 80.0))


def test_a_weight_of_zero_counts_for_nothing(written: Written) -> None:
    m: WeighedTree = model(written(tree(RULED)))
    assert totals(m, [0, 0, 0, 0, 0, 0, 1])[0] == pytest.approx([82, 95, 60.4, 71])
