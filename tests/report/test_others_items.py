"""A unit's card and its table of items print nothing of items that are others' alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from shared import words_of
from written import assessed, loaded

from txlib.report import basis, card, ranking
from txlib.report.what_if import shares

GIVEN = {"method": "given", "out_of": "100"}
CASE: dict[str, Any] = {
    "indicators": [{"code": "A", "weight": "60", "scored_by": GIVEN},
                   {"code": "B", "weight": "40", "for": ["u1"], "children": [
                       {"code": "B1", "weight": "30", "scored_by": GIVEN}, {"code": "B2", "weight": "10", "scored_by": GIVEN}]},
                   {"code": "D", "weight": "40", "for": ["u2", "u3"], "scored_by": GIVEN}],
    "units": ["u1", "u2", "u3"],
    "tables": {"observations": "unit,indicator,value\nu1,A,90\nu2,A,80\nu3,A,70\nu1,B1,80\nu1,B2,—\nu2,D,50\nu3,D,60"}}


@pytest.mark.parametrize(("unit", "branches", "items"), [
    ("u1", ["A", "B", "B1", "B2"], ["A", "B", "B1", "B2"]), ("u3", ["A", "D"], ["A", "D"])])
def test_rows_are_those_of_the_units_own_items(unit: str, branches: list[str], items: list[str], tmp_path: Path) -> None:
    result = assessed(tmp_path, CASE)
    words = words_of(result)
    shown = card.branches(result, unit, words).listing
    assert shown is not None and [str(next(iter(row))).split(" ")[0] for row in shown.rows] == branches
    explained = ranking.explanations(result, unit, words).listing
    assert explained is not None and [str(next(iter(row))).split(" ")[0] for row in explained.rows][:-1] == items
    assert [*explained.rows[-1]][3] == "100.00"


def test_what_is_said_not_to_apply_is_the_units_own(tmp_path: Path) -> None:
    """B2 of u1, and nothing of u3; the full points of the total are a hundred."""
    result, (_, data) = assessed(tmp_path, CASE), loaded(tmp_path, CASE)
    words = words_of(result, data=data)
    assert basis.absent(result) == 1
    assert any("B2" in line and "D" not in line for line in card.notes(result, data, "u1", words))
    assert not any("B" in line for line in card.notes(result, data, "u3", words))
    assert card.lost(result, "u3").index.tolist() == ["A", "D"]


def test_weights_that_are_moved_begin_at_the_ruled_ones(tmp_path: Path) -> None:
    head = assessed(tmp_path, CASE).category
    now = shares.shares(head)
    assert shares.points(head, now) == {node.code: node.full for node in head.nodes}
