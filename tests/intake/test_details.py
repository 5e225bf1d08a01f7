"""Detailed rules with points: they add up to their item, and say what of it is counted (1.3e)."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import written

import txlib as tx
from txlib.audits.audit import Evidence
from txlib.intake import data

pytestmark = pytest.mark.quick

MARKS = {"method": "marks", "out_of": "100", "quantitative": "60%"}
CASE: dict[str, Any] = {
    "indicators": [{"code": "P", "weight": "50", "lead": "l", "scored_by": MARKS},
                   {"code": "B", "weight": "50", "scored_by": {"method": "given", "out_of": "100"}}],
    "units": ["a", "l"], "tables": {"marks": "unit,indicator,lead,quantitative,qualitative,total\na,P,l,50,30,80\nl,P,l,—,—,—",
                                    "observations": "unit,indicator,value\na,B,80\nl,B,90"}}


def case(*lines: str, head: str = "indicator,number,text,points,kind") -> dict[str, Any]:
    return {**CASE, "tables": {**CASE["tables"], "details": "\n".join([head, *lines])}}


@pytest.mark.parametrize(("lines", "share"), [
    (("P,1,达标率,35,定量", "P,2,完成率,20,quantitative", "P,3,评议,45,定性"), Fraction(55, 100)),
    (("P,1,达标率,33.3,定量", "P,2,评议,66.7,定性"), Fraction(333, 1000)),
    (("P,1,评议,100,定性",), Fraction(0)),
])
def test_what_is_counted_is_the_share_declared(lines: tuple[str, ...], share: Fraction, tmp_path: Path) -> None:
    book, tables = written.loaded(tmp_path, case(*lines))
    assert Evidence(book, tables).declared("c", "P", Fraction(3, 5)) == {"declared": share, "stated": True}


@pytest.mark.parametrize("told", [case("P,1,达标率", "P,2,评议", head="indicator,number,text"),
                                  case("P,1,达标率,,", "P,2,评议,,"), CASE])
def test_without_points_the_share_is_the_rule_books(told: dict[str, Any], tmp_path: Path) -> None:
    book, tables = written.loaded(tmp_path, told)
    assert Evidence(book, tables).declared("c", "P", Fraction(3, 5)) == {"declared": Fraction(3, 5), "stated": False}


@pytest.mark.parametrize(("lines", "codes"), [
    (("P,1,达标率,60,定量", "P,2,评议,45,定性"), ["details_sum"]),
    (("P,1,达标率,60,定量", "P,2,评议,,定性"), ["cell_empty"]),
    (("P,1,达标率,60,定量", "P,2,评议,40,"), ["cell_empty"]),
    (("P,1,达标率,60,定量", "P,2,评议,,"), ["cell_empty"]),
    (("P,1,达标率,60,数量", "P,2,评议,40,定性"), ["cell_choice"]),
    (("P,1,达标率,60分,定量", "P,2,评议,40,定性"), ["cell_only_number"]),
    (("P,1,达标率,—,定量", "P,2,评议,100,定性"), ["cell_only_number"]),
    (("P,1,达标率,110,定量", "P,2,倒扣,-10,定性"), ["cell_points"]),  # else 110% would be counted
    (("P,1,达标率,-10,定量", "P,2,评议,110,定性"), ["cell_points"]),
    (("P,1,达标率,0,定量", "P,2,评议,100,定性"), ["cell_points"]),
])
def test_lines_that_do_not_add_up_or_say_half_are_faults(lines: tuple[str, ...], codes: list[str], tmp_path: Path) -> None:
    root = written.workspace(tmp_path, case(*lines))
    assert [fault.code for fault in data.read(tx.load_rulebook("2020", root))[1]] == codes
