"""Workbooks in the year's folder that hold tables of categories, and columns that are there for the eye alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from shared import ROOT
from workbooks import written_book

import txlib as tx
from txlib.base.labels import LANGS
from txlib.intake import data, tables
from txlib.intake.folders import too_high
from txlib.intake.read import read_table

pytestmark = pytest.mark.quick
JINING = "2017-jining"
HEAD = ["单位编码", "指标编码", "期间", "实绩"]
CATEGORIES = ("towns_1", "towns_2")


def read(root: Path, category: str, table: str = "observations") -> Any:
    """A category's table as it was handed in."""
    return read_table(root, f"data/2020/{category}", tables.named()[table], category=category,
                             categories=CATEGORIES, needed=False)


def test_a_sheet_named_after_table_and_category_is_that_categorys(tmp_path: Path) -> None:
    written_book(tmp_path / "data/2020/finance.xlsx", {
        "说明": [["各类别"]], "实绩 towns_1": [HEAD, ["donggang", "A1", "2020", 7]],
        "Observations TOWNS_2": [HEAD, ["sanglin", "A1", "2020", 5]],
        "责任单位": [["上级指标编码", "单位编码", "指标编码", "份额"]]})
    written_book(tmp_path / "data/2020/towns_1/more.xlsx", {"实绩": [HEAD, ["liuhu", "A1", "2020", 6]]})
    frame, faults, files = read(tmp_path, "towns_1")
    assert not faults and files == ["data/2020/towns_1/more.xlsx", "data/2020/finance.xlsx"]
    assert list(zip(frame["unit"], frame["file"], strict=True)) == [
        ("liuhu", "data/2020/towns_1/more.xlsx[实绩]"), ("donggang", "data/2020/finance.xlsx[实绩 towns_1]")]
    frame, faults, _ = read(tmp_path, "towns_2")
    assert not faults and frame["unit"].tolist() == ["sanglin"]
    assert read(tmp_path, "towns_1", "survey")[1:] == ([], [])
    assert not read_table(tmp_path, "data/2020", tables.named()["responsible"], needed=False,
                                 categories=CATEGORIES)[1]


def test_a_sheet_of_a_category_that_there_is_not_is_told_once_and_with_the_year(tmp_path: Path) -> None:
    written_book(tmp_path / "data/2020/a.xlsx", {"实绩 towns_9": [HEAD, ["donggang", "A1", "2020", 7]],
                                          "单位": [["单位编码", "单位名称"]]})
    (tmp_path / "data/2020/b.xlsx").write_bytes(b"PK\x03\x04")
    assert read(tmp_path, "towns_1")[1] == []
    faults = read_table(tmp_path, "data/2020", tables.UnitRow, needed=False, categories=CATEGORIES)[1]
    assert [(fault.code, fault.file) for fault in faults] == [
        ("sheet_unknown", "data/2020/a.xlsx[实绩 towns_9]"), ("workbook_damaged", "data/2020/b.xlsx")]


@pytest.mark.parametrize(("sheets", "codes"), [
    (["实绩 towns_1", "说明"], []), (["实绩 towns_1", "打分 towns_2"], ["workbook_of_year"]),
    (["Observations TOWNS_2", "决定"], ["workbook_of_year"]), (["实绩 towns_1", "草稿"], ["workbook_of_year"]),
    (["实绩", "实绩 towns_1"], ["sheet_unknown"]), (["草稿", "草稿 2"], ["sheet_unknown"] * 2),
])
def test_a_workbook_of_the_year_in_a_categorys_folder_belongs_above(sheets: list[str], codes: list[str], tmp_path: Path) -> None:
    """Its sheets are right and its place is not; one that holds a sheet of the category's own is no such workbook."""
    written_book(tmp_path / "data/2020/towns_1/a.xlsx", {name: [HEAD, ["donggang", "A1", "2020", 7]] for name in sheets})
    faults = read(tmp_path, "towns_1")[1]
    assert [fault.code for fault in faults] == codes
    assert all(" data/2020/" in fault.message(lang) for fault in faults for lang in LANGS if fault.code == "workbook_of_year")


@pytest.mark.parametrize(("place", "told"), [("data/财政局.xlsx", True), ("data/units.csv", True), ("data/notes.txt", False),
                                             ("data/~$a.xlsx", False), ("data/2019/a.xlsx", False)])
def test_what_lies_above_the_folder_of_the_year_is_looked_at(place: str, told: bool, tmp_path: Path) -> None:
    (tmp_path / "data/2020").mkdir(parents=True)
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_bytes(b"x")
    remarks = list(too_high(tmp_path, "data/2020"))
    assert [each.file for each in remarks] == [place] * told
    assert all(" data/2020/" in each.message("en") for each in remarks)


def test_a_fault_in_such_a_sheet_blocks_its_category_alone(tmp_path: Path) -> None:
    for name in ("params", "data"):
        shutil.copytree(ROOT / name / JINING, tmp_path / name / JINING)
    folder = tmp_path / "data" / JINING
    found = {code: tx.assess(book := tx.load_rulebook(JINING, tmp_path), tx.load_data(book), code).ranking
             for code in ("class_1", "class_2")}
    frames = {code: data.read(book)[0].observations.query("category == @code") for code in found}
    rows = {code: [[row.unit, row.indicator, row.period, row.value] for row in frame.itertuples()]
            for code, frame in frames.items()}
    for code in found:
        (folder / code / "observations.csv").unlink()
    shutil.rmtree(folder / "class_2")
    written_book(folder / "all.xlsx", {f"实绩 {code}": [HEAD, *lines] for code, lines in rows.items()})
    for code, ranking in found.items():
        assert tx.assess(book, tx.load_data(book), code).ranking.equals(ranking)
    written_book(folder / "all.xlsx", {f"实绩 {code}": [HEAD, *([*lines[0][:3], "约9"] if code == "class_2" and i == 0 else line
                                                     for i, line in enumerate(lines))] for code, lines in rows.items()})
    faults = data.read(book)[1]
    assert [(fault.code, fault.file, fault.category) for fault in faults] == [
        ("cell_number", f"data/{JINING}/all.xlsx[实绩 class_2]", "class_2")]
    assert len(tx.load_data(book, ["class_1"]).observations) == len(rows["class_1"])


# ── columns for the eye ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("beside", ["（单位名称）", "(unit's name)", "【 名称 】", "〔a〕(b)"])
def test_a_column_whose_heading_stands_in_brackets_is_not_read(beside: str, tmp_path: Path) -> None:
    rows = [["单位编码", beside, "指标编码", "期间", "实绩（亿元）"], ["donggang", "东港镇", "A1", "2020", 7],
            ["liuhu", "#N/A", "A1", "2020", 6]]
    written_book(tmp_path / "data/2020/towns_1/a.xlsx", {"实绩": rows})
    frame, faults, _ = read(tmp_path, "towns_1")
    assert not faults and [cell.number for cell in frame["value"]] == [7, 6]
    assert [each.unit for each in frame["value"][0].units] == ["亿元"]
    (tmp_path / "data/2020/towns_1/a.xlsx").unlink()
    text = "\n".join(",".join(map(str, row)) for row in [["unit", beside, "indicator", "period", "value"], *rows[1:]])
    (tmp_path / "data/2020/towns_1/observations.csv").write_text(text, encoding="utf-8")
    frame, faults, _ = read(tmp_path, "towns_1")
    assert not faults and [cell.number for cell in frame["value"]] == [7, 6]


@pytest.mark.parametrize("head", ["（实绩）", "(value)", "称呼", "单位名称)"])
def test_a_heading_that_means_a_column_or_is_half_in_brackets_is_a_fault(head: str, tmp_path: Path) -> None:
    rows = [["单位编码", "指标编码", "期间", head], ["donggang", "A1", "2020", 7]]
    written_book(tmp_path / "data/2020/towns_1/a.xlsx", {"实绩": rows})
    assert [fault.code for fault in read(tmp_path, "towns_1")[1]] == ["column_unknown"]


def test_what_stands_beyond_all_headings_is_still_a_fault(tmp_path: Path) -> None:
    rows = [[*HEAD, "（名称）"], ["donggang", "A1", "2020", 7, "东港镇", "?"]]
    written_book(tmp_path / "data/2020/towns_1/a.xlsx", {"实绩": rows})
    assert [fault.code for fault in read(tmp_path, "towns_1")[1]] == ["cells_beyond_header"]
