"""What stands in two files: versions of one workbook, a row word for word; days and levels as people write them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import written
from pydantic_core import PydanticCustomError
from shared import ROOT
from workbooks import written_book

import txlib as tx
from txlib.base.faults import Fault, shown
from txlib.intake import asked, checks, data, tables
from txlib.intake.sheets.cells import Choices
from txlib.intake.table import At
from txlib.intake.tables.superior import SET_BY
from txlib.methods import SuperiorRank
from txlib.rules.book import read as rules_read
from txlib.run import plan

pytestmark = pytest.mark.quick

LEVELS = {"national": "3", "province": "2", "prefecture": "1", "city": "0.5"}
BONUS = {"code": "J", "scored_by": {"method": "per_event", "kind": "bonus", "levels": LEVELS,
                                    "same_honour": "highest", "several_units": "each"}, "cap": "5"}
CASE: dict[str, Any] = {"indicators": [{"code": "A", "weight": "100", "scored_by": {"method": "given", "out_of": "100"}}],
                        "adjustments": [BONUS], "units": ["a", "b", "c"], "tables": {}}
HEAD = ["单位编码", "指标编码", "期间", "实绩", "备注"]
ROWS = [["a", "A", "2020", 90, ""], ["b", "A", "2020", 80, ""], ["c", "A", "2020", 70, ""]]
EVENTS = "unit,indicator,period,honour,level,date,document\n"


Books = dict[str, dict[str, list[list[Any]]]]


def handed_in(root: Path, books: Books, **csv: str) -> tuple[tx.RuleBook, tx.Data, list[Fault]]:
    """A year with these workbooks and CSV tables in the category's folder."""
    written.workspace(root, CASE)
    folder = root / "data/2020" / written.CATEGORY
    folder.mkdir(parents=True, exist_ok=True)
    for name, sheets in books.items():
        written_book(folder / name, sheets)
    for table, text in csv.items():
        (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    book = tx.load_rulebook("2020", root)
    return book, *data.read(book)


def test_two_versions_of_a_workbook_are_one_fault_with_all_that_differs(tmp_path: Path) -> None:
    other = [["a", "A", "2020", 91, ""], ["b", "A", "2020", 80, "改"], *ROWS[2:]]
    faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}, "w (1).xlsx": {"实绩": [HEAD, *other]}})[2]
    (fault,) = faults
    said = fault.message("zh")
    assert fault.code == "workbook_versions" and "w.xlsx" in said and "w (1).xlsx" in said
    assert "a A value: 91 [w (1).xlsx] ≠ 90 [w.xlsx]; b A note: 改 [w (1).xlsx] ≠ “” [w.xlsx]" in said and "c A" not in said
    assert not set("；：（），。") & set(fault.message("en"))


def book_of(*rows: list[Any]) -> dict[str, list[list[Any]]]:
    return {"实绩": [HEAD, *rows]}


CSV = "unit,indicator,period,value,note\n"
D = ["d", "A", "2020", 60, ""]


@pytest.mark.parametrize(("books", "csv", "code", "says"), [
    ({"w.xlsx": book_of(*ROWS), "w (1).xlsx": book_of(["a", "A", "2020", 8.5, ""], ROWS[1], D)}, "", "workbook_versions",
     ["a A value: 8.5 [w (1).xlsx] ≠ 90 [w.xlsx]", "d A [w (1).xlsx]; c A [w.xlsx]"]),
    ({"w.xlsx": book_of(*ROWS), "w (1).xlsx": book_of(*ROWS[:2])}, "", "workbook_versions",
     ["same rows); rows that not all", "c A [w.xlsx]"]),
    ({"w.xlsx": book_of(*ROWS), "v.xlsx": book_of(*ROWS), "u.xlsx": book_of(["a", "A", "2020", 91, ""], *ROWS[1:])}, "",
     "workbook_versions", ["u.xlsx[实绩], data/2020/c/v.xlsx[实绩] holds 3", "a A value: 91 [u.xlsx] ≠ 90 [v.xlsx, w.xlsx]"]),
    ({"w.xlsx": book_of(*ROWS)}, "a,A,2020,91,\nb,A,2020,80,\nc,A,2020,70,\n", "workbook_versions",
     ["a A value: 91 [observations.csv] ≠ 90 [w.xlsx]. Keep"]),
    ({"w.xlsx": book_of(*ROWS), "w (1).xlsx": book_of(*ROWS)}, "", "workbook_copies", ["holds the same 3 rows"]),
    ({name: book_of(*ROWS) for name in ("w.xlsx", "v.xlsx", "u.xlsx")}, "", "workbook_copies", ["u.xlsx", "v.xlsx", "w.xlsx"]),
    ({"w.xlsx": book_of(*ROWS)}, "a,A,2020,90,\nb,A,2020,80,\nc,A,2020,70,\n", "workbook_copies", ["observations.csv"]),
    ({"w.xlsx": book_of(["a", "A", "2020", "—", ""], *ROWS[1:]), "x.xlsx": book_of(["a", "A", "2020", "", ""], *ROWS[1:])}, "",
     "workbook_versions", ["a A value: — [w.xlsx] ≠ “” [x.xlsx]"]),
])
def test_versions_are_one_message_with_all_that_differs(books: Books, csv: str, code: str, says: list[str],
                                                        tmp_path: Path) -> None:
    """Also where a row more stands in one, in three, beside a CSV table, and where nothing differs."""
    faults = handed_in(tmp_path, books, **({"observations": CSV + csv} if csv else {}))[2]
    faults = [fault for fault in faults if fault.code not in ("unit_unknown", "value_missing", "not_applicable_refused")]
    assert [fault.code for fault in faults] == [code], [fault.message("zh") for fault in faults]
    assert all(each in faults[0].message("en") for each in says), faults[0].message("en")


def test_a_version_with_a_faulty_row_is_told_as_one_beside_the_fault(tmp_path: Path) -> None:
    other = [["a", "A", "2020", 8.5, ""], ["b", "A", "2020", "约8", ""], ROWS[2]]
    faults = handed_in(tmp_path, {"w.xlsx": book_of(*ROWS), "w (1).xlsx": book_of(*other)})[2]
    told = {fault.code: fault.message("zh") for fault in faults}
    assert len(faults) == 2 and told.keys() == {"cell_number", "workbook_versions"}
    assert "a A value: 8.5" in told["workbook_versions"] and "（或读得出）的行：b A [w.xlsx]" in told["workbook_versions"]


def test_versions_of_marks_are_told_beside_a_faulty_row() -> None:
    book = tx.load_rulebook("2020", ROOT)
    at = At(book, "", None, book.categories["towns_1"], whole=False)
    frame = pd.DataFrame([{"unit": unit, "indicator": "A", "total": 5.0, "file": f"{file}[打分]", "line": 2}
                          for file in ("w.xlsx", "x.xlsx") for unit in "abc"])
    assert [fault.code for fault in tables.named()["marks"].faults(frame, at)] == ["workbook_copies"]


def test_copies_of_a_workbook_are_versions_where_one_sheet_differs() -> None:
    same = Fault.of("workbook_copies", "w (1).xlsx[实绩 c]", other=["v.xlsx[实绩 c]", "w.xlsx[实绩 c]"], count=3)
    other = Fault.of("workbook_versions", "w (1).xlsx[调查 c]", other=["v.xlsx[调查 c]", "w.xlsx[调查 c]"], count=2, cells="x",
                     only="—")
    (fault,) = checks.versions_together([same, other])
    assert dict(fault.values) == {"other": "v.xlsx, w.xlsx", "count": "5", "cells": "[调查 c] x", "only": "—", "kind": "cells"}
    assert [fault.code for fault in checks.versions_together([same, same])] == ["workbook_copies"]


def test_two_versions_with_several_sheets_are_told_once() -> None:
    differing = [Fault.of("workbook_versions", f"data/2020/w (1).xlsx[{sheet}]", other=f"data/2020/w.xlsx[{sheet}]", count=count,
                          cells=cells, category=code)
                 for sheet, count, cells, code in (("实绩 c", 3, "a A value: 1 ≠ 2", "c"), ("问卷 c", 4, "a B count: 5 ≠ 6", "c"),
                                                   ("实绩 d", 5, "k A value: 7 ≠ 8", "d"))]
    of_c, of_d = checks.versions_together(differing)
    assert dict(of_c.values)["count"] == "7" and of_d == differing[2]
    (line,) = asked.messages([of_c, of_d], "en")
    assert "data/2020/w (1).xlsx:" in line and "data/2020/w.xlsx holds 12 of" in line
    assert "[实绩 c] a A value: 1 ≠ 2; [问卷 c] a B count: 5 ≠ 6; [实绩 d] k A value: 7 ≠ 8. Keep" in line
    assert plan.count([*differing, Fault.of("file_empty", "x.csv")]) == 2


LATER = ["单位编码", "指标编码", "期间", "实绩", "目标值"]


@pytest.mark.parametrize(("here", "there", "codes"), [
    ("a,A,2020,,5", [90, 5], []),  # all but what is asked for
    ("a,A,2020,,5", [90, ""], ["row_twice", "value_missing"]),  # the target stands here alone
    ("a,A,2020,,5", [90, 6], ["row_twice", "value_missing"]),
    ("a,A,2020,80,5", [90, 5], ["row_twice"]),
    ("a,A,2020,90,5", [90, 5], ["row_twice"]),  # nothing is left open
    ("a,A,2020,—,5", [90, 5], ["row_twice"]),
    ("a,A,2020,,5", ["", 5], ["value_missing"]),  # asked for once, of the workbook
])
def test_a_row_that_a_workbook_completes_is_read_there(here: str, there: list[Any], codes: list[str], tmp_path: Path) -> None:
    books: Books = {"w.xlsx": {"实绩": [LATER, ["a", "A", "2020", *there], *([*row[:4], ""] for row in ROWS[1:])]}}
    _, tables, faults = handed_in(tmp_path, books, observations=f"unit,indicator,period,value,target\n{here}\n")
    assert sorted(fault.code for fault in faults) == codes
    assert codes or tables.observations["value"].tolist() == [90, 80, 70]


@pytest.mark.parametrize(("targets", "codes"), [
    ([["a", "A", "2020", "", 5], ["b", "A", "2020", "", 6]], []),
    ([["a", "A", "2020", "", 4], ["b", "A", "2020", "", 6]], ["row_twice", "value_missing"]),  # another target
    ([["a", "A", "2020", "", 5], ["b", "A", "2020", 80, 6]], ["value_missing", "workbook_versions"]),  # a figure among them
    ([["a", "A", "2020", "—", 5]], ["row_twice"]),
])
def test_a_workbook_of_targets_is_completed_by_the_one_that_has_the_figures(targets: list[list[Any]], codes: list[str],
                                                                            tmp_path: Path) -> None:
    figures = [["a", "A", "2020", 90, 5], ["b", "A", "2020", 80, 6], ["c", "A", "2020", 70, ""]]
    books: Books = {"plan.xlsx": {"实绩": [LATER, *targets]}, "w.xlsx": {"实绩": [LATER, *figures]}}
    _, tables, faults = handed_in(tmp_path, books)
    assert sorted(fault.code for fault in faults if fault.code != "not_applicable_refused") == codes
    assert codes or tables.observations["value"].tolist() == [90, 80, 70]


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
                                 "２０２０／６／３０", "2020/6/30 0:00", "2020-06-30 00:00:00", "2020-6-30 00:00:00",
                                 "2020 年 6 月 30 日", "2020年6月30号", "２０２０年６月３０日", "2020　年6月30日",
                                 "2020 / 6 / 30", "2020/6/30 星期二", "2020年6月30日星期二", "2020-6-30（周二）",
                                 "2020-06-30 00:00:00.000"])
def test_days_are_read_as_excel_and_people_write_them(day: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,province,{day},\n"
    _, tables, faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)
    assert not faults and list(tables.events["date"]) == ["2020-06-30"]


@pytest.mark.parametrize("day", ["6/30/2020", "30.6.2020", "2020/6", "2020/13/1", "2020/2/30", "2020-6/30", "2020/6/30 8:15",
                                 "20/6/30", "2020年6年30",
                                 "2020-6月30日", "2020年6月31日", "2020 年 13 月 1 日", "2020/6/30 星期三", "2020年6月"])
def test_a_day_that_may_be_another_is_a_fault(day: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,province,{day},\n"
    assert [fault.code for fault in handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)[2]] == ["cell_date"]


@pytest.mark.parametrize(("word", "code"), [("国家级", "national"), ("国家", "national"), ("省级", "province"),
                                           ("省", "province"),
                                           ("National", "national"), ("province", "province"), ("全国", "national"),
                                           ("设区市级", "prefecture"), ("设区市", "prefecture"), ("地市级", "prefecture"),
                                           ("地级市", "prefecture"), ("地市", "prefecture"), ("市级", "city"), ("市", "city")])
def test_a_level_is_read_by_its_word(word: str, code: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,{word},2020-06-30,\n"
    _, tables, faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)
    assert not faults and list(tables.events["level"]) == [code]


@pytest.mark.parametrize("word", ["级", "国家级级", "部级", "省部级", "地级", "区级", "其他"])
def test_a_level_that_may_be_another_is_a_fault(word: str, tmp_path: Path) -> None:
    events = EVENTS + f"a,J,2020,先进,{word},2020-06-30,\n"
    faults = handed_in(tmp_path, {"w.xlsx": {"实绩": [HEAD, *ROWS]}}, events=events)[2]
    assert [fault.code for fault in faults] == ["level_unknown"]


@pytest.mark.parametrize(("word", "code"), [("省", "province"), ("省级", "province"), ("设区市级", "prefecture"),
                                            ("地市级", "prefecture"), ("地级市", "prefecture"), ("Prefecture", "prefecture")])
def test_who_sets_a_superior_indicator_is_told_likewise(word: str, code: str) -> None:
    assert Choices(SET_BY)(word) == code


@pytest.mark.parametrize("word", ["级", "", "市级", "国家级"])
def test_who_sets_none_is_a_fault(word: str) -> None:
    with pytest.raises(PydanticCustomError):
        Choices(SET_BY)(word)


def test_a_renamed_sheet_is_told_the_names_it_may_have_had(tmp_path: Path) -> None:
    written.workspace(tmp_path, CASE)
    book = openpyxl.Workbook()
    book.active.title = "实绩 c（终稿）"
    book.active.append(HEAD)
    book.create_sheet(f"事项 {written.CATEGORY}").append(["单位编码", "指标编码", "期间", "事项", "级别"])
    book.save(tmp_path / "data/2020/a.xlsx")
    said = [fault.message("zh") for fault in data.read(tx.load_rulebook("2020", tmp_path))[1] if fault.code == "sheet_unknown"]
    assert len(set(said)) == 1 and f"实绩 {written.CATEGORY}" in said[0] and "删" not in said[0]


def test_lists_of_names_are_told_whole_and_hold_nothing_empty(tmp_path: Path) -> None:
    books: Books = {"w.xlsx": {"实绩": [HEAD, *ROWS]}, "x.xlsx": {"杂": [["x"]], "细则": [
        ["指标编码", "序号", "细则", "分值", "定量/定性"], ["A", 1, "甲", 100, "数量"]]}}
    faults = {fault.code: fault for fault in handed_in(tmp_path, books)[2]}
    own = [row for row in tables.named().values() if not row.of_year]
    assert all(f"{row.model_config['title']} ({row.table})" in faults["sheet_unknown"].message("zh") for row in own)
    assert "quantitative, qualitative, 定量, 定性" in faults["cell_choice"].message("zh")


def test_of_several_values_each_is_cut_and_none_left_out() -> None:
    assert shown(["a" * 90, *"bcd"]) == "a" * 77 + "…, b, c, d" and shown(()) == "—"
    known = [f"name_{i}" for i in range(40)]
    assert all(name in Fault.of("column_unknown", "f.csv", near="", known=known).message("en") for name in known)


# ── documents of after the year, honours in two years ───────────────────────────────────────────────────────────────

OBSERVED = "unit,indicator,period,value\na,A,2020,90\nb,A,2020,80\nc,A,2020,70\n"


@pytest.mark.parametrize(("closes", "day", "codes"), [
    ({}, "2020-12-31", []), ({}, "2021-01-05", ["date_outside"]), ({}, "2019-12-31", ["date_outside"]),
    ({"events": "2021-01-31"}, "2021-01-31", []), ({"events": "2021-01-31"}, "2021-02-01", ["date_outside"]),
    ({"decisions": "2021-01-31"}, "2021-01-05", ["date_outside"]), ({"events": "2020-12-31"}, "2020-12-31", [])])
def test_documents_count_until_the_day_that_is_ruled(closes: dict[str, str], day: str, codes: list[str], tmp_path: Path) -> None:
    root = written.workspace(tmp_path, {**CASE, "rules": {"closes": closes} if closes else {}})
    folder = root / "data/2020" / written.CATEGORY
    folder.mkdir(parents=True)
    (folder / "observations.csv").write_text(OBSERVED, encoding="utf-8")
    (folder / "events.csv").write_text(EVENTS + f"a,J,2020,先进,province,{day},\n", encoding="utf-8")
    assert [fault.code for fault in data.read(tx.load_rulebook("2020", root))[1]] == codes


@pytest.mark.parametrize(("period", "day", "told"), [
    ("2020", "2020-11-30", True), ("2020", "2019-12-31", True), ("2020", "2020-12-31", False), ("2017-08", "2017-09-30", False)])
@pytest.mark.parametrize("what", ["events", "decisions"])
def test_a_last_day_before_the_end_of_the_year_is_a_fault_of_the_rules(what: str, period: str, day: str, told: bool,
                                                                       tmp_path: Path) -> None:
    """What happens after it would count in no year; a period that is no whole year may end before."""
    root = written.workspace(tmp_path, {**CASE, "rules": {"closes": {what: day}}})
    path = root / "params/2020/rulebook.yaml"
    path.write_text(re.sub(r"(?m)^period: .*$", f'period: "{period}"', path.read_text(encoding="utf-8")), encoding="utf-8")
    faults = rules_read("2020", root)[1]
    assert [fault.code for fault in faults] == (["closes_early"] if told else [])
    assert not told or (f"{period}-12-31" in faults[0].message("zh") and faults[0].where == f"closes.{what}")


ONCE, AGAIN = "event_in_two_years", "event_maybe_in_two_years"


def two_years(root: Path, then: str, now: str, place: str = "c") -> tuple[tx.Data, list[Fault]]:
    """An event of 2019, handed in in some category, and one of 2020."""
    written.workspace(root, {**CASE, "rules": {"last_year": "2019"}})
    shutil.copytree(root / "params/2020", root / "params/2019")
    for year, event, folder in (("2019", then, place), ("2020", now, written.CATEGORY)):
        (root / "data" / year / folder).mkdir(parents=True)
        (root / "data" / year / folder / "events.csv").write_text(EVENTS + event + "\n", encoding="utf-8")
    (root / "data/2020" / written.CATEGORY / "observations.csv").write_text(OBSERVED, encoding="utf-8")
    shutil.copy(root / "data/2020/units.csv", root / "data/2019/units.csv")
    return data.read(tx.load_rulebook("2020", root))


@pytest.mark.parametrize(("then", "now", "told"), [
    ("a,J,2019,全省十强,province,2020-01-10,", "a,J,2020,全省十强,province,2020-01-10,", ONCE),
    ("a,J,2019,全省十强,province,,苏〔2020〕1号", "a,J,2020,全省十强,province,2020-01-10,苏〔2020〕1号", ONCE),
    ("a,J,2019,全省十强,province,2019-01-10,苏〔2019〕1号", "a,J,2020,全省十强,province,2020-01-10,苏〔2020〕1号", ""),
    ("b,J,2019,全省十强,province,2020-01-10,", "a,J,2020,全省十强,province,2020-01-10,", ""),
    *((f"a,J,2019,{name},province,2020-01-10,", "a,J,2020,“全省 十强”,province,2020-01-10,", ONCE)
      for name in ("《全省十强》", '"全省十强"', "全省（十强）", "全省十强。", " 全 省十强")),
    *((f"a,J,2019,全省十强,province,,{document}", "a,J,2020,全省十强,national,2020-01-10,苏发〔2020〕1号", ONCE)
      for document in ("苏发[2020]1号", "苏发（2020）1号", "苏发〔2020〕 1 号", "苏发［２０２０］１号", "苏发【2020】1号")),
    ("a,J,2019,全省十强,province,,苏发〔2020〕11号", "a,J,2020,全省十强,province,,苏发〔2020〕1号", ""),
    ("a,J,2019,全省十强,province,,苏发〔202〕01号", "a,J,2020,全省十强,province,,苏发〔2020〕1号", ""),
    ("a,J,2019,全省十强,province,2019-12-30,", "a,J,2020,全省十强,province,,苏发〔2020〕1号", AGAIN),
    ("a,J,2019,《全省十强》,province,,", "a,J,2020,全省十强,province,,", AGAIN),
    ("a,J,2019,全省十强,省级,,", "a,J,2020,全省十强,province,,", AGAIN),
    ("a,J,2019,全省十强,national,,", "a,J,2020,全省十强,province,,", ""),
    ("b,J,2019,全省十强,province,,", "a,J,2020,全省十强,province,,", ""),
])
def test_an_honour_in_two_years_is_a_fault_that_names_both(then: str, now: str, told: str, tmp_path: Path) -> None:
    """A remark where nothing that is told in both years tells them apart."""
    tables, faults = two_years(tmp_path, then, now)
    assert [each.code for each in (*faults, *tables.remarks)] == ([told] if told else [])
    for each in (*faults, *tables.remarks):
        assert "data/2019/c/events.csv" in each.message("zh") and each.file == "data/2020/c/events.csv"


@pytest.mark.parametrize("place", ["d", "c"])
def test_the_year_before_is_looked_through_in_all_categories_once(place: str, tmp_path: Path,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit may have been of another class; a year without events does not look."""
    read: list[str] = []
    table = data.read_table
    monkeypatch.setattr(data, "read_table", lambda root, folder, row, **more: (
        read.append(f"{folder} {row.table}"), table(root, folder, row, **more))[1])
    event = "全省十强,province,2020-01-10,"
    _, faults = two_years(tmp_path / "1", f"a,J,2019,{event}", f"a,J,2020,{event}", place)
    assert [fault.code for fault in faults] == [ONCE] and f"data/2019/{place}/events.csv" in faults[0].message("en")
    assert read.count(f"data/2019/{place} events") == 1 and len(read) == len(set(read))
    read.clear()
    two_years(tmp_path / "2", f"a,J,2019,{event}", "", place)
    assert not [folder for folder in read if folder.startswith("data/2019")]


def test_a_unit_that_took_over_another_has_its_honours(tmp_path: Path) -> None:
    event = "全省十强,province,2020-01-10,"
    root = tmp_path
    two_years(root, f"z,J,2019,{event}", f"a,J,2020,{event}")
    units = root / "data/2020/units.csv"
    head, *lines = units.read_text(encoding="utf-8").splitlines()
    units.write_text("\n".join([f"{head},predecessor", *(f"{line},{'z' if line.startswith('a,') else ''}" for line in lines)]),
                     encoding="utf-8")
    assert [fault.code for fault in data.read(tx.load_rulebook("2020", root))[1]] == [ONCE]


def test_a_place_not_published_stops_the_categories_that_rest_on_it_alone(tmp_path: Path) -> None:
    root = tmp_path / "r"
    for name in ("params", "data"):
        shutil.copytree(ROOT / name / "2020", root / name / "2020")
        shutil.copytree(ROOT / name / "2019", root / name / "2019")
    path = root / "data/2020/superior.csv"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines = [re.sub(r",\d+,41,", ",,41,", line) if line.startswith("H03,") else line for line in lines]
    path.write_text("\n".join(lines), encoding="utf-8")
    book = tx.load_rulebook("2020", root)
    tables, faults = data.read(book)
    units = tables.responsible.loc[tables.responsible["superior"] == "H03", "unit"]
    scored = {code for code, head in book.categories.items() for leaf in head.leaves if isinstance(leaf.rule, SuperiorRank)}
    stopped = scored & set(tables.units.set_index("unit").loc[units, "category"])
    assert {(fault.code, fault.category) for fault in faults} == {("place_unpublished", code) for code in stopped} and stopped
    assert set(tables.observations["category"]) == set(book.categories) - stopped
    assert "H03" not in set(tx.superior_coverage(book, tables)["superior"])
