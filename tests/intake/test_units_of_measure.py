"""Units of measure that a sheet tells must be those of its indicators."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from workbooks import FILE, handed_in, made

from txlib.base.fields import Text
from txlib.intake.sheets.cells import unit_faults

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
    found = list(unit_faults(frame["value"][0], unit, FILE, 2, "donggang A1.1"))
    assert [fault.found.removeprefix("7.13") for fault in found] == ([told] if told else [])
    if any(fault.code == "format_misleads" for fault in found):
        return
    assert all(told in fault.message("zh") and unit.zh in fault.message("en") for fault in found)
