"""Tables as offices make them: an indicator a column, names beside codes or in their place, columns that only help the eye."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import written

import txlib as tx
from txlib.base.faults import Fault
from txlib.intake import data
from txlib.intake.sheets.headers import resembling

pytestmark = pytest.mark.quick

LEAVES = [{"code": code, "weight": "50", "scored_by": {"method": "given", "out_of": "100"}} for code in ("A", "B")]
CASE: dict[str, Any] = {"indicators": LEAVES, "units": ["a", "b"], "tables": {}}
LONG = [["单位编码", "指标编码", "期间", "实绩"], ["a", "A", "2020", 90], ["a", "B", "2020", 70], ["b", "A", "2020", 80],
        ["b", "B", "2020", 60]]
SCORES = {"a": 80.0, "b": 70.0}


def found(root: Path, rows: list[list[Any]], form: str) -> tuple[dict[str, float], list[Fault]]:
    """The scores that a table of observations gives, handed in as CSV or as a sheet, and its faults."""
    written.workspace(root, CASE)
    folder = root / "data/2020" / written.CATEGORY
    folder.mkdir(parents=True, exist_ok=True)
    if form == "csv":
        (folder / "observations.csv").write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        book.active.title = "实绩"
        for row in rows:
            book.active.append(row)
        book.save(folder / "x.xlsx")
    book_, (tables, faults) = tx.load_rulebook("2020", root), data.read(tx.load_rulebook("2020", root))
    if faults:
        return {}, faults
    ranking = tx.assess(book_, tables, written.CATEGORY).ranking
    return dict(zip(ranking["unit"], ranking["score"], strict=True)), faults


def columns(*heads: str, **names: str) -> list[list[Any]]:
    """The long table with a column more before each head that is not its own; `names`: what stands in it for each unit."""
    return [[*heads, *LONG[0]]] + [[*(names.get(row[0], "") for _ in heads), *row] for row in LONG[1:]]


GOOD = {
    "an indicator a column, by code": [["序号", "单位编码", "单位名称", "期间", "A", "B"], [1, "a", "单位a", "2020", 90, 70],
                                     [2, "b", "单位b", "2020", 80, 60]],
    "by name, with another order": [["期间", "指标B", "单位", "指标A（分）"], ["2020", 70, "单位a", 90],
                                    ["2020", 60, "单位b", 80]],
    "by code and name": [["单位编码", "期间", "A指标A", "B 指标B"], ["a", "2020", 90, 70], ["b", "2020", 80, 60]],
    "a serial number": columns("序号", a="1", b="2"),
    "names beside": columns("单位名称", a="单位a", b="单位b"),
    "English names beside": columns("unit_name", a="Unit a", b="UNIT B"),
    "names that nobody has beside": columns("单位名称", a="甲", b=""),
    "names for codes": [["单位名称", "指标名称", "期间", "实绩"], *([f"单位{u}", f"指标{i}", *rest] for u, i, *rest in LONG[1:])],
    "names under the heading of codes": [LONG[0], *([f"单位{u}", f"指标{i}", *rest] for u, i, *rest in LONG[1:])],
}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", GOOD)
def test_it_is_read_as_it_is_meant(kind: str, form: str, tmp_path: Path) -> None:
    assert found(tmp_path, GOOD[kind], form) == (SCORES, [])


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(("rows", "codes"), [
    (columns("单位名称", a="单位b", b="单位a"), ["name_of_another"] * 4),
    (columns("（单位名称）", a="单位b", b=""), ["name_of_another"] * 2),
    (columns("指标名称", a="指标A", b=""), ["name_of_another"]),
    ([["单位编码", "期间", "A", "指标A"], ["a", "2020", 90, 90]], ["column_twice"]),
    ([["单位编码", "期间", "A", "C"], ["a", "2020", 90, 90]], ["column_unknown"]),
    ([["单位编码", "A", "B"], ["a", 90, 70]], ["column_missing"]),
    ([["单位编码", "指标编码", "期间", "实绩", "A"], ["a", "A", "2020", 90, 90]], ["column_unknown"]),
    ([["单位编码", "期间", "A", "B"], ["a", "2020", 90, ""], ["b", "2020", "约8", 60]], ["cell_number", "value_missing"]),
    ([["单位编码", "期间", "A（元）", "B"], ["a", "2020", 90, 70], ["b", "2020", 80, 60]], ["unit_differs"]),
])
def test_what_may_be_meant_otherwise_is_a_fault(rows: list[list[Any]], codes: list[str], form: str, tmp_path: Path) -> None:
    if form == "csv" and "unit_differs" in codes:
        pytest.skip("a CSV tells no units")
    faults = found(tmp_path, rows, form)[1]
    assert sorted(fault.code for fault in faults) == codes


def test_a_cell_of_a_wide_sheet_is_told_by_its_own_place(tmp_path: Path) -> None:
    rows = [["序号", "单位编码", "期间", "A", "B"], [1, "a", "2020", 90, "约7"], [2, "b", "2020", 80, 60]]
    assert [fault.at.cell for fault in found(tmp_path, rows, "xlsx")[1] if fault.code == "cell_number"] == ["E2"]


@pytest.mark.parametrize("rows", [[*LONG[:-1], LONG[-1][:3]], [*LONG[:2], ["b"]]])
def test_a_last_row_cut_short_is_a_fault(rows: list[list[Any]], tmp_path: Path) -> None:
    assert "row_cut_short" in [fault.code for fault in found(tmp_path, rows, "csv")[1]]


def test_rows_that_are_all_without_their_last_cells_are_whole(tmp_path: Path) -> None:
    rows = [[*LONG[0], "备注"], *LONG[1:]]
    assert found(tmp_path, rows, "csv") == (SCORES, [])


TOWNS = {name: frozenset({code}) for code, name in (
    ("east", "东港镇"), ("west", "西港镇"), ("city", "城东街道"), ("near", "近城东街道"), ("trade", "商务局"), ("u1", "u1"))}


@pytest.mark.parametrize(("name", "whom"), [
    ("西港镇人民政府", "west"), ("西港", "west"), ("西港镇（一类）", "west"), ("1.西港镇", "west"), ("泰兴市西港镇", "west"),
    ("近城东街道办事处", "near"), ("城东", "city"),
    ("商务", "trade"), ("北港镇", ""), ("港", ""), ("u1", ""), ("商务和粮食", "")])
def test_a_name_in_another_form_means_its_unit(name: str, whom: str) -> None:
    assert resembling(name, TOWNS) == (frozenset({whom}) if whom else frozenset())
