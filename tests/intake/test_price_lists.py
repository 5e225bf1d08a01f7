"""The table of findings: its days, its documents in two years and two files, its sheet for each lead department."""

from __future__ import annotations

import io
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import written
from shared import words_of

import txlib as tx
from txlib.base.faults import Fault
from txlib.intake import asked, blanks, data
from txlib.report.excel import handout

pytestmark = pytest.mark.quick

PRICES = {"plan": {"name": {"zh": "缺计划", "en": "no plan"}, "costs": "1", "cap": "4"}, "错报": {"costs": "2"}}
CASE: dict[str, Any] = {
    "indicators": [
        {"code": "P", "weight": "6", "lead": "b", "scored_by": {"method": "findings", "floor": "0", "prices": PRICES}},
        {"code": "Q", "weight": "4", "lead": "c",
         "scored_by": {"method": "findings", "floor": "0", "prices": {"plan": {"costs": "1"}}}},
        {"code": "R", "weight": "90", "lead": "c", "scored_by": {"method": "given"}}],
    "units": ["a", "b", "c"], "tables": {"observations": "unit,indicator,value\na,R,80\nb,R,80\nc,R,80"}}
HEAD = "unit,indicator,period,kind,number,date,document,post\n"


def read(root: Path, now: str, then: str | None = None, **rules: Any) -> tuple[tx.RuleBook, tx.Data, list[Fault]]:
    """A year with these findings; `then`: those of the year before."""
    written.workspace(root, {**CASE, "rules": {**({} if then is None else {"last_year": "2019"}), **rules}})
    shutil.copytree(root / "params/2020", root / "params/2019")
    for year, rows in (("2019", then), ("2020", now)):
        (root / "data" / year / written.CATEGORY).mkdir(parents=True, exist_ok=True)
        if rows:
            (root / "data" / year / written.CATEGORY / "findings.csv").write_text(HEAD + rows + "\n", encoding="utf-8")
    shutil.copy(root / "data/2020/units.csv", root / "data/2019/units.csv")
    book = tx.load_rulebook("2020", root)
    return book, *data.read(book)


@pytest.mark.parametrize(("then", "now", "told"), [
    ("a,P,2019,plan,1,,某督〔2020〕1号,", "a,P,2020,plan,1,2020-01-10,某督[2020]1号,", True),
    ("a,P,2019,plan,1,2020-01-10,某督〔2020〕1号,", "a,Q,2020,缺计划,1,2020-01-10,某督〔2020〕 1号,统计", True),
    ("a,P,2019,plan,1,2019-12-10,某督〔2020〕1号,", "a,P,2020,plan,1,2020-01-10,某督〔2020〕1号,", False),
    ("b,P,2019,plan,1,,某督〔2020〕1号,", "a,P,2020,plan,1,2020-01-10,某督〔2020〕1号,", False),
    ("a,P,2019,plan,1,,某督〔2020〕11号,", "a,P,2020,plan,1,2020-01-10,某督〔2020〕1号,", False),
])
def test_what_a_document_found_counts_in_one_year(then: str, now: str, told: bool, tmp_path: Path) -> None:
    """A fault that names both places, of whatever kind; days may tell that it is another finding."""
    faults = read(tmp_path, now.replace(",Q,2020,缺计划,", ",Q,2020,plan,"), then)[2]
    assert [fault.code for fault in faults] == ["event_in_two_years"] * told
    assert all("data/2019/c/findings.csv" in fault.message("zh") and fault.line == 2 for fault in faults)


@pytest.mark.parametrize(("day", "closes", "code"), [
    ("2021-01-15", {}, "date_outside"), ("2021-01-15", {"findings": "2021-01-31"}, ""), ("2021-02-01", {"findings": "2021-01-31"},
    "date_outside"), ("2021-01-15", {"events": "2021-01-31"}, "date_outside"), ("2019-12-31", {"findings": "2021-01-31"},
    "date_outside"), ("2020-12-31", {}, "")])
def test_a_finding_lies_in_the_year_or_as_long_after_it_as_ruled(day: str, closes: dict[str, str], code: str,
                                                                 tmp_path: Path) -> None:
    faults = read(tmp_path, f"a,P,2020,plan,1,{day},某督〔2020〕1号,", **({"closes": closes} if closes else {}))[2]
    assert [fault.code for fault in faults] == [code] * bool(code)


@pytest.mark.parametrize(("row", "codes"), [
    ("a,P,2020,缺计划,,,x,", []), ("a,P,2020,no plan,,,x,", []), ("a,P,2020,错报,0,,x,", []),
    ("a,P,2020,plan,1.5,,x,", ["cell_whole"]),
    ("a,P,2020,plan,-1,,x,", ["cell_whole"]), ("a,Q,2020,错报,1,,x,", ["finding_unknown"]), ("a,R,2020,plan,1,,x,",
    ["indicator_elsewhere"]), ("z,P,2020,plan,1,,x,", ["unit_unknown"]), ("a,P,2019,plan,1,,x,", ["period_differs"])])
def test_a_row_says_what_was_found_of_whom(row: str, codes: list[str], tmp_path: Path) -> None:
    _, tables, faults = read(tmp_path, row)
    assert [fault.code for fault in faults] == codes
    if not codes:
        kind, number = ("错报", 0) if "错报" in row else ("plan", 1)
        assert tables.findings[["kind", "number"]].values.tolist() == [[kind, number]]


def test_a_finding_in_two_files_counts_once(tmp_path: Path) -> None:
    row = "a,P,2020,plan,3,2020-03-01,某督〔2020〕1号,"
    read(tmp_path, row)
    made = openpyxl.Workbook()
    made.active.title = "发现问题"
    for line in (HEAD, row):
        made.active.append([cell.strip() for cell in line.split(",")])
    made.save(tmp_path / "data/2020/c/w.xlsx")
    book = tx.load_rulebook("2020", tmp_path)
    tables = tx.load_data(book)
    assert [each.code for each in tables.remarks] == ["row_repeated"]
    points = tx.assess(book, tables, "c").scores.set_index(["unit", "indicator"])["points"]
    assert points["a", "P"] == 3 and points["b", "P"] == 6


def test_every_lead_gets_a_sheet_for_its_own_price_list(tmp_path: Path) -> None:
    """Kinds offered by name; what one department has handed in leaves the other's sheet where it is."""
    book, _, _ = read(tmp_path, "a,P,2020,plan,1,2020-01-10,某督〔2020〕1号,")
    (tmp_path / "data/2020/c/observations.csv").unlink()
    units, _, _ = asked.units_known(book)
    forms = blanks.forms(book, units)
    assert {lead: [form.table for form in sheets] for lead, sheets in forms.items()} == {
        "c": ["observations", "findings"], "": ["decisions"]}
    (tmp_path / "data/2020/c/findings.csv").unlink()
    forms = blanks.forms(book, units)
    assert [form.table for form in forms["b"]] == ["findings"]
    assert set(asked.missing(book, units, ["c"])["table"]) == {"observations"}
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(book, units, "b", forms["b"], words_of(book))))
    sheet = made["发现问题 c"]
    at = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    rules = {str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation}
    assert rules[at["次数"].column_letter].type == "whole" and rules[at["日期"].column_letter].type == "date"
    offered = rules[at["问题类别"].column_letter].formula1.lstrip("=")
    name, area = made.defined_names[offered].attr_text.split("!") if "!" not in offered else offered.split("!")
    assert [cell.value for line in made[name.strip("'")][area.replace("$", "")] for cell in line] == ["缺计划", "错报"]
    filled = {"单位编码": "a", "指标编码": "P", "期间": "2020", "问题类别": "缺计划", "文件": "某督〔2020〕1号"}
    for head, value in filled.items():
        sheet.cell(at["次数"].row + 1, at[head].column, value)
    made.save(tmp_path / "data/2020/b.xlsx")
    written.table(tmp_path / "data/2020/c", CASE["tables"]["observations"], "observations", {"period": "2020"})
    assert tx.load_data(book).findings[["unit", "kind", "number"]].values.tolist() == [["a", "plan", 1]]


AID = {"name": {"zh": "协助", "en": "aid"}, "share": "40%"}


@pytest.mark.parametrize("shared", [{}, {"shared": {"lead": "60%", "aid": AID}}])
def test_roles_are_asked_for_and_offered_where_a_price_is_shared(shared: dict[str, Any], tmp_path: Path) -> None:
    """No column of them elsewhere; each by its name, and what comes back is read by it."""
    case = {**CASE, "indicators": [{**CASE["indicators"][0], "scored_by": {**CASE["indicators"][0]["scored_by"], **shared}},
                                   *CASE["indicators"][1:]]}
    written.workspace(tmp_path, case)
    (tmp_path / "data/2020/c/observations.csv").unlink()
    book = tx.load_rulebook("2020", tmp_path)
    units, _, _ = asked.units_known(book)
    form, = blanks.forms(book, units)["b"]
    assert ("role" in form.columns) is bool(shared)
    if not shared:
        return
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(book, units, "b", [form], words_of(book))))
    sheet = made["发现问题 c"]
    at = {cell.value: cell for row in sheet.iter_rows() for cell in row if cell.value}
    rules = {str(rule.sqref).split(":")[0].rstrip("0123456789"): rule for rule in sheet.data_validations.dataValidation}
    offered = rules[at["责任"].column_letter].formula1.lstrip("=")
    name, area = made.defined_names[offered].attr_text.split("!") if "!" not in offered else offered.split("!")
    assert [cell.value for line in made[name.strip("'")][area.replace("$", "")] for cell in line] == ["牵头单位", "协助"]


def test_the_office_gets_the_sheet_of_a_branch(tmp_path: Path) -> None:
    """Nobody leads a branch; its items are asked for by their own lead departments."""
    listed = {"method": "findings", "floor": "0", "prices": PRICES}
    leaves = [{"code": "A1", "weight": "100", "lead": "b", "scored_by": {"method": "given"}}]
    written.workspace(tmp_path, {**CASE, "tables": {}, "indicators": [
        {"code": "A", "weight": "100", "adjusted_by": listed, "children": leaves}]})
    book = tx.load_rulebook("2020", tmp_path)
    units, _, _ = asked.units_known(book)
    forms = blanks.forms(book, units)
    assert {lead: {form.table for form in sheets} for lead, sheets in forms.items()} == {
        "b": {"observations"}, "": {"findings", "decisions"}}
    form = next(form for form in forms[""] if form.table == "findings")
    made = openpyxl.load_workbook(io.BytesIO(handout.workbook(book, units, "", [form], words_of(book))))
    cells = {cell.value for sheet in made for row in sheet.iter_rows() for cell in row}
    assert {"A", "缺计划", "错报"} <= cells and "A1" not in cells
