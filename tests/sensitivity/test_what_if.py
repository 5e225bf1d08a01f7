"""What if the weights were others: rankings worked by hand, trees scaled, and what is refused."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shared
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from weighed import FLAT, TREE, book, leaf, marked, tiers
from written import YEAR, workspace

import txlib as tx
from txlib.base.numbers import Numeral, exact
from txlib.rules.year import Tiers
from txlib.scoring import places
from txlib.sensitivity.weighed import model, totals
from txlib.sensitivity.what_if import WHAT_IF, reranked, reweighted

pytestmark = pytest.mark.quick

MARKS: list[list[float | None]] = [[90, 60, 70], [80, 95, 80], [70, 70, None]]
Loaded = tuple[tx.RuleBook, tx.Data]


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    rules, data = book(tmp_path_factory.mktemp("flat"), FLAT, 3, tie_break=("C",))
    return rules, marked(data, MARKS)


@pytest.fixture(scope="module")
def deep(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return book(tmp_path_factory.mktemp("deep"), TREE, 3)


def weights(category: Any) -> dict[str, Fraction]:
    return {node.code: node.full for node in category.nodes if node.code != "J"}


def test_the_new_ranking_beside_the_old(flat: Loaded) -> None:
    """As ruled 50 : 30 : 20: a 77.00, b 84.50, c 70.00. With A at 90 the rest is 6 : 4: a 87.40, b 80.90, c 70.00."""
    table = tx.what_if(*flat, "c", {"A": 90})
    assert table.columns.tolist() == WHAT_IF
    assert table[["unit", "score", "rank", "score_then", "rank_then", "moved"]].to_numpy().tolist() == [
        ["a", 87.4, 1, 77.0, 2, 1], ["b", 80.9, 2, 84.5, 1, -1], ["c", 70.0, 3, 70.0, 3, 0]]


def test_nothing_changes_where_nothing_is_asked(flat: Loaded) -> None:
    for asked in ({}, {"A": 50}, {"A": 50, "B": 30, "C": 20}):
        table = tx.what_if(*flat, "c", asked)
        assert (table["moved"] == 0).all() and (table["score"] == table["score_then"]).all()


def test_siblings_share_the_rest_in_proportion_and_children_follow(deep: Loaded) -> None:
    """B from 40 to 20: A takes 80, its 25 : 20 : 15 become 100/3, 80/3, 20; everything below B halves."""
    found = weights(reweighted(deep[0].categories["c"], {"B": 20}))
    assert found == {"A": 80, "A1": Fraction(100, 3), "A2": Fraction(80, 3), "A3": 20,
                     "B": 20, "B1": 15, "B1.1": 5, "B1.2": 10, "B2": 5}


def test_weights_given_at_several_levels_and_kept(deep: Loaded) -> None:
    head = deep[0].categories["c"]
    found = weights(reweighted(head, {"B": 50, "B1": 20.5}, keep=["A1"]))
    assert found == {"A": 50, "A1": 25, "A2": Fraction(100, 7), "A3": Fraction(75, 7),
                     "B": 50, "B1": Fraction(41, 2), "B1.1": Fraction(41, 6), "B1.2": Fraction(41, 3), "B2": Fraction(59, 2)}
    assert weights(reweighted(head, {"A": Decimal("60.1")})) == weights(reweighted(head, {"A": np.float64(60.1)}))


@examples(60)
@given(code=st.sampled_from(["A", "A2", "B1", "B1.1", "B2"]), part=st.fractions(0, 1, max_denominator=97))
def test_parents_keep_their_points(deep: Loaded, code: str, part: Fraction) -> None:
    head = deep[0].categories["c"]
    parent = head.node(code).parent
    whole = head.node(parent).full if parent else Fraction(100)
    new = reweighted(head, {code: part * whole})
    assert sum(root.full for root in new.roots) == 100 and sum(each.full for each in new.leaves) == 100
    for node in new.nodes:
        assert not node.children or sum(child.full for child in node.children) == node.full
    assert all(node.full > 0 for node in new.nodes if node.code != "J")


def test_a_weight_of_zero_leaves_the_indicator_out(flat: Loaded) -> None:
    """C decides ties and does not apply to the third: without it 5 : 3, a 78.75, b 85.63, c 70.00."""
    rules, data = flat
    table = tx.what_if(rules, data, "c", {"C": 0}).set_index("unit")
    assert table["score"].to_dict() == {"a": 78.75, "b": 85.63, "c": 70.0}
    new = reweighted(rules.categories["c"], {"C": 0})
    assert [each.code for each in new.leaves] == ["A", "B"] and new.tie_break == ()


@pytest.mark.parametrize(("asked", "keep", "cause"), [
    ({"X": 20}, None, "no indicator X in c: A, A1"), ({}, ["X"], "no indicator X in c"),
    ({"A": -1}, None, "A: -1 points, a weight is not negative"),
    ({"A": 101}, None, "A 101 is above the 100 points of the total"),
    ({"A1": 70}, None, "A1 70 is above the 60 points of A"),
    ({"B": 20, "B1": 30}, None, "B1 30 is above the 20 points of B"),
    ({"A": 50, "B": 40}, None, "A 50 \\+ B 40 should add up to the 100 points of the total"),
    ({"B": 50}, ["A"], "should add up"), ({"B": 50}, "B", "B: a weight is given, and it is to keep its own"),
    ({"J": 5}, None, "J is an adjustment"), ({"A": math.nan}, None, "A: nan is no number"),
    ({"A": True}, None, "A: True is no number"), ({"A": "20"}, None, "A: '20' is no number"), ({"A": math.inf}, None, "inf"),
])
def test_what_cannot_be_is_refused_and_the_cause_named(deep: Loaded, asked: Any, keep: Any, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        tx.what_if(*deep, "c", asked, keep)


def test_a_category_that_is_not_there(deep: Loaded) -> None:
    with pytest.raises(ValueError, match="no category d: c"):
        tx.what_if(*deep, "d", {})


def test_a_unit_to_which_nothing_is_left_is_named(flat: Loaded) -> None:
    rules, data = flat
    bare = marked(data, [[90, None, None], [80, 70, 60], [70, 80, 90]])
    with pytest.raises(ValueError, match="no indicator with weight applies to a"):
        tx.what_if(rules, bare, "c", {"A": 0})


def ruled(scored_by: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**leaf("X", "60"), "scored_by": scored_by}, leaf("Y", "40")]


def test_points_stated_in_a_rule_move_with_the_weight(tmp_path: Path) -> None:
    """A floor of 30 points out of 60 is half of what the indicator weighs: 20 out of 40, with 60 × 0.8 = 68."""
    case = {"indicators": ruled({"method": "met", "at": "90", "otherwise": "30"}), "units": ["a"],
            "tables": {"observations": "unit, indicator, value\na, X, 45\na, Y, 80"}}
    rules = tx.load_rulebook(YEAR, workspace(tmp_path, case))
    assert tx.what_if(rules, tx.load_data(rules), "c", {"X": 40})["score"].tolist() == [68.0]


@pytest.mark.parametrize(("year", "category"), [("2020", "towns_2"), ("2020", "depts_3")])
def test_the_repository_answers_what_if_public_appraisal_weighed_twenty(year: str, category: str) -> None:
    (rules, data), result = shared.edition(year), shared.assessed(year, category)
    head = rules.categories[category]
    assert reranked(result, reweighted(head, {})).equals(result.ranking)
    part = result.scores.pivot(index="unit", columns="indicator", values=["points", "full"])
    by_hand = sum(part["points"][branch] / part["full"][branch] * weight for branch, weight in (("A", 80), ("B", 20)))
    by_hand += part["points"][[each.code for each in head.adjustments]].sum(axis=1)
    table = tx.what_if(rules, data, category, {"B": 20}).set_index("unit")
    in_draws = totals(model(result), [leaf.full for leaf in reweighted(head, {"B": 20}).leaves])[0]
    assert (table["score"].reindex(result.units["unit"]) - in_draws).abs().max() < 0.005 + 1e-9
    assert (table["score"] - by_hand.reindex(table.index)).abs().max() < 0.005 + 1e-9


@pytest.mark.parametrize(("year", "category", "step"), [("2020", "towns_2", 5)])
def test_it_agrees_with_intervals_on_both_sides_of_an_end(year: str, category: str, step: int) -> None:
    """A hundred-thousandth of a point inside an end places are ruled, as far outside one is not; at every so many ends."""
    found = tx.weight_intervals(shared.assessed(year, category))
    ends = [(row.indicator, end, outward) for row in found.itertuples() if not row.note
            for end, outward in ((row.place_from, -1e-5), (row.place_to, 1e-5)) if 0.001 < end < row.most - 0.001]
    for code, end, outward in ends[::step]:
        inside, outside = (tx.what_if(*shared.edition(year), category, {code: end + by})["moved"] for by in (-outward, outward))
        assert not inside.any() and outside.any(), (code, end)
    assert ends


@examples(60)
@given(scores=st.lists(st.integers(60, 100), min_size=1, max_size=9), levels=st.sampled_from(["takes", "reach"]),
       tied=st.sampled_from(["in", "out"]), veto=st.integers(0, 511))
def test_tiers_by_code_alone_are_the_tiers_with_reasons(scores: list[int], levels: str, tied: str, veto: int) -> None:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: each if key in ("code", "zh", "en", "tied_at_the_cut", "count") else read(each)
                    for key, each in value.items()}
        return [read(each) for each in value] if isinstance(value, list) else (Numeral(value) if value.isdigit() else value)

    told = read(tiers(levels, tied)["tiers"])
    told["vetoes"] = {"bars": ["t1"], "clause": "silent", "assumed": "x"}
    rule = Tiers.model_validate({"clause": "silent", "assumed": "x", **told})
    column, barred = exact(scores), np.array([bool(veto >> k & 1) for k in range(len(scores))])
    assert places.tier_codes(column, rule, column, barred).tolist() == places.tiers(column, rule, column, barred)["tier_code"]
