"""Faults: what they are about is told by unit, indicator, column and cell, and worded at the end."""

from __future__ import annotations

import pytest

from txlib.base.faults import Fault, FaultsError, Where

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(("at", "words"), [
    (Where(), ""),
    (Where("T01", "P1", column="value"), "T01 P1 · value"),
    (Where("T01", "P1", unit_name="甲镇", indicator_name="产值"), "T01 甲镇 · P1 产值"),
    (Where("T01", "S1", "干部", indicator_name="评议"), "T01 · S1 评议 · 干部"),
    (Where("T01", "S1", indicator_name="评议"), "T01 S1 评议"),
    (Where(indicator="P1", column="scored_by.points[2]"), "P1 · scored_by.points[2]"),
    (Where(cell="D12", column="实绩 value"), "D12 实绩 value"),
    (Where(cell="B2:C3"), "B2:C3"),
    (Where("T\x1b[2J01"), "T·[2J01"),
])
def test_what_a_fault_is_about_in_words(at: Where, words: str) -> None:
    fault = Fault.of("value_missing", "a.csv", 3, at)
    assert fault.where == words
    assert fault.message("en").startswith(f"a.csv line 3 · {words}: " if words else "a.csv line 3: ")


def test_faults_are_told_in_the_order_of_files_lines_and_words() -> None:
    """Whatever names the faults: a unit, an indicator or a cell."""
    faults = [Fault.of("value_missing", "a.csv", 3, at) for at in (Where(indicator="c"), Where("b"), Where(cell="A1"))]
    told = FaultsError([Fault.of("value_missing", "b.csv"), *faults, Fault.of("value_missing", "a.csv", 2), faults[0]]).faults
    assert [(fault.file, fault.line, fault.where) for fault in told] == [
        ("a.csv", 2, ""), ("a.csv", 3, "A1"), ("a.csv", 3, "b"), ("a.csv", 3, "c"), ("b.csv", 0, "")]
