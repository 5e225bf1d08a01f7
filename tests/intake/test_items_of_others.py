"""Rows of items that are some units' alone: asked of these, missed of these, refused of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import written

import txlib as tx
from txlib.intake import asked, blanks, submitted
from txlib.intake.data import read

pytestmark = pytest.mark.quick

GIVEN = {"method": "given", "out_of": "100"}
SURVEY = {"method": "survey", "groups": {"residents": "100%"}, "grades": {"good": "100%", "poor": "40%"},
          "dont_know": "not_counted", "absent_group": "refuse"}
MARKS = {"method": "marks", "out_of": "100", "quantitative": "60%"}
TASKS = [{"code": "A", "weight": "80", "scored_by": GIVEN},
         {"code": "C1", "weight": "12", "for": ["a", "b"], "lead": "a", "scored_by": GIVEN},
         {"code": "C2", "weight": "8", "for": ["a", "b"], "scored_by": GIVEN},
         {"code": "C3", "weight": "20", "for": ["c"], "scored_by": GIVEN}]
ROWS = {"a": "A 90 C1 80 C2 70", "b": "A 90 C1 80 C2 70", "c": "A 90 C3 60"}


def case(indicators: list[dict[str, Any]], rows: dict[str, str], **tables: str) -> dict[str, Any]:
    lines = [f"{unit},{code},{value}" for unit, told in rows.items()
             for code, value in zip(told.split()[::2], told.split()[1::2], strict=True)]
    return {"indicators": indicators, "units": list(rows), "tables": {
        "observations": "\n".join(["unit,indicator,value", *lines]), **tables}}


def faults(root: Path, of: dict[str, Any], **replaced: str) -> list[tx.Fault]:
    """What is told of a case; `replaced`: other texts in its units.csv."""
    found = written.workspace(root, of)
    path = found / "data" / written.YEAR / "units.csv"
    text = path.read_text(encoding="utf-8")
    for old, new in replaced.items():
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return read(tx.load_rulebook(written.YEAR, found))[1]


def kinds(found: list[tx.Fault]) -> list[tuple[str, str, str, str]]:
    return [(each.code, each.at.unit, each.at.indicator, each.found) for each in found]


def test_rows_are_asked_of_those_whose_item_it_is(tmp_path: Path) -> None:
    book = tx.load_rulebook(written.YEAR, written.workspace(tmp_path, case(TASKS, {"a": "A 90 C2 5", "b": "A 90", "c": ""})))
    units, _, _ = asked.units_known(book)
    every = asked.asked(book, units)
    assert {code: list(rows["unit"]) for code, rows in every.groupby("indicator")} == {
        "A": ["a", "b", "c"], "C1": ["a", "b"], "C2": ["a", "b"], "C3": ["c"]}
    gone = asked.missing(book, units, book.categories)
    assert [(row.lead, row.indicator, row.unit) for row in gone.itertuples()] == [
        ("", "A", "c"), ("a", "C1", "a"), ("a", "C1", "b"), ("", "C2", "b"), ("", "C3", "c")]
    handed_out = blanks.forms(book, units)
    assert {(row["indicator"], row["unit"]) for forms in handed_out.values() for form in forms for row in form.rows
            if form.table == "observations"} == {("A", "c"), ("C1", "a"), ("C1", "b"), ("C2", "b"), ("C3", "c")}
    words = " ".join(asked.missing_in_words(book, gone, units, "zh"))
    assert "C1 指标C1" in words and "单位a、单位b" not in words  # missing of all whose it is, which needs no names
    spread = submitted.spread(submitted.read(book)).set_index("indicator")
    assert spread["units"].to_dict() == {"A": 3, "C1": 2, "C2": 2, "C3": 1}


def test_a_unit_is_missed_where_its_own_items_are_missing_and_nowhere_else(tmp_path: Path) -> None:
    assert faults(tmp_path / "whole", case(TASKS, ROWS)) == []
    assert kinds(faults(tmp_path / "one", case(TASKS, {**ROWS, "a": "A 90 C1 80"}))) == [("pair_absent", "a", "C2", "")]
    assert kinds(faults(tmp_path / "none", case(TASKS, {**ROWS, "c": ""}))) == [("unit_absent", "c", "", "")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_of_another_is_told_with_whose_item_it_is(lang: str, tmp_path: Path) -> None:
    found = faults(tmp_path, case(TASKS, {**ROWS, "c": "A 90 C3 60 C1 0"}))
    assert kinds(found) == [("own_of_others", "c", "C1", "c")]
    assert "a, b" in found[0].message(lang) and found[0].line == 10


def test_a_cell_without_a_number_says_nothing(tmp_path: Path) -> None:
    """A sheet with an indicator a column has cells for everybody: empty ones, and strokes, are no rows of another's item."""
    wide = {"a": "90,80,70,", "b": "90,80,70,—", "c": "90,—,,60"}
    of = case(TASKS, ROWS) | {"tables": {"observations": "\n".join(["unit,A,C1,C2,C3", *(f"{u},{r}" for u, r in wide.items())])}}
    assert faults(tmp_path / "wide", of) == []
    of["tables"]["observations"] = of["tables"]["observations"].replace("c,90,—,,60", "c,90,—,5,60")
    assert kinds(faults(tmp_path / "held", of)) == [("own_of_others", "c", "C2", "c")]
    of["tables"]["observations"] = of["tables"]["observations"].replace("c,90,—,5,60", "c,90,,,")
    assert kinds(faults(tmp_path / "empty", of)) == [("value_missing", "c", "C3", "")]


def test_who_is_named_must_be_of_the_category(tmp_path: Path) -> None:
    """A code that nobody has, with the one that is meant; a name in its place; a unit of no category; one that nobody names."""
    typed = [{**leaf, "for": ["a", "beihv"]} if leaf["code"] in ("C1", "C2") else leaf for leaf in TASKS]
    rows = {"a": ROWS["a"], "beihu": "A 90", "c": ROWS["c"]}
    found = faults(tmp_path / "typed", case(typed, rows))
    assert kinds(found) == [("own_unit_unknown", "", "C1", "beihv"), ("own_unit_unknown", "", "C2", "beihv"),
                            ("own_short", "beihu", "total.points", "80")]
    assert "beihu" in found[0].message("zh") and "A 80 = 80" in found[2].message("en")
    named = [{**leaf, "for": ["a", "单位b"]} if leaf["code"] in ("C1", "C2") else leaf for leaf in TASKS]
    assert "b 单位b？" in faults(tmp_path / "named", case(named, ROWS))[0].message("zh")
    gone = faults(tmp_path / "gone", case(TASKS, ROWS), **{"单位c,Unit c,c": "单位c,Unit c,"})
    assert ("own_unit_elsewhere", "", "C3", "c") in kinds(gone)


def test_what_everybody_has_may_be_all_that_a_unit_has_where_it_adds_up(tmp_path: Path) -> None:
    """Weights in proportion: c has the common item alone, and that is enough; points do not add up."""
    mean = [{"code": "C", "weight": "100", "roll_up": "weighted_mean", "children": [
        {"code": "C1", "weight": "3", "scored_by": GIVEN}, {"code": "C2", "weight": "1", "for": ["a"], "scored_by": GIVEN}]}]
    assert faults(tmp_path / "mean", case(mean, {"a": "C1 1 C2 1", "c": "C1 1"})) == []
    own = [{"code": "C", "weight": "100", "children": [
        {"code": "C1", "weight": "60", "scored_by": GIVEN}, {"code": "C2", "weight": "40", "for": ["a"], "scored_by": GIVEN}]}]
    assert faults(tmp_path / "all", case(own, {"a": "C1 1 C2 1"})) == []
    assert kinds(faults(tmp_path / "short", case(own, {"a": "C1 1 C2 1", "c": "C1 1"}))) == [("own_short", "c", "C", "60")]
    left_out = case(own, {"a": "C1 1 C2 1", "c": ""}, decisions="unit,kind,document\nc,excluded,文1")
    assert faults(tmp_path / "excluded", left_out) == []


def test_marks_and_surveys_are_asked_of_those_whose_item_it_is(tmp_path: Path) -> None:
    items = [{"code": "P", "weight": "60", "lead": "c", "for": ["a"], "scored_by": MARKS},
             {"code": "S", "weight": "60", "for": ["b", "c"], "scored_by": SURVEY},
             {"code": "A", "weight": "40", "scored_by": GIVEN}]
    marks = "unit,indicator,lead,quantitative,qualitative,total\na,P,c,50,30,80"
    answers = ["unit,indicator,group,grade,count", *(f"{unit},S,residents,{grade},5" for unit in "bc"
                                                      for grade in ("good", "poor", "dont_know"))]
    rows = {unit: "A 50" for unit in "abc"}
    whole = case(items, rows, marks=marks, survey="\n".join(answers))
    assert faults(tmp_path / "whole", whole) == []
    more = case(items, rows, marks=marks + "\nb,P,c,50,30,80", survey="\n".join(answers))
    assert kinds(faults(tmp_path / "more", more)) == [("own_of_others", "b", "P", "b")]
    gone = case(items, rows, marks=marks, survey="\n".join(answers[:-3]))
    assert [each[:3] for each in kinds(faults(tmp_path / "gone", gone))] == [("survey_absent", "c", "S")]
    others = case(items, rows, marks=marks, survey="\n".join([*answers, *(
        f"a,S,residents,{grade},5" for grade in ("good", "poor", "dont_know"))]))
    assert kinds(faults(tmp_path / "others", others)) == [("own_of_others", "a", "S", "a")]
