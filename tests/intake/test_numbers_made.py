"""Figures and parts of one number at the door: what is asked for, and what is wrong with rules and rows, each with its place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shared
import yaml
from written import CATEGORY, workspace

import txlib as tx
from txlib.base.faults import Fault
from txlib.intake.asked import asked, missing, units_known

pytestmark = pytest.mark.quick

CASES = {name: yaml.load((shared.ROOT / f"tests/cases/trees/{name}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]
         for name in ("figures", "parts")}
Change = Callable[[dict[str, Any]], object]


def faults(root: Path, case: dict[str, Any], change: Change) -> list[Fault]:
    """What is told of a case in which something was changed."""
    changed = copy.deepcopy(case)
    change(changed)
    try:
        book = tx.load_rulebook("2020", workspace(root, changed))
        tx.load_data(book)
    except tx.FaultsError as error:
        return list(error.faults)
    return []


def row(table: str, old: str, new: str) -> Change:
    """A row of a table written another way; without `new` it is left out."""
    def change(case: dict[str, Any]) -> None:
        text = case["tables"][table]
        assert old in text
        case["tables"][table] = text.replace(f"{old}\n", f"{new}\n" if new else "")
    return change


def leaf(**more: Any) -> Change:
    return lambda case: case["indicators"][0].update(more)


ROWS: list[tuple[str, int, Change, str, str]] = [
    ("figures", 0, row("figures", "a,A5,all,40", ""), "pair_absent", "A5 all"),
    ("figures", 0, row("figures", "a,A5,all,40", "a,A5,all,"), "value_missing", "A5 all"),
    ("figures", 0, row("figures", "a,A5,all,40", "a,A5,all,0"), "figure_divides", "A5 all"),
    ("figures", 0, row("figures", "a,A5,all,40", "a,A5,all,40.5"), "value_not_whole", "A5 all"),
    ("figures", 0, row("figures", "a,A5,all,40", "a,A5,all,40%"), "percent_not_declared", "A5 all"),
    ("figures", 0, row("figures", "a,A5,all,40", "a,A5,断面数,40"), "figure_not_ruled", "A5"),
    ("figures", 0, row("figures", "a,A5,all,40", "a,A5,all,40\na,A5,all,41"), "row_twice", ""),
    ("figures", 0, row("observations", "a,B,100", "a,B,100\na,A5,85"), "made_of_figures", "A5"),
    ("figures", 1, row("observations", "unit,indicator,value\na,A2,1.2\nb,A2,1\na,B,0\nb,B,0",
                       "unit,indicator,value,target\na,A2,1.2,1.5\nb,A2,1,\na,B,0,\nb,B,0,"), "made_of_figures", "A2"),
    ("figures", 1, row("figures", "b,A,people,2,", "b,A,people,—,"), "", ""),
    ("parts", 0, row("observations", "a,A3,120,100", "a,A3.1,120,100\na,A3.2,120,100"), "indicator_part", ""),
    ("parts", 0, row("observations", "a,A3,120,100", ""), "pair_absent", "A3"),
    ("parts", 0, row("observations", "a,A3,120,100", "a,A3,120,"), "target_missing", "A3"),
    ("parts", 1, row("observations", "a,A,200,160", "a,A,200,0"), "divisor", "A"),
]


@pytest.mark.parametrize(("name", "number", "change", "code", "at"), ROWS)
def test_a_row_that_is_wrong_is_told_where_it_is_handed_in(tmp_path: Path, name: str, number: int, change: Change, code: str,
                                                           at: str) -> None:
    found = faults(tmp_path, CASES[name][number], change)
    assert [each.code for each in found if each.code != "pair_absent" or code == each.code] == [code] * bool(code) or (
        code == "indicator_part" and {each.code for each in found} == {"indicator_part", "pair_absent"})
    mine = next((each for each in found if each.code == code), None)
    assert mine is None or mine.at.indicator == at
    for each in found:
        assert "{" not in each.message("zh") + each.message("en")


MARKS = {"method": "marks", "out_of": "100", "quantitative": "60%"}
TWO = {"method": "completion", "lose": "0.1", "floor": "0"}
RULES: list[tuple[str, int, Change, str]] = [
    ("figures", 0, leaf(value={"quotient": ["passed", "al"], "as": "percent"}), "figure_unknown"),
    ("figures", 0, leaf(value={"sum": ["passed", "passed"]}), "figure_idle"),
    ("figures", 0, leaf(value={"sum": ["passed", "all"], "as": "percent"}), "one_operation"),
    ("figures", 0, leaf(value={"sum": ["passed", "all"], "product": ["passed", "all"]}), "one_operation"),
    ("figures", 0, leaf(value={"quotient": ["passed", "all", "all"]}), "list_length"),
    ("figures", 0, leaf(target={"sum": ["passed", "all"]}), "target_idle"),
    ("figures", 0, leaf(scored_by=MARKS), "value_of_rows"),
    ("figures", 1, lambda case: case["indicators"][0]["children"][0]["figures"].update(people={}), "figure_twice"),
    ("parts", 0, lambda case: case["indicators"][0]["children"][0].update(measured_in="亿元"), "key_elsewhere"),
    ("parts", 0, lambda case: case["indicators"][0]["children"][0].update(scored_by=MARKS), "scoring_of_rows"),
    ("parts", 0, lambda case: case["indicators"][0]["children"].pop(), "list_length"),
    ("parts", 0, leaf(scored_by=TWO), "children_or_scored_by"),
]


@pytest.mark.parametrize(("name", "number", "change", "code"), RULES)
def test_a_rule_that_is_wrong_is_told_with_its_line(tmp_path: Path, name: str, number: int, change: Change, code: str) -> None:
    found = faults(tmp_path, CASES[name][number], change)
    assert code in [each.code for each in found], [each.message("en") for each in found]
    assert all(each.file.startswith("params/") and each.line for each in found)


def test_each_number_is_asked_for_once_under_the_code_that_it_is_handed_in_by(tmp_path: Path) -> None:
    books = {}
    for name, number in (("figures", 1), ("parts", 1)):
        books[name] = tx.load_rulebook("2020", workspace(tmp_path / name, {**CASES[name][number], "tables": {}}))
    rows = {name: asked(book, units_known(book)[0]) for name, book in books.items()}
    mine = rows["figures"][rows["figures"]["unit"] == "a"]
    assert list(zip(mine["table"], mine["indicator"], mine["item"], strict=True)) == [
        ("figures", "A", "people"), ("figures", "A1", "income"), ("figures", "A2", "each"), ("observations", "A2", ""),
        ("figures", "C", "projects"), ("figures", "C", "coefficient"), ("observations", "B", "")]
    assert rows["parts"]["indicator"].unique().tolist() == ["A", "B"]
    gone = missing(books["parts"], units_known(books["parts"])[0], [CATEGORY])
    assert gone["indicator"].unique().tolist() == ["A", "B"]
