"""What stands in two files: versions of one workbook, a row word for word; days and levels as people write them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import written

import txlib as tx
from txlib.base.faults import Fault
from txlib.intake import data

pytestmark = pytest.mark.quick

BONUS = {"code": "J", "scored_by": {"method": "per_event", "kind": "bonus", "levels": {"national": "3", "province": "2"},
                                    "same_honour": "highest", "several_units": "each"}, "cap": "5"}
CASE: dict[str, Any] = {"indicators": [{"code": "A", "weight": "100", "scored_by": {"method": "given", "out_of": "100"}}],
                        "adjustments": [BONUS], "units": ["a", "b", "c"], "tables": {}}
HEAD = ["单位编码", "指标编码", "期间", "实绩", "备注"]
ROWS = [["a", "A", "2020", 90, ""], ["b", "A", "2020", 80, ""], ["c", "A", "2020", 70, ""]]
EVENTS = "unit,indicator,period,honour,level,date,document\n"


Books = dict[str, dict[str, list[list[Any]]]]


def handed_in(root: Path, books: Books, **tables: str) -> tuple[tx.RuleBook, tx.Data, list[Fault]]:
    """A year with these workbooks and CSV tables in the category's folder."""
    written.workspace(root, CASE)
    folder = root / "data/2020" / written.CATEGORY
    folder.mkdir(parents=True, exist_ok=True)
    for name, sheets in books.items():
        book = openpyxl.Workbook()
        for title, rows in sheets.items():
            page = book.create_sheet(title)
            for row in rows:
                page.append(row)
        del book["Sheet"]
        book.save(folder / name)
    for table, text in tables.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    book = tx.load_rulebook("2020", root)
    return book, *data.read(book)


def test_two_versions_of_a_workbook_are_one_fault_with_all_that_differs(tmp_path: Path) -> None:
    other = [["a", "A", "2020", 91, ""], ["b", "A", "2020", 80, "改"], *ROWS[2:]]
    faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}, "w (1).xlsx": {"实绩": [HEAD, *other]}})[2]
    (fault,) = faults
    said = fault.message("zh")
    assert fault.code == "workbook_versions" and "w.xlsx" in said and "w (1).xlsx" in said
    assert "a A value" in said and "90" in said and "91" in said and "b A note" in said and "改" in said and "c A" not in said


def test_workbooks_of_two_departments_that_share_a_row_are_no_versions(tmp_path: Path) -> None:
    faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}, "x.xlsx": {"实绩": [HEAD, ROWS[0]]}})[2]
    assert [fault.code for fault in faults] == ["row_twice"]


@pytest.mark.parametrize(("again", "points", "codes"), [
    (["a", "J", "2020", "全省十强", "province", "2020-06-30", ""], 92, []),  # word for word: counted once, and told
    (["a", "J", "2020", "全省十强", "省级", "2020/6/30", ""], 92, []),
    (["a", "J", "2020", "全省十强", "province", "2020-06-30", "苏〔2020〕1号"], None, ["row_twice"]),
])
def test_an_event_in_two_files_counts_once(again: list[str], points: float | None, codes: list[str], tmp_path: Path) -> None:
    head = ["单位编码", "指标编码", "期间", "事项", "级别", "日期", "文件"]
    csv = EVENTS + "a,J,2020,全省十强,province,2020-06-30,\n"
    book, tables, faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS], "事项": [head, again]}}, events=csv)
    assert [fault.code for fault in faults] == codes
    if points is not None:
        ranking = tx.assess(book, tables, written.CATEGORY).ranking
        assert ranking.set_index("unit")["score"]["a"] == points
        assert [each.code for each in tables.remarks] == ["row_repeated"]


@pytest.mark.parametrize("day", ["2020-06-30", "2020/6/30", "2020/06/30", "2020年6月30日", "2020.6.30", "2020-6-30",
                                 "２０２０／６／３０", "2020/6/30 0:00", "2020-06-30 00:00:00"])
def test_days_are_read_as_excel_and_people_write_them(day: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,province,{day},\n"
    _, tables, faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)
    assert not faults and list(tables.events["date"]) == ["2020-06-30"]


@pytest.mark.parametrize("day", ["6/30/2020", "30.6.2020", "2020/6", "2020/13/1", "2020/2/30", "2020-6/30", "2020/6/30 8:15",
                                 "20/6/30"])
def test_a_day_that_may_be_another_is_a_fault(day: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,province,{day},\n"
    assert [fault.code for fault in handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)[2]] == ["cell_date"]


@pytest.mark.parametrize(("word", "code"), [("国家级", "national"), ("国家", "national"), ("省级", "province"),
                                           ("省", "province"),
                                           ("National", "national"), ("province", "province")])
def test_a_level_is_read_by_its_word(word: str, code: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,{word},2020-06-30,\n"
    _, tables, faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)
    assert not faults and list(tables.events["level"]) == [code]


def test_a_renamed_sheet_is_told_the_names_it_may_have_had(tmp_path: Path) -> None:
    written.workspace(tmp_path, CASE)
    book = openpyxl.Workbook()
    book.active.title = "实绩 c（终稿）"
    book.active.append(HEAD)
    book.create_sheet(f"事项 {written.CATEGORY}").append(["单位编码", "指标编码", "期间", "事项", "级别"])
    book.save(tmp_path / "data/2020/a.xlsx")
    said = [fault.message("zh") for fault in data.read(tx.load_rulebook("2020", tmp_path))[1] if fault.code == "sheet_unknown"]
    assert len(set(said)) == 1 and f"实绩 {written.CATEGORY}" in said[0] and "删" not in said[0]
