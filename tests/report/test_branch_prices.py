"""What is found at a branch itself is a line of its own wherever points are listed, so that they add up."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from shared import words_of
from written import assessed, loaded

import txlib as tx
from txlib.report import card, facts, ranking
from txlib.report.excel import results
from txlib.scoring.points import Scoring
from txlib.sensitivity.spread import share_of_spread
from txlib.sensitivity.swaps import smallest_swaps
from txlib.sensitivity.weighed import model, totals
from txlib.sensitivity.what_if import reranked, reweighted

GIVEN = {"method": "given"}
PRICES = {"method": "findings", "floor": "6", "prices": {"plan": {"name": "缺计划", "costs": "2"}, "idea": {"gains": "1"}}}
CASE: dict[str, Any] = {
    "indicators": [{"code": "A", "weight": "30", "adjusted_by": PRICES, "children": [
        {"code": "A1", "weight": "20", "scored_by": GIVEN}, {"code": "A2", "weight": "10", "scored_by": GIVEN}]},
        {"code": "B", "weight": "70", "scored_by": GIVEN}],
    "units": ["u", "v", "w"],
    "tables": {"observations": "unit,indicator,value\nu,A1,18\nu,A2,9\nu,B,60\nv,A1,10\nv,A2,5\nv,B,63\nw,A1,6\nw,A2,2\nw,B,66",
               "findings": "unit,indicator,kind,number,document\nu,A,plan,3,x\nv,A,idea,2,x\nw,A,plan,4,x"}}


def test_lists_of_points_add_up(tmp_path: Path) -> None:
    """u 18 + 9 − 3 × 2 = 21, v 10 + 5 + 2 = 17, w 6 + 2 − 8, not under 6; totals 81, 80, 72."""
    result = assessed(tmp_path, CASE)
    points = result.scores.pivot(index="unit", columns="indicator", values="points")
    assert points["A"].tolist() == [21, 17, 6] and points["A&"].tolist() == [-6, 2, -2]
    assert result.ranking.set_index("unit")["score"].to_dict() == {"u": 81, "v": 80, "w": 72}
    listed = facts.points(result, facts.branches(result.category))
    assert list(listed) == ["A1", "A2", "B", "A&"] and np.allclose(listed.sum(axis=1), [81, 80, 72])
    words = words_of(result)
    lost = card.lost(result, "u")
    assert lost.loc["A&", "lost"] == 6 and lost["lost"].sum() == 100 - 81
    shown = card.branches(result, "u", words).listing
    assert shown is not None and [str(next(iter(row))).split(" ")[0] for row in shown.rows] == ["A", "A1", "A2", "B", "A&"]
    explained = ranking.explanations(result, "u", words).listing
    assert explained is not None and "−6.00" in [str(each) for row in explained.rows for each in row]
    assert any("A&" in line for line in card.notes(result, loaded(tmp_path, CASE)[1], "u", words))


@pytest.mark.parametrize("weights", [{"B": 40}, {"A": 90}])
def test_what_is_lost_at_a_branch_moves_with_its_weight(weights: dict[str, float], tmp_path: Path) -> None:
    """A share of the branch's full points, as at its leaves: the same by both models, and never beyond its floor and most."""
    result = assessed(tmp_path, CASE)
    m = model(result)
    assert not m.linear
    head = reweighted(result.category, weights)
    moved = reranked(result, head).set_index("unit")["total"]
    full = {node.code: float(node.full) for node in head.nodes}
    found = totals(m, [[full["A1"], full["A2"], full["B"]]])[0]
    by_hand = [full["A"] * share + full["B"] * b / 70 for share, b in ((21 / 30, 60), (17 / 30, 63), (6 / 30, 66))]
    assert np.allclose(found, by_hand) and np.allclose(moved[["u", "v", "w"]], by_hand)


def test_a_weight_inside_the_branch_has_no_interval_and_one_beside_it_has(tmp_path: Path) -> None:
    """A at x of 100: u 0.7x + 60 ÷ 70 (100 − x), v 17 ÷ 30 x + 63 ÷ 70 (100 − x): equal where 4x ÷ 30 = 3 ÷ 70 (100 − x), 24.32…;
    as printed, a hundredth sooner or later.
    """
    result = assessed(tmp_path, CASE)
    rows = tx.weight_intervals(result).set_index("indicator")
    assert rows["note"].to_dict() == {"A": "", "A1": "roll_up", "A2": "roll_up", "B": ""}
    equal = 100 * (3 / 70) / (4 / 30 + 3 / 70)
    assert rows.loc["A", "place_from"] == pytest.approx(equal, abs=0.01 / (4 / 30 + 3 / 70))
    assert set(smallest_swaps(result)["how"]) == {"not_told"}


def test_without_what_is_found_at_the_branch(tmp_path: Path) -> None:
    """Then u has 87, v 78, w 74; without A1 the branch is A2's 30 points: u 27 − 6 + 60 = 81, v 15 + 2 + 63 = 80."""
    result = assessed(tmp_path, CASE)
    found = tx.leave_one_out(result)
    assert found.summary.set_index("left_out").loc["A&", "kind"] == "adjustment"
    places = found.places.set_index(["left_out", "unit"])["without"]
    assert places["A&"].to_dict() == {"u": 1, "v": 2, "w": 3} and places["A1"].to_dict() == {"u": 1, "v": 2, "w": 3}
    spread = share_of_spread(result).set_index("indicator")
    assert spread["share"].sum() == pytest.approx(1) and np.isnan(spread.loc["A&", "share"])


def test_the_workbook_of_results_has_the_line(tmp_path: Path) -> None:
    book, data = loaded(tmp_path, CASE)
    raw = results.workbook(book, data, {"c": tx.assess(book, data, "c")}, {}, words_of(book, data=data))
    rows = [[cell.value for cell in row] for sheet in openpyxl.load_workbook(io.BytesIO(raw)) for row in sheet.iter_rows()]
    assert any(str(row[0]).startswith("A& ") and -6 in row for row in rows)


def test_draws_alternatives_and_floats_start_from_the_same(tmp_path: Path) -> None:
    """Those that walk the tree as those that score again: totals 81, 80, 72 and the line of each."""
    book, data = loaded(tmp_path, CASE)
    result = tx.assess(book, data, "c")
    assert tx.weight_draws(book, result, draws=64, spread=0.001).intervals["kept"].tolist() == [1, 1, 1]
    assert tx.data_draws(book, data, "c", draws=64, errors={"A1": 0.001}).intervals["kept"].tolist() == [1, 1, 1]
    runs = tx.alternatives(book, data, "c").runs
    assert runs["score"].iloc[:3].tolist() == [81, 80, 72] and (runs["roll_up"] == "harmonic").any()
    made = Scoring(result.category, result.handed, result.book.ties, result.book.rounding, result.category.total)
    assert np.allclose(made.points(floating=True).total, [81, 80, 72]) and list(made.points(np.array([2])).total) == [72]
    assert made.points(floating=True).points["A&"].tolist() == [-6, 2, -2]
