"""Units of measure that a sheet tells must be those of its indicators."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from workbooks import FILE, handed_in, made

from txlib.base.faults import Where
from txlib.base.fields import Text
from txlib.base.labels import LANGS
from txlib.intake.sheets.cells import format_faults, told_otherwise
from txlib.intake.tables import observations

pytestmark = pytest.mark.quick

YUAN, PERCENT = Text(zh="亿元", en="100 million yuan"), Text(zh="%", en="%")


@pytest.mark.parametrize(("change", "unit", "told"), [
    ({"header": ["单位编码", "指标编码", "期间", "实绩（亿元）"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩\n(100 million yuan)"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（％）"]}, PERCENT, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（万元）"]}, YUAN, "万元"),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（%）"]}, YUAN, "%"),
    ({"titles": [["", "", "", "单位：亿元"]]}, YUAN, ""),
    ({"titles": [["", "", "金额单位：", "万元"]]}, YUAN, "万元"),
    ({"titles": [["实绩表（单位：元）"]]}, YUAN, "元"),
    ({"titles": [["单位：万元"]]}, PERCENT, ""),
    ({"titles": [["单位：财政局", "填报单位：亿元"]]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（单位：亿元）"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（年度）（亿元）"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（年度）（万元）"]}, YUAN, "万元"),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（单位：万元）"]}, YUAN, "万元"),
    ({"titles": [["单 位：万元"]]}, YUAN, "万元"),
    ({"titles": [["（单位：人民币万元）"]]}, YUAN, "万元"),
    ({"titles": [["单位（万元）"]]}, YUAN, "万元"),
    ({"titles": [["2020年度实绩表（万元）"]]}, YUAN, "万元"),
    ({"titles": [["【单位：万元】"]]}, YUAN, "万元"),
    ({"titles": [["单位：万元。"]]}, YUAN, "万元"),
    ({"titles": [["单位：万元、%"]]}, YUAN, "万元"),
    ({"titles": [["单位：万元/%"]]}, YUAN, "万元"),
    ({"titles": [["货币单位：万元"]]}, YUAN, "万元"),
    ({"titles": [["(本表单位:万元)"]]}, YUAN, "万元"),
    ({"titles": [["金额单位为万元"]]}, YUAN, "万元"),
    ({"titles": [["", "单位：", "万 元"]]}, YUAN, "万元"),
    ({"titles": [["Unit: 10,000 yuan"]]}, YUAN, "10,000 yuan"),
    ({"titles": [["(RMB million)"]]}, YUAN, "rmb million"),
    ({"titles": [["单位：百万元"]]}, YUAN, "百万元"),
    ({"titles": [["单位：千元"]], "header": ["单位编码", "指标编码", "期间", "实绩（亿元）"]}, YUAN, "千元"),
    ({"append": [[], ["注：金额按万元计"]]}, YUAN, "万元"),
    ({"sheet": "实绩（万元）"}, YUAN, "万元"),
    ({"titles": [["单位：吨"]]}, Text(zh="万吨", en="10,000 tonnes"), "吨"),
    ({"titles": [["单位：元/亩"]]}, Text(zh="万元/亩", en="10,000 yuan per mu"), "元/亩"),
    # the indicator's own, another base, an amount, a word that only looks like one
    ({"titles": [["（单位：人民币亿元、%）"]]}, YUAN, ""),
    ({"titles": [["Unit: RMB 100 million"]]}, YUAN, ""),
    ({"titles": [["单位：万美元、万元/亩、万人次"]]}, YUAN, ""),
    ({"titles": [["单位：元/亩、万人次"]]}, YUAN, ""),
    ({"titles": [["500万元以上项目和亿元以上企业，2021年元月"]]}, YUAN, ""),
    ({"titles": [["补助 500 万元"]]}, YUAN, ""),
    ({"append": [[], ["注：每人补贴500元，三千元封顶；单元、多元化不计"]]}, YUAN, ""),
    ({"cells": {"D2": {"number": 7.13, "format": '0.00"亿元"'}}}, YUAN, ""),
    ({"cells": {"D2": {"number": 7.13, "format": '0.00"元"'}}}, YUAN, "元"),
    ({"cells": {"D2": {"number": 7.13, "format": '0.00"美元"'}}}, YUAN, "美元"),
])
def test_a_unit_told_by_the_sheet_must_be_the_indicators(change: dict[str, Any], unit: Text, told: str, tmp_path: Path) -> None:
    rows = [["unit", "indicator", "period", "value"], ["donggang", "A1.1", 2020, 7.13]]
    frame, faults, _ = handed_in(tmp_path, made(rows, change))
    assert not faults and frame["value"][0].number == 7.13
    cell = frame["value"][0]
    shown = [fault.found.removeprefix("7.13") for fault in format_faults(cell, unit, FILE, 2, Where("donggang", "A1.1"))]
    assert [each.unit for each in told_otherwise(cell, unit)] + shown == ([told] if told else [])


@pytest.mark.parametrize(("change", "at", "cell", "count", "measured"), [
    ({"titles": [["单位：亿元"], []]}, 1, "A1", 3, ["A 指标A 元", "B 指标B 万元"]),
    ({"titles": [["", "", "金额单位：", "亿元"]]}, 1, "D1", 3, ["A 指标A 元", "B 指标B 万元"]),
    ({"titles": [["单位：元"]]}, 1, "A1", 1, ["B 指标B 万元"]),
    ({"append": [["注：金额按亿元计"]]}, 5, "A5", 3, ["A 指标A 元", "B 指标B 万元"]),
    ({"sheet": "实绩（亿元）"}, 0, "", 3, ["A 指标A 元", "B 指标B 万元"]),
    ({"header": ["unit", "indicator", "period", "实绩（元）", "目标值（元）", "status"]}, 1, "D1, E1", 1, ["B 指标B 万元"]),
])
def test_a_unit_is_told_once_where_it_stands(change: dict[str, Any], at: int, cell: str, count: int, measured: list[str],
                                            tmp_path: Path) -> None:
    """Not cell by cell, nor of columns that the sheet does not have."""
    rows = [["unit", "indicator", "period", "value", "target", "status"], ["a", "A", 2020, 7, 7, ""], ["b", "A", 2020, 8, 8, ""],
            ["a", "B", 2020, 9, 9, ""]]
    frame, faults, _ = handed_in(tmp_path, made(rows, change))
    leaves = {code: SimpleNamespace(measured_in=Text(zh=unit, en=unit), name=Text(zh=f"指标{code}", en=code))
              for code, unit in {"A": "元", "B": "万元"}.items()}
    (fault,) = observations._units(frame, leaves)
    assert not faults and (fault.line, fault.at.cell, dict(fault.values)["count"]) == (at, cell, str(count))
    assert fault.where == cell and all(each in fault.message(lang) for each in measured for lang in LANGS)
