"""Rows of totals: which they are, what they are held against, in sheets and in CSV tables; and what only looks like one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workbooks import FOLDER, handed_in, made

from txlib.base.faults import Notice
from txlib.intake import tables
from txlib.intake.read import read_table
from txlib.intake.sheets.headers import KnownNames

pytestmark = pytest.mark.quick

HEAD = ["单位编码", "指标编码", "期间", "实绩"]
EAST = [["east", "A1", 2020, 7], ["east", "A2", 2020, 1]]
WEST = [["west", "A1", 2020, 3], ["west", "A2", 2020, 2]]
ROWS = [*EAST, *WEST]
UNITS = {"东港镇": "east", "east": "east", "西湖镇": "west", "west": "west", "统计汇总中心": "centre", "centre": "centre"}
INDICATORS = {"税收收入合计": "A1", "a1": "A1", "平均": "A2", "a2": "A2"}
KNOWN = KnownNames(*({name: frozenset({code}) for name, code in each.items()} for each in (UNITS, INDICATORS)))


def total(word: str, value: Any) -> list[Any]:
    return [word, "", "", value]


def read(root: Path, rows: list[list[Any]], *, csv: bool = False, table: str = "observations",
         sheet: str = "实绩") -> tuple[list[float | None], list[Notice]]:
    """The values that are read and the notices, of a sheet or of the same as CSV."""
    if csv:
        (root / FOLDER).mkdir(parents=True, exist_ok=True)
        text = "\n".join(",".join(map(str, row)) for row in rows)
        (root / FOLDER / f"{table}.csv").write_text(text + "\n", encoding="utf-8")
    else:
        handed_in(root, made(rows, {"sheet": sheet}))
    frame, faults, _ = read_table(root, FOLDER, tables.named()[table], names=KNOWN)
    cells = frame["value" if table == "observations" else "count"]
    return [getattr(cell, "number", cell) for cell in cells], faults


VALUES = [7, 1, 3, 2]


@pytest.mark.parametrize("csv", [False, True])
@pytest.mark.parametrize("rows", [
    [total("东港镇 汇总", 8), *EAST, total("西湖镇 汇总", 5), *WEST, total("总计", 13)],
    [total("总计", 13), total("东港镇 汇总", 8), *EAST, total("西湖镇 汇总", 5), *WEST],
    [*ROWS, total("东港镇 汇总", 8), total("west 小计", 5), total("合计", 13)],
    [*ROWS, total("小计（西湖镇）", 5), total("东港镇-小计：", 8), total("east Total", 8), total("Grand Total", 13)],
    [*ROWS, ["", "A1 汇总", "", 10], ["", "税收收入合计 汇总", "", 10], ["合计", "A2", 2020, 3]],
    [total("小计", 8), *EAST, total("小计", 5), *WEST],
    [*EAST, total("小计", 8), *WEST, total("小计", 5), total("全市合计", 13)],
    [*EAST, total("东港镇 小计", 8), total("一类小计", 8), *WEST, total("二类 小计", 5)],
    [*ROWS, total("一类 汇总", 9), total("二类 汇总", 4), total("合计", 13)],  # nobody can say which rows these are of
    [*EAST, total("东港镇 平均值", 4), total("东港镇最高", 7), total("东港镇 最小值", 1), *WEST],
    [*ROWS, ["西湖镇", "小计", 2020, 5]],
    [ROWS[0], ROWS[2], ROWS[1], ROWS[3], total("西湖镇 汇总", 5), total("东港镇 汇总", 8)],
])
def test_totals_are_held_against_their_rows_wherever_they_stand(rows: list[list[Any]], csv: bool, tmp_path: Path) -> None:
    values, faults = read(tmp_path, [HEAD, *rows], csv=csv)
    assert not faults, [fault.message("en") for fault in faults]
    assert sorted(map(float, VALUES)) == sorted(float(value or 0) for value in values)


@pytest.mark.parametrize("csv", [False, True])
@pytest.mark.parametrize(("rows", "sums"), [
    ([total("东港镇 汇总", 9), *EAST, total("西湖镇 汇总", 5), *WEST], ["8"]),
    ([*ROWS, total("东港镇 汇总", 8), total("west 小计", 8), total("合计", 14)], ["5", "13"]),
    ([total("小计", 9), *EAST, total("小计", 6), *WEST], ["8", "5"]),
    ([*EAST, total("一类小计", 9), *WEST, total("二类小计", 6)], ["8", "5"]),
    ([*ROWS, total("小计（西湖镇）", 13)], ["5"]),
    ([*ROWS, ["西湖镇", "小计", 2020, 13]], ["5"]),
])
def test_a_wrong_total_is_told_with_the_sum_of_its_own_rows(rows: list[list[Any]], sums: list[str], csv: bool,
                                                            tmp_path: Path) -> None:
    values, faults = read(tmp_path, [HEAD, *rows], csv=csv)
    assert [(fault.code, dict(fault.values)["sum"]) for fault in faults] == [("total_differs", each) for each in sums]
    assert len(values) == len(VALUES)


@pytest.mark.parametrize("csv", [False, True])
@pytest.mark.parametrize(("word", "value"), [
    *((word, 13) for word in ("总计（亿元）", "总分", "总得分", "Σ", "∑：", "小计（全部）", "合计数", "合计（4行）",
                                "Total (all)", "全市合计")),
    *((word, 3.25) for word in ("平均得分", "均分", "全市平均水平", "平均(全市)", "平均（全市）：", "总平均", "全市平均分",
                                  "Average score")),
    *((word, 1) for word in ("最低分", "最小值", "全市最低")), *((word, 7) for word in ("最高分", "最高得分", "Max")),
    ("全市", 77), ("全县（不含园区）", 77), ("计数", 4)])
def test_words_of_totals(word: str, value: float, csv: bool, tmp_path: Path) -> None:
    values, faults = read(tmp_path, [HEAD, *ROWS, total(word, value)], csv=csv)
    assert not faults and values == VALUES, [fault.message("en") for fault in faults]


@pytest.mark.parametrize(("word", "zh", "en"), [("最低分", "最小值：1", "minimum of the rows: 1"),
                                               ("均分", "平均：3.25", "mean of"),
                                               ("最高分", "最大值：7", "maximum of the rows: 7"), ("总分", "合计：13", "sum of"),
                                               ("中位数", "中位数：2.5", "median of")])
def test_a_wrong_total_says_what_it_should_be(word: str, zh: str, en: str, tmp_path: Path) -> None:
    (fault,) = read(tmp_path, [HEAD, *ROWS, total(word, 99)])[1]
    assert fault.code == "total_differs" and fault.at.cell == "D6"
    assert zh in fault.message("zh") and en in fault.message("en") and "mean)" not in fault.message("en")


@pytest.mark.parametrize("csv", [False, True])
@pytest.mark.parametrize("head", [["指标名称", "单位编码", "指标编码", "期间", "实绩"], ["指标名称", "单位编码", "期间", "实绩"]])
def test_an_indicator_that_is_named_like_a_total_is_none(head: list[str], csv: bool, tmp_path: Path) -> None:
    """Beside its code or alone; nor where the row lacks what rows of data fill: that is told."""
    codes = ["A1"] if "指标编码" in head else []
    rows = [["税收收入合计", unit, *codes, 2020, value] for unit, value in (("east", 7), ("west", 3), ("centre", 1))]
    rows += [["平均", "east", *(["A2"] if codes else []), 2020, 5]]
    values, faults = read(tmp_path, [head, *rows], csv=csv)
    assert not faults and values == [7, 3, 1, 5]
    rows[1][1:] = ["", *codes, "", 3]
    values, faults = read(tmp_path, [head, *rows], csv=csv)
    assert {fault.code for fault in faults} <= {"cell_code", "cell_empty"} and len(faults) == 2 and len(values) == 3


@pytest.mark.parametrize("csv", [False, True])
def test_a_unit_that_is_named_like_a_total_is_a_unit(csv: bool, tmp_path: Path) -> None:
    values, faults = read(tmp_path, [["单位名称", *HEAD[1:]], ["统计汇总中心", "A1", 2020, 7], ["东港镇", "A1", 2020, 1],
                                     ["合计", "", "", 8]], csv=csv)
    assert not faults and values == [7, 1]


@pytest.mark.parametrize("csv", [False, True])
def test_a_survey_may_count_its_groups(csv: bool, tmp_path: Path) -> None:
    rows = [["单位编码", "指标编码", "期间", "组别", "评价", "人数"], ["east", "A1", 2020, "代表", "满意", 7],
            ["east", "A1", 2020, "代表", "不满意", 3], ["east", "A1", 2020, "代表", "合计", 10]]
    assert read(tmp_path, rows, csv=csv, table="survey", sheet="调查") == ([7, 3], [])
    rows[-1][-1] = 11
    assert [fault.code for fault in read(tmp_path, rows, csv=csv, table="survey", sheet="调查")[1]] == ["total_differs"]


def test_a_total_in_a_csv_table_is_told_by_line_and_column(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, [HEAD, *ROWS, total("合计", 14)], csv=True)[1]
    assert (fault.file, fault.line, fault.at.column, fault.at.cell) == (f"{FOLDER}/observations.csv", 6, "value", "")


def test_a_unit_whose_code_ends_like_a_total_is_a_unit(tmp_path: Path) -> None:
    """Also where nobody knows the units yet."""
    (tmp_path / "data/2020").mkdir(parents=True)
    (tmp_path / "data/2020/units.csv").write_text("unit,name,category\nadmin,数据汇总,c\nmuseum_total,总分,c\n", encoding="utf-8")
    frame, faults, _ = read_table(tmp_path, "data/2020", tables.named()["units"])
    assert not faults and frame["unit"].tolist() == ["admin", "museum_total"]
