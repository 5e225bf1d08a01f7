"""The table of links: whom a unit may be linked to, its shares, what blocks whom, its sheet."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import written
from shared import words_of

import txlib as tx
from txlib.intake import asked, blanks, data
from txlib.report.excel import handout

pytestmark = pytest.mark.quick

GIVEN = {"method": "given", "out_of": "100"}
CASE: dict[str, Any] = {
    "indicators": [{"code": "D", "weight": "10", "lead": "a", "not_applicable": {"rule": "not_allowed"},
                    "scored_by": {"method": "linked", "attained": "A"}},
                   {"code": "E", "weight": "90", "scored_by": GIVEN}],
    "units": ["a", "b"], "tables": {"observations": "unit,indicator,value\na,E,80\nb,E,80"},
    "others": {
        "t": {"indicators": [{"code": "A", "weight": "100", "scored_by": GIVEN}], "units": ["t1", "t2"],
              "tables": {"observations": "unit,indicator,value\nt1,A,80\nt2,A,90"}},
        "s": {"indicators": [{"code": "B", "weight": "100", "scored_by": GIVEN}], "units": ["s1"],
              "tables": {"observations": "unit,indicator,value\ns1,B,80"}}}}


def read(root: Path, rows: str, case: dict[str, Any] = CASE) -> list[tuple[str | None, str]]:
    """The faults of a year with these links: category and kind."""
    case = {**case, "tables": {**case["tables"], "links": "unit,indicator,other,share,document\n" + rows}}
    written.workspace(root, case)
    units = root / "data/2020/units.csv"
    units.write_text(units.read_text(encoding="utf-8") + "office,考核办,Office,\n", encoding="utf-8")
    faults = data.read(tx.load_rulebook("2020", root))[1]
    assert all(fault.message(lang) for fault in faults for lang in ("zh", "en"))
    return [(fault.category, fault.code) for fault in faults]


@pytest.mark.parametrize(("rows", "code"), [
    ("a,D,t1,,x\nb,D,t1,,x", ""), ("a,D,t1,40%,x\na,D,t2,60,x\nb,D,t2,,x", ""),
    ("a,D,t1,40,x\na,D,t2,50,x\nb,D,t1,,x", "link_shares"), ("a,D,t1,100,x\na,D,t2,,x\nb,D,t1,,x", "link_shares"),
    ("a,D,t1,50,x\nb,D,t1,,x", "link_shares"), ("a,D,t3,,x\nb,D,t1,,x", "link_unknown"),
    ("a,D,office,,x\nb,D,t1,,x", "link_unranked"), ("a,D,b,,x\nb,D,t1,,x", "link_circle"), ("a,D,a,,x\nb,D,t1,,x", "link_circle"),
    ("a,D,s1,,x\nb,D,t1,,x", "link_indicator"), ("a,D,t1,,x\na,D,t1,,x\nb,D,t1,,x", "row_twice"),
    ("a,D,—,,x\na,D,t1,,x\nb,D,t1,,x", "link_mixed"), ("a,D,—,,x\nb,D,t1,,x", "not_applicable_refused"),
    ("a,D,t1,,x", "pair_absent"), ("a,E,t1,,x\na,D,t1,,x\nb,D,t1,,x", "indicator_elsewhere"),
    ("t1,D,t2,,x\na,D,t1,,x\nb,D,t1,,x", "unit_elsewhere"), ("a,D,t1,,\nb,D,t1,,x", "cell_empty"),
    ("a,D,t 1,,x\nb,D,t1,,x", "cell_code"),
])
def test_whom_a_unit_is_linked_to_is_held_against_the_year(rows: str, code: str, tmp_path: Path) -> None:
    told = read(tmp_path, rows)
    assert set(told) == ({(written.CATEGORY, code)} if code else set())


def test_a_table_that_is_not_there_is_told(tmp_path: Path) -> None:
    faults = data.read(tx.load_rulebook("2020", written.workspace(tmp_path, CASE)))[1]
    assert [(fault.code, fault.file) for fault in faults] == [("table_missing", "data/2020/c/links.csv")]


def test_a_category_with_faults_blocks_those_linked_to_it_and_no_other(tmp_path: Path) -> None:
    broken = copy.deepcopy(CASE)
    broken["others"]["t"]["tables"]["observations"] = "unit,indicator,value\nt1,A,80"
    told = read(tmp_path / "1", "a,D,t1,,x\nb,D,t1,,x", broken)
    assert told == [("t", "pair_absent"), ("c", "needs_linked")]
    broken = copy.deepcopy(CASE)
    broken["others"]["s"]["tables"]["observations"] = "unit,indicator,value\ns1,A,80"
    assert {category for category, _ in read(tmp_path / "2", "a,D,t1,,x\nb,D,t1,,x", broken)} == {"s"}
    (tmp_path / "2/params/2020/trees/t.yaml").write_text("category: 1\n", encoding="utf-8")
    book = tx.load_rulebook("2020", tmp_path / "2", categories=["c"])
    assert {(fault.category, fault.code) for fault in data.read(book)[1]} >= {("c", "needs_linked")}


def test_the_lead_gets_a_sheet_that_offers_units_of_other_categories(tmp_path: Path) -> None:
    book = tx.load_rulebook("2020", written.workspace(tmp_path, CASE))
    (tmp_path / "data/2020/c/observations.csv").unlink()
    units, _, _ = asked.units_known(book)
    forms = blanks.forms(book, units)
    assert [form.table for form in forms["a"]] == ["links"]
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(book, units, "a", forms["a"], words_of(book))))
    sheet = made["挂钩单位 c"]
    at = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    rules = {str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation}
    rule = rules[at["挂钩单位编码"].column_letter]
    offered = rule.formula1.lstrip("=")
    name, area = made.defined_names[offered].attr_text.split("!") if "!" not in offered else offered.split("!")
    offered = [cell.value for line in made[name.strip("'")][area.replace("$", "")] for cell in line]
    assert {"t1", "t2", "s1"} <= {*offered} and not rule.showErrorMessage
    filled = {"单位编码": "a", "指标编码": "D", "挂钩单位编码": "t1", "文件": "x"}
    for i, unit in enumerate("ab", 1):
        for head, value in {**filled, "单位编码": unit}.items():
            sheet.cell(at["份额"].row + i, at[head].column, value)
    made.save(tmp_path / "data/2020/a.xlsx")
    written.table(tmp_path / "data/2020/c", CASE["tables"]["observations"], "observations", {"period": "2020"})
    tables = tx.load_data(book)
    assert tables.links[["unit", "other", "document"]].values.tolist() == [["a", "t1", "x"], ["b", "t1", "x"]]
    assert tx.assess(book, tables, "c").ranking["score"].tolist() == [80, 80]
