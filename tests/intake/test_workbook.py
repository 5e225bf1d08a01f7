"""Workbooks handed in: every mess is read to the same result as the good sheet, or refused with its cell; never in between."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from workbooks import CASES, FILE, FOLDER, GOOD, REFUSED, SAME, Rows, as_read, good, handed_in, made, named, raw_of, worth

from txlib.intake import tables
from txlib.intake.read import read_csv, read_table
from txlib.intake.sheets.cells import Quantity
from txlib.intake.table import columns

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def rows() -> Rows:
    return good()


@pytest.fixture(scope="module")
def clean() -> pd.DataFrame:
    return as_read()


# ── one mess at a time ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", [{}, *SAME], ids=["the good one", *named(SAME)])
def test_it_is_read_to_the_same_result(case: dict[str, Any], clean: pd.DataFrame, tmp_path: Path) -> None:
    frame, faults, files = handed_in(tmp_path, raw_of(case.get("name", "")))
    assert not faults, [fault.message("en") for fault in faults]
    assert files == [FILE]
    want = clean.copy()
    for line, cells in case.get("differs", {}).items():
        for name, value in cells.items():
            at = want.index[want["line"] == line][0]
            want.at[at, name] = Quantity(value) if isinstance(value, float) else value
    assert worth(frame) == worth(want)
    percent = [line for line, cell in zip(clean["line"], frame["value"], strict=True) if cell.percent]
    assert percent == case.get("percent", [])
    assert set(frame["file"]) == {f"{FILE}[{case.get('sheet', '实绩')}]"}


@pytest.mark.parametrize("case", REFUSED, ids=named(REFUSED))
def test_it_is_refused_with_its_cell(case: dict[str, Any], tmp_path: Path) -> None:
    _, faults, _ = handed_in(tmp_path, raw_of(case["name"]))
    wanted = [each for each in case["faults"] for _ in range(each.get("times", 1))]
    assert sorted(f.code for f in faults) == sorted(each["kind"] for each in wanted), [f.message("en") for f in faults]
    for each in case["faults"]:
        mine = [f for f in faults if f.code == each["kind"]]
        at, cell = each.get("at"), re.match(r"[A-Z]+(\d+)", each.get("at", ""))
        assert any(at in (None, f.where) or at in (f.where.split()[0] if f.where else "") or at in f.file for f in mine), mine
        assert any(f.line == (int(cell[1]) if cell else each.get("line", f.line)) for f in mine), mine
        for lang in ("zh", "en"):
            assert any(each.get("says", "") in f.message(lang).replace("？", "?") for f in mine), [f.message(lang) for f in mine]
    for fault in faults:
        assert fault.file.startswith(FILE)
        for lang in ("zh", "en"):
            assert fault.file in fault.message(lang) and "\n" not in fault.message(lang)


def test_every_table_of_observations_is_the_same_as_a_workbook(root: Path, tmp_path: Path) -> None:
    for path in sorted((root / "data").glob("*/*/observations.csv")):
        want, faults = read_csv(path, path.name, tables.ObservationRow)
        frame, found, _ = handed_in(tmp_path, made(good(path), {}))
        assert not faults and not found and worth(frame) == worth(want), path


def test_a_row_with_a_fault_is_left_out_and_the_others_are_read(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    case = {"cells": {"D2": {"boolean": True}, "D4": "约8"}}
    frame, faults, _ = handed_in(tmp_path, made(rows, case))
    assert [fault.line for fault in faults] == [2, 4]
    assert list(frame["line"]) == [line for line in clean["line"] if line not in (2, 4)]


def test_there_are_cases_enough_and_each_has_its_own_name() -> None:
    assert len(CASES) >= 70 and len(set(named(CASES))) == len(CASES)
    kinds = {each["kind"] for case in REFUSED for each in case["faults"]}
    assert len(kinds) >= 20


# ── several files ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_departments_hand_in_a_part_each(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """A CSV file and two workbooks, one with two sheets, are one table; each row knows its file, sheet and line."""
    header, body = rows[0], rows[1:]
    (tmp_path / FOLDER).mkdir(parents=True)
    text = GOOD.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    (tmp_path / FOLDER / "observations.csv").write_text("".join(text[:61]), encoding="utf-8")
    handed_in(tmp_path, made([header, *body[60:120]], {}), "b.xlsx")
    second = {"observations": [list(row) for row in [header, *body[180:]]]}
    frame, faults, files = handed_in(tmp_path, made([header, *body[120:180]], {"sheets": second}), "c.xlsx")
    assert not faults and worth(frame) == worth(clean)
    assert files == [f"{FOLDER}/{name}" for name in ("observations.csv", "b.xlsx", "c.xlsx")]
    assert list(dict.fromkeys(frame["file"])) == [f"{FOLDER}/{name}" for name in
                                                  ("observations.csv", "b.xlsx[实绩]", "c.xlsx[实绩]", "c.xlsx[observations]")]
    assert list(frame["line"]) == [*range(2, 62), *range(2, 62), *range(2, 62), *range(2, 62)]


def test_a_table_without_any_file_names_both_ways(tmp_path: Path) -> None:
    frame, faults, files = read_table(tmp_path, FOLDER, tables.ObservationRow)
    assert frame.empty and list(frame) == [*columns(tables.ObservationRow), "file"] and not files
    assert [(fault.code, fault.file) for fault in faults] == [("table_missing", f"{FOLDER}/observations.csv")]
    assert all("observations.csv / *.xlsx [实绩, observations]" in faults[0].message(lang) for lang in ("zh", "en"))
    assert read_table(tmp_path, FOLDER, tables.PublishedRow, needed=False)[1:] == ([], [])


def test_a_damaged_workbook_is_not_called_a_missing_table(tmp_path: Path) -> None:
    assert [fault.code for fault in handed_in(tmp_path, b"PK\x03\x04")[1]] == ["workbook_damaged"]


def test_each_table_is_found_in_the_same_workbook(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    published = {"公布结果": [["单位编码", "公布得分", "公布名次"], ["donggang", 91.25, 1], ["liuhu", "90.5", 2]]}
    observed, faults, _ = handed_in(tmp_path, made(rows, {"sheets": published}))
    assert not faults and len(observed) == len(clean)
    frame, faults, files = read_table(tmp_path, FOLDER, tables.PublishedRow)
    assert not faults and files == [FILE] and set(frame["file"]) == {f"{FILE}[公布结果]"}
    assert frame[["unit", "score", "rank"]].to_numpy().tolist() == [["donggang", 91.25, 1], ["liuhu", 90.5, 2]]


def test_a_total_of_counts_is_held_against_its_rows(tmp_path: Path) -> None:
    """Where a table requires a number, that number is no key of its rows."""
    told = [["单位编码", "指标编码", "期间", "组别", "评价", "人数"], ["donggang", "E2", 2020, "代表", "满意", 7],
            ["donggang", "E2", 2020, "代表", "不满意", 3], ["合计", "", "", "", "", 10], [], ["注：电话访问"]]
    for count, codes in ((10, []), (11, ["total_differs"])):
        told[3][5] = count
        handed_in(tmp_path, made(told, {"sheet": "调查", "merge": ["A2:A3", "D2:D3"]}))
        frame, faults, _ = read_table(tmp_path, FOLDER, tables.named()["survey"])
        assert [fault.code for fault in faults] == codes
        assert frame[["unit", "group", "grade", "count"]].to_numpy().tolist() == [["donggang", "代表", "满意", 7],
                                                                                   ["donggang", "代表", "不满意", 3]]


EVENTS = ["单位编码", "指标编码", "期间", "事项", "级别", "份额", "日期"]


@pytest.mark.parametrize("honour", ["平均寿命提升先进", "总和生育率监测先进", "小计量器具管理先进", "合计", "说明：新增",
                                    "注：重复"])
def test_an_event_whose_name_begins_like_a_total_is_an_event(honour: str, tmp_path: Path) -> None:
    told = [EVENTS, ["donggang", "J1", 2020, "某创建", "province"], ["liuhu", "J1", 2020, honour, "province"]]
    for order in (range(5), (3, 0, 1, 2, 4)):
        handed_in(tmp_path, made([[row[i] for i in order] for row in told], {"sheet": "事项"}))
        frame, faults, _ = read_table(tmp_path, FOLDER, tables.named()["events"], needed=False)
        assert not faults and frame["honour"].tolist() == ["某创建", honour]


def test_a_last_event_that_begins_like_a_note_is_not_passed_over(tmp_path: Path) -> None:
    told = [EVENTS, ["donggang", "J1", 2020, "某创建", "province"], ["说明：新增", "J1", 2020, "某示范", ""]]
    handed_in(tmp_path, made(told, {"sheet": "事项", "append": [["注：以上为全部"]]}))
    frame, faults, _ = read_table(tmp_path, FOLDER, tables.named()["events"], needed=False)
    assert sorted(fault.code for fault in faults) == ["cell_code", "cell_empty"] and len(frame) == 1


def test_a_superior_indicator_of_means_is_no_total(tmp_path: Path) -> None:
    told = [["上级指标编码", "上级指标", "下达单位", "期间", "位次", "同类个数"], ["H1", "平均受教育年限", "省", 2020, 2, 7],
            ["H2", "财政收入合计", "省", 2020, 3, 7], ["合计", "", "", "", 5, 14]]
    for order in (range(6), (1, 0, 2, 3, 4, 5)):
        (tmp_path / "data/2020").mkdir(parents=True, exist_ok=True)
        raw = made([[row[i] for i in order] for row in told], {"sheet": "上级指标"})
        (tmp_path / "data/2020/superior.xlsx").write_bytes(raw)
        frame, faults, _ = read_table(tmp_path, "data/2020", tables.named()["superior"])
        assert not faults and frame["superior"].tolist() == ["H1", "H2"]


def test_a_header_alone_says_that_there_is_nothing(tmp_path: Path) -> None:
    handed_in(tmp_path, made([EVENTS], {"sheet": "事项"}))
    frame, faults, files = read_table(tmp_path, FOLDER, tables.named()["events"], needed=False)
    assert frame.empty and not faults and files == [FILE]


@pytest.mark.parametrize(("shown", "code"), [('0"人"', ""), ('0"千"', "format_misleads"), ('0"户"', "format_misleads")])
def test_a_count_may_be_shown_with_its_word(shown: str, code: str, tmp_path: Path) -> None:
    told = [["单位编码", "指标编码", "期间", "组别", "评价", "人数"],
            ["donggang", "E2", 2020, "代表", "满意", {"number": 7, "format": shown}]]
    handed_in(tmp_path, made(told, {"sheet": "调查"}))
    faults = read_table(tmp_path, FOLDER, tables.named()["survey"])[1]
    assert [fault.code for fault in faults] == [code] * bool(code)


def test_the_only_sheet_is_known_by_its_header(tmp_path: Path) -> None:
    """A published list alone in a workbook of any sheet name is not taken for observations."""
    raw = made([["单位编码", "公布得分", "公布名次"], ["donggang", 91.25, 1]], {"sheet": "Sheet1"})
    assert [fault.code for fault in handed_in(tmp_path, raw)[1]] == ["sheet_missing"]
    frame, faults, _ = read_table(tmp_path, FOLDER, tables.PublishedRow)
    assert not faults and len(frame) == 1


SINGLE = {  # a header, and the table that it is of
    "observations": ["单位编码", "单位名称", "指标编码", "期间", "实绩", "目标值", "状态", "备注"],
    "marks": ["单位编码", "指标编码", "期间", "牵头部门", "定量", "定性", "合计分", "备注"],
    "survey": ["unit", "indicator", "period", "group", "grade", "count", "note"],
    "events": ["单位编码", "指标编码", "期间", "事项", "级别", "日期", "文件", "备注"],
    "details": ["指标编码", "序号", "细则", "分值", "定量/定性", "数据来源"], "published": ["单位编码", "公布得分", "公布名次"],
    "responsible": ["上级指标编码", "单位编码", "指标编码", "份额", "备注"], "units": ["单位编码", "单位名称", "类别", "别名"],
    "decisions": ["单位编码", "决定", "日期", "条款", "文件", "备注"],
}


@pytest.mark.parametrize("table", SINGLE)
@pytest.mark.parametrize("folder", ["data/2020", "data/2020/towns_1"])
def test_a_sheet_of_no_name_is_the_table_whose_header_fits_best(folder: str, table: str, tmp_path: Path) -> None:
    """Of a category, in the year's folder, it may be anybody's: the names that it may have are told, as where no header fits."""
    header, of_year = SINGLE[table], tables.named()[table].of_year
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "x.xlsx").write_bytes(made([[*header, "说说"], ["donggang"]], {"sheet": "Sheet1"}))
    rows = [row for row in tables.named().values() if row.of_year == (folder == "data/2020")]
    faults = {row.table: read_table(tmp_path, folder, row, needed=False, categories=["towns_1", "zones"])[1] for row in rows}
    unknown = {key: [dict(each.values)["known"] for each in found if each.code == "sheet_unknown"]
               for key, found in faults.items()}
    if of_year == (folder == "data/2020"):
        assert [key for key, found in faults.items() if found] == [table]
        assert [(fault.code, fault.found) for fault in faults[table]] == [("column_unknown", "说说")]
    elif of_year:
        assert all("实绩 (observations)" in said for (said,) in unknown.values())
    else:
        title = tables.named()[table].model_config["title"]
        assert [*unknown.values()] == [[f"{title} towns_1, {title} zones"]] * len(rows)


def test_of_tables_with_as_many_known_columns_the_one_that_lacks_least_fits_best(tmp_path: Path) -> None:
    raw = made([["单位编码", "指标编码", "期间", "备注"], ["donggang", "A1.1", "2020", "x"]], {"sheet": "Sheet1"})
    frame, faults, _ = handed_in(tmp_path, raw)
    assert (len(frame), faults) == (1, [])


@pytest.mark.parametrize("header", [["甲", "乙"], ["上级指标编码", "备注"]])
def test_a_sheet_whose_header_fits_no_table_is_told_all_names(header: list[str], tmp_path: Path) -> None:
    (tmp_path / "data/2020").mkdir(parents=True)
    (tmp_path / "data/2020/x.xlsx").write_bytes(made([header, ["donggang", "x"]], {"sheet": "Sheet1"}))
    (fault,) = read_table(tmp_path, "data/2020", tables.named()["units"], needed=False, categories=["towns_1", "zones"])[1]
    known = dict(fault.values)["known"]
    assert fault.code == "sheet_unknown"
    assert all(name in known for name in ("单位 (units)", "决定 (decisions)", "实绩 towns_1", "细则 towns_1"))


@pytest.mark.parametrize("from_1904", [False, True])
def test_units_come_as_a_workbook_with_real_dates(from_1904: bool, tmp_path: Path) -> None:
    told = [["单位编码", "单位名称", "英文名称", "类别", "启用日期", "停用日期", "前身"],
            ["donggang", "东港镇", "Donggang Town", "towns_1", {"date": "2020-01-01"}, "", "old;older"]]
    (tmp_path / "data/2020").mkdir(parents=True)
    (tmp_path / "data/2020/units.xlsx").write_bytes(made(told, {"sheet": "单位", "options": {"date_1904": from_1904}}))
    frame, faults, _ = read_table(tmp_path, "data/2020", tables.UnitRow)
    assert not faults
    assert frame.loc[0, ["name", "valid_from", "predecessor"]].tolist() == ["东港镇", "2020-01-01", ("old", "older")]


def test_a_table_in_the_wrong_folder_is_named(tmp_path: Path) -> None:
    raw = made([["单位编码", "单位名称"], ["donggang", "东港镇"]], {"sheet": "单位", "sheets": {"实绩": [["x"]]}})
    assert {fault.code for fault in handed_in(tmp_path, raw)[1]} == {"sheet_unknown", "header_missing"}
