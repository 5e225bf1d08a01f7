"""What has been handed in, whatever is wrong with it: the items asked for, and how the numbers of each leaf lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import written

import txlib as tx
from txlib.intake import submitted
from txlib.intake.submitted import Submitted

pytestmark = pytest.mark.quick

GIVEN = {"method": "given", "out_of": "100"}
SURVEY = {"method": "survey", "groups": {"residents": "100%"}, "grades": {"good": "100%", "poor": "0%"},
          "dont_know": "not_counted", "absent_group": "refuse"}
CASE: dict[str, Any] = {
    "indicators": [{"code": "A", "weight": "50", "lead": "a", "scored_by": GIVEN},
                   {"code": "B", "weight": "50", "lead": "b", "scored_by": GIVEN}],
    "units": ["a", "b", "d"], "tables": {"observations": "unit,indicator,value,last_year,status\na,A,90,70,\nb,A,90,80,\n"
                                                         "d,A,90,60,\na,B,0,,\nb,B,,,not_applicable"}}


def read(root: Path, case: dict[str, Any] = CASE) -> Submitted:
    return submitted.read(tx.load_rulebook(written.YEAR, written.workspace(root, case), categories=[]))


def owed(there: Submitted) -> list[tuple[str, str, str]]:
    return sorted((row.lead, row.indicator, row.unit) for row in there.owed.itertuples())


def test_what_is_missing_is_its_lead_departments(tmp_path: Path) -> None:
    there = read(tmp_path)
    assert (len(there.items), owed(there), there.owing) == (7, [("b", "B", "d")], ("b",))
    assert [fault.code for fault in there.faults] == ["pair_absent"]


@pytest.mark.parametrize("spoiled", ["observations", "folder", "units", "tree"])
def test_it_is_read_whatever_is_missing(spoiled: str, tmp_path: Path) -> None:
    root = written.workspace(tmp_path, CASE)
    data, tree = root / "data" / written.YEAR, root / "params" / written.YEAR / "trees" / f"{written.CATEGORY}.yaml"
    if spoiled == "observations":
        (data / written.CATEGORY / "observations.csv").unlink()
    elif spoiled == "folder":
        data.rename(root / "elsewhere")
    elif spoiled == "units":
        (data / "units.csv").unlink()
    else:
        tree.write_text(tree.read_text("utf-8").replace("indicators:", "indicator:"), encoding="utf-8")
    there = submitted.read(tx.load_rulebook(written.YEAR, root, categories=[]))
    assert there.faults and there.unreadable == ((written.CATEGORY,) if spoiled == "tree" else ())
    leads = {"observations": ("a", "b")}.get(spoiled, ())
    office = {"folder": {"units"}, "units": {"units"}}.get(spoiled, set())
    assert there.owing == leads and set(there.owed.loc[there.owed["lead"] == "", "table"]) == office
    assert len(submitted.spread(there)) == (2 if spoiled != "tree" else 0)


def test_numbers_are_counted_and_spanned_this_year_and_last(tmp_path: Path) -> None:
    """A: the same of all, last year's from its column. B: zero of one, not applicable to another, nothing yet of the third."""
    first, second = submitted.spread(read(tmp_path)).to_dict("records")
    assert (first["there"], first["distinct"], first["least"], first["greatest"]) == (3, 1, 90, 90)
    assert (first["then"], first["least_then"], first["greatest_then"]) == ("", 60, 80)
    assert [second[key] for key in ("units", "there", "absent", "zeros", "distinct")] == [3, 1, 1, 1, 1]
    assert pd.isna(second["least_then"])


def test_last_years_edition_is_asked_where_the_table_tells_nothing_and_the_leaf_is_the_same(tmp_path: Path) -> None:
    then = {**CASE, "tables": {"observations": "unit,indicator,value\na,A,10\nb,A,20\na,B,30\nb,B,40"}}
    root = written.workspace(tmp_path, then)
    for kind in ("params", "data"):
        (root / kind / written.YEAR).rename(root / kind / "2019")
    for path in (root / "params" / "2019").rglob("*.yaml"):
        path.write_text(path.read_text("utf-8").replace('"2020"', '"2019"').replace("指标A", "另一项"), encoding="utf-8")
    table = root / "data" / "2019" / written.CATEGORY / "observations.csv"
    table.write_text(table.read_text("utf-8").replace("2020", "2019"), encoding="utf-8")
    now = {**CASE, "rules": {"last_year": "2019"}, "tables": {"observations": "unit,indicator,value\na,A,1\na,B,2"}}
    first, second = submitted.spread(read(root, now)).to_dict("records")
    assert pd.isna(first["least_then"]) and first["then"] == ""  # A was another indicator
    assert (second["then"], second["least_then"], second["greatest_then"]) == ("2019", 30, 40)


def test_of_marks_the_total_is_taken_and_of_surveys_the_answers(tmp_path: Path) -> None:
    marks = {"method": "marks", "out_of": "100", "quantitative": "60%"}
    case = {"indicators": [{"code": "P", "weight": "60", "lead": "a", "scored_by": marks},
                           {"code": "S", "weight": "40", "scored_by": SURVEY}], "units": ["a", "b"],
            "tables": {"marks": "unit,indicator,lead,quantitative,qualitative,total\na,P,a,—,—,—\nb,P,a,50,30,80",
                       "survey": "unit,indicator,group,grade,count\n" + "\n".join(
                           f"{unit},S,residents,{grade},{count}" for unit in "ab"
                           for grade, count in (("good", 7), ("poor", 2), ("dont_know", 1)))}}
    found = submitted.spread(read(tmp_path, case)).to_dict("records")
    assert [(each["table"], each["there"], each["absent"], each["greatest"]) for each in found] == [
        ("marks", 1, 1, 80), ("survey", 2, 0, 10)]
