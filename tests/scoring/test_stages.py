"""What stands before and after a leaf's method: refused where it cannot be, the same in floats, moved with what is drawn."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_trees import SCORED
from written import YEAR, assessed, loaded, workspace

import txlib as tx
from txlib.base.numbers import exact, floats
from txlib.scoring.points import score
from txlib.scoring.stages import staged
from txlib.sensitivity.data import drawn_leaves
from txlib.sensitivity.weighed import model

STAGED = [case for case in SCORED if case.id.startswith("stages-")]
GIVEN = {"method": "given", "out_of": 100}
AGAIN = {"method": "rank_step", "step": 1, "floor": 0}


def tree(**given: Any) -> dict[str, Any]:
    """A leaf A with something before or after its method, beside a branch B of leaves C and D, and a bonus J."""
    more = copy.deepcopy(given)
    leaves = [{"code": code, "weight": weight, "scored_by": GIVEN} for code, weight in (("C", 30), ("D", 50))]
    leaves[1] |= more.pop("D", {})
    bonus = more.pop("J", {})
    events = {"method": "per_event", "kind": bonus.pop("kind", "bonus"), "levels": {"city": 1}, "same_honour": "each",
              "several_units": "each"}
    indicators = [{"code": "A", "weight": 20, "scored_by": GIVEN, **more}, {"code": "B", "weight": 80, "children": leaves}]
    adjustments = [{"code": "J", "cap": 2, "scored_by": events, **bonus}]
    return {"indicators": indicators, "adjustments": adjustments, "units": ["a", "b"]}


REFUSED = {
    "condition_unknown": {"only_if": [{"indicator": "E", "attained": "at_least", "line": "80%"}]},
    "condition_unknown ": {"only_if": [{"indicator": "B", "value": "at_least", "line": 80}]},
    "condition_circle": {"only_if": [{"indicator": "A", "attained": "at_least", "line": "80%"}]},
    "condition_circle ": {"only_if": [{"indicator": "B", "attained": "at_least", "line": "80%"}],
                          "D": {"only_if": [{"value": "at_least", "line": 8}]}},
    "plus_a_number": {"only_if": [{"value": "at_least", "line": 8, "plus": 1}]},
    "line_of_another": {"only_if": [{"indicator": "C", "value": "at_least", "line": "peers_mean"}]},
    "line_beside": {"steps": [{"value": "below", "line": "target", "counts": "80%"}]},
    "not_one_of  ": {"then": GIVEN},
    "not_one_of ": {"then": {"method": "z_score"}},
    "if_not_alone": {"if_not": "full"},
    "list_length": {"only_if": []},
    "list_length ": {"steps": []},
    "step_idle": {"steps": [{"value": "below", "line": 8, "counts": "80%"}, {"value": "below", "line": 5, "counts": "50%"}]},
    "step_idle ": {"steps": [{"value": "at_least", "line": "peers_mean", "counts": "50%"},
                             {"value": "above", "line": "peers_mean", "plus": 1, "counts": "80%"}]},
    "named_twice": {"for": ["a", "a"]},
    "then_method ": {"then": {**AGAIN, "direction": "down"}},
    "then_method  ": {"scored_by": AGAIN, "then": AGAIN},
    "gate_divisors": {"only_if": [{"value": "at_least", "line": 8}], "scored_by": {"method": "share_of_best"}},
    "gate_divisors ": {"only_if": [{"value": "at_least", "line": 8}], "scored_by": {"method": "share_of_best"},
                       "divisors": {"when_not_positive": "refuse"}},
    "then_bonus": {"J": {"kind": "deduction", "then": AGAIN}},
    "then_bonus ": {"J": {"then": {**AGAIN, "direction": "down"}}},
    "not_one_of   ": {"J": {"then": GIVEN}},
    "gate_of_bonus": {"J": {"only_if": [{"value": "at_least", "line": 8}]}},
    "condition_unknown  ": {"J": {"only_if": [{"indicator": "J", "attained": "above", "line": "0%"}]}},
    "grade_form": {"steps": [{"value": "below", "line": 8, "counts": "120%"}]},
    "not_one_of": {"only_if": [{"value": "under", "line": 8}]},
    "key_missing": {"only_if": [{"attained": "at_least", "line": "80%"}]},
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_cannot_be_told_is_refused_with_its_line(code: str, tmp_path: Path) -> None:
    with pytest.raises(tx.RulebookError) as caught:
        tx.load_rulebook(YEAR, workspace(tmp_path, tree(**REFUSED[code])))
    assert {fault.code for fault in caught.value.faults} == {code.strip()}
    assert all(fault.line and fault.message(lang) for fault in caught.value.faults for lang in ("zh", "en"))


@pytest.mark.parametrize(("more", "lines"), [
    ({"only_if": [{"indicator": "B", "attained": "at_least", "line": "80%"}]}, 0),
    ({"only_if": [{"indicator": "C", "value": "below", "line": 8}, {"unit": "not_vetoed"}]}, 0),
    ({"only_if": [{"value": "at_least", "line": 8}], "scored_by": {"method": "share_of_best"},
      "divisors": {"when_not_positive": "zero"}}, 1),
    ({"only_if": [{"value": "at_least", "line": 8}], "scored_by": AGAIN}, 1),
    ({"steps": [{"value": "below", "line": 8, "counts": "80%"}, {"value": "below", "line": "peers_mean", "counts": "0%"}]}, 1),
])
def test_what_can_be_told_is_a_rule_book(more: dict[str, Any], lines: int, tmp_path: Path) -> None:
    """`lines`: numbers that the leaf's own value is held against."""
    leaf = tx.load_rulebook(YEAR, workspace(tmp_path, tree(**more))).categories["c"].node("A")
    assert leaf.staged and len(leaf.lines) == lines


def test_a_condition_on_what_does_not_apply_is_told_as_such(tmp_path: Path) -> None:
    case = tree(only_if=[{"indicator": "C", "value": "at_least", "line": 50}])
    rows = ["a,A,80", "a,C,—", "a,D,50", "b,A,70", "b,C,60", "b,D,50"]
    case["tables"] = {"observations": "unit,indicator,value\n" + "\n".join(rows)}
    result = assessed(tmp_path, case)
    told = {unit: [tx.explain(result, unit=unit, indicator="A", lang=lang) for lang in ("zh", "en")] for unit in "ab"}
    assert "不作要求" in told["a"][0] and "nothing is asked" in told["a"][1]
    assert "不作要求" not in told["b"][0] and "nothing is asked" not in told["b"][1]


@pytest.mark.parametrize("case", STAGED)
def test_a_large_input_has_the_same_points(case: dict[str, Any], tmp_path: Path) -> None:
    """Scored in floats, with conditions, steps and second scoring in fractions."""
    result = assessed(tmp_path, case)
    book = result.book
    points, totals = score(result.category, result.handed, book.ties, book.rounding, book.rules.total.points, exact_cells=0)
    assert points.total.dtype == np.float64
    assert totals.tolist() == floats(result.ranking.set_index("unit")["score"].reindex(result.units["unit"])).tolist()
    for code, column in result.points.points.items():
        np.testing.assert_allclose(points.points[code], floats(column), atol=1e-12)


@pytest.mark.parametrize("case", STAGED)
def test_values_drawn_without_an_error_give_the_shares_attained(case: dict[str, Any], tmp_path: Path) -> None:
    result = assessed(tmp_path, case)
    m = model(result)
    staged_ = [leaf.code for leaf in result.category.observed if leaf.staged]
    for j, again in drawn_leaves(result, m, 0.0, dict.fromkeys(staged_, 0.0), surveys=False).items():
        np.testing.assert_allclose(again(np.random.default_rng(1), 3), np.tile(m.share[:, j], (3, 1)), atol=1e-12)


@pytest.mark.parametrize("case", STAGED)
def test_other_weights_that_are_the_same_give_the_same_ranking(case: dict[str, Any], tmp_path: Path) -> None:
    """What was found is not put through conditions, steps and second scoring again."""
    book, data = loaded(tmp_path, case)
    found = tx.what_if(book, data, "c", {}).set_index("unit")
    assert found["score"].tolist() == found["score_then"].tolist() and not found["moved"].any()


def test_marks_drawn_pass_the_conditions_too(tmp_path: Path) -> None:
    """79 ± 10 of 100 keep “at least 80” in 9 draws of 20, and give nothing in the others; 99 always keeps it."""
    case = tree(only_if=[{"value": "at_least", "line": 80}])
    rows = [f"{unit},A,{value}\n{unit},C,50\n{unit},D,50\n" for unit, value in (("a", 79), ("b", 99))]
    case["tables"] = {"observations": "unit,indicator,value\n" + "".join(rows)}
    result = assessed(tmp_path, case)
    (j, again), *_ = drawn_leaves(result, model(result), 0.1, {}, surveys=False).items()
    drawn = again(np.random.default_rng(7), 4_000)
    assert j == 0 and set(np.unique(drawn[:, 0] >= 0.8)) == {True, False}
    assert ((drawn[:, 0] == 0) | (drawn[:, 0] >= 0.8)).all() and (drawn[:, 1] >= 0.89 - 1e-12).all()
    assert abs((drawn[:, 0] > 0).mean() - 0.45) < 4 * (0.45 * 0.55 / 4_000) ** 0.5


@pytest.mark.parametrize("kind", [exact, floats])
def test_points_come_back_in_the_arithmetic_of_the_values(kind: Any, tmp_path: Path) -> None:
    case = tree(steps=[{"value": "below", "line": 50, "counts": "50%"}])
    leaf = tx.load_rulebook(YEAR, workspace(tmp_path, case)).categories["c"].node("A")
    found = staged(leaf, kind([40.0, 60.0]), None, np.ones((2, 0), dtype=bool), ties="min")
    assert found.points.dtype == kind([1.0]).dtype and floats(found.points).tolist() == [4.0, 12.0]
    assert floats(found.by_method).tolist() == [8.0, 12.0] and found.kept.all()
