"""Points from what units of other categories attained: in floats too, told where they stay, not carried into another year."""

from __future__ import annotations

import copy
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shared import words_of
from test_trees import SCORED
from written import CATEGORY, YEAR, assessed, loaded, workspace

import txlib as tx
from txlib.editions.under_other_rules import carried
from txlib.report import basis
from txlib.report.sensitivity.standing import neighbours
from txlib.scoring import result as scoring
from txlib.scoring.points import score
from txlib.sensitivity.data import data_draws, drawn_leaves
from txlib.sensitivity.leave_out import leave_one_out
from txlib.sensitivity.weighed import model
from txlib.sensitivity.what_if import what_if

pytestmark = pytest.mark.quick

CASES = [each.values[0] for each in SCORED if each.id.startswith("linked-")]


def thirds() -> dict[str, Any]:
    """The second case with three equal parts, and shares attained that do not end."""
    case = copy.deepcopy(CASES[1])
    case["others"]["t"]["indicators"] = [{"code": "A", "weight": "30", "scored_by": {"method": "share_of_best"}},
                                         {"code": "B", "weight": "70", "scored_by": {"method": "given", "out_of": "100"}}]
    case["tables"]["links"] = "unit,indicator,other,document\n" + "\n".join(
        f"{unit},D,{other},x" for unit, others in {"a": ("t1", "t2", "t3"), "b": ("t2",), "c": ("t1", "t2")}.items()
        for other in others)
    case["others"]["t"]["tables"]["observations"] = "unit,indicator,value\n" + "\n".join(
        f"{unit},{code},{value}" for unit, values in (("t1", (70, 90)), ("t2", (30, 80)), ("t3", (10, 70)))
        for code, value in zip("AB", values, strict=True))
    return case


@pytest.mark.parametrize("case", [*CASES, thirds()], ids=range(len(CASES) + 1))
def test_floats_print_the_same_here_and_where_the_units_linked_to_are(case: dict[str, Any], tmp_path: Path,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    book, data = loaded(tmp_path, case)
    exactly = tx.assess(book, data, CATEGORY)
    monkeypatch.setattr(scoring, "score", partial(score, exact_cells=0))
    floating = tx.assess(book, data, CATEGORY)
    assert floating.points.total.dtype != object
    assert floating.ranking["score"].tolist() == exactly.ranking["score"].tolist()
    assert floating.scores["points"].tolist() == exactly.scores["points"].tolist()
    for unit in case["units"]:
        assert tx.explain(floating, unit=unit, indicator="D") == tx.explain(exactly, unit=unit, indicator="D")


def test_what_does_not_end_is_worked_from_points_and_full_points(tmp_path: Path) -> None:
    """a: (70 + 30 + 10) ÷ 70 ÷ 3 of 10."""
    told = tx.explain(assessed(tmp_path, thirds()), unit="a", indicator="D", lang="en")
    assert "Unit t1 30 ÷ 30 (x); Unit t2 ≈12.8571 ÷ 30 (x); Unit t3 ≈4.2857 ÷ 30 (x); of 10: " in told
    assert told.split("of 10: ")[1].startswith("(30 ÷ 30 + ≈12.857") and "≈5.2381 of 10 points" in told


def test_a_total_counts_as_it_is_printed(tmp_path: Path) -> None:
    """t2: 30 × 30 ÷ 70 + 56 = 68.857…, published as 68.86."""
    case = thirds()
    case["indicators"][0]["scored_by"]["attained"] = "total"
    result = assessed(tmp_path, case)
    assert "Unit t2 68.86 ÷ 100 (x); of 10: 68.86 ÷ 100 × 10; 6.886 of" in tx.explain(result, unit="b", indicator="D", lang="en")


def test_these_points_stay_where_weights_units_and_data_are_others(tmp_path: Path) -> None:
    book, data = loaded(tmp_path, CASES[0])
    result = tx.assess(book, data, CATEGORY)
    then = what_if(book, data, CATEGORY, {"D": 50}).set_index("unit")["score"]
    assert then.to_dict() == {"a": 88, "b": 78.88, "c": 100}
    assert drawn_leaves(result, model(result), 0.01, {}, surveys=True).keys() == {1}
    draws = data_draws(book, data, CATEGORY, marks=0.01, draws=50)
    assert "照其已得的分计" in neighbours(result, draws, words_of(book)).blocks[0].note
    found = leave_one_out(result, data).places
    assert {row.unit: row.without for row in found[found["left_out"] == "a"].itertuples()} == {"c": 1, "b": 2}
    paths = [str(row.cells[0]) for row in basis.sources(book, data, CATEGORY, words_of(book)).blocks[0].rows]
    assert {"data/2020/t/observations.csv", "params/2020/trees/t.yaml"} <= {*paths}


def test_they_are_not_carried_under_another_years_rules(tmp_path: Path) -> None:
    book, data = loaded(tmp_path, CASES[0])
    found = carried(book, data, tx.load_rulebook(YEAR, workspace(tmp_path / "now", CASES[1])))
    mine = found.left_out[found.left_out["category"] == CATEGORY]
    assert {(row.year, row.code, row.why) for row in mine.itertuples()} == {("now", "D", "linked")}
    assert set(found.places["category"]) == {CATEGORY, "t"}
