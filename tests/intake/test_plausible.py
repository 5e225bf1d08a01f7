"""What a unit of measure allows, and values that should be looked at again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import written

import txlib as tx
from txlib.base.faults import DataError, Remark

pytestmark = pytest.mark.quick

GIVEN = {"method": "min_max", "onto": ["0", "100"]}


def leaf(unit: str, rule: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"code": "A", "weight": "100", "measured_in": {"zh": unit, "en": unit}, "scored_by": rule or GIVEN, **more}


def case(table: str, **what: Any) -> dict[str, Any]:
    units = list(dict.fromkeys(line.split(",")[0] for line in table.splitlines()[1:]))
    return {"indicators": [leaf(**what)], "units": units, "tables": {"observations": table}}


def remarks(root: Path, told: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Kind, row and what is found of each remark."""
    return [(each.code, each.at.unit, each.found) for each in written.loaded(root, told)[1].remarks]


# ── what is possible ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("unit", "value", "code", "more"), [
    ("件", "-1", "value_not_whole", {}), ("件", "2.5", "value_not_whole", {}), ("人次", "0.5", "value_not_whole", {}),
    ("%", "-0.1", "value_impossible", {}), ("%", "100.000001", "value_impossible", {}),
    ("%", "121", "value_impossible", {"rule": {"method": "goalposts", "low": "80", "high": "120", "onto": ["0", "100"]}}),
    ("件", "2.5", "value_impossible", {"possible": ["0", "2"]}),
    ("分", "101", "value_impossible", {"possible": ["0", "100"]}),
    ("家", "-2.5", "value_in_parts", {"name": {"zh": "净增规上企业", "en": "Net increase"}}),
    ("个", "2.5", "value_not_whole", {"name": {"zh": "新开工亿元以上项目数", "en": "New projects"}}),
    ("%", "101", "value_impossible", {"name": {"zh": "群众满意率", "en": "Satisfied"}}),
    *[("%", "262", "value_impossible", {"name": {"zh": name, "en": "Rate"}}) for name in (
        "12345热线工单超期率", "水质超标率", "高考升学率", "增值税按期申报率", "降水监测站在线率", "同比例配套率")],
    ("套", "1.5", "value_not_whole", {}), ("家（户）", "-5", "value_not_whole", {}), ("‰", "1000.5", "value_impossible", {}),
])
def test_what_its_unit_does_not_allow_is_a_fault(unit: str, value: str, code: str, more: dict[str, Any], tmp_path: Path) -> None:
    told = case(f"unit,indicator,value\na,A,{value}\nb,A,1", unit=unit, **more)
    written.workspace(tmp_path, told)
    with pytest.raises(DataError) as caught:
        tx.load_data(tx.load_rulebook("2020", tmp_path))
    assert [(fault.code, fault.line, fault.found) for fault in caught.value.faults] == [(code, 2, value)]


@pytest.mark.parametrize(("unit", "value", "more"), [
    ("件", "0", {}), ("件", "2.5", {"possible": ["0", "10"]}), ("万人次", "2.5", {}), ("亿元", "-2.5", {}), ("%", "100", {}),
    ("%", "101", {"name": {"zh": "任务完成率", "en": "Completion"}}), ("%", "-3", {"name": {"zh": "销售增幅", "en": "Growth"}}),
    ("%", "115", {"rule": {"method": "goalposts", "low": "80", "high": "120", "onto": ["0", "100"]}}),
    *[("%", "103.4", {"name": {"zh": name, "en": "Rate"}}) for name in (
        "高中阶段毛入学率", "工业产品产销率", "规上工业增加值指数", "存贷比", "基本养老保险参保率", "案件结案率", "资金到位率")],
    ("%", "-4.1", {"name": {"zh": "规上工业企业利润率", "en": "Profit margin"}}),
    *[(unit, value, {"name": {"zh": name, "en": "Count"}}) for unit, value, name in (
        ("件", "12.3", "万人发明专利拥有量"), ("件", "3.4", "每万人刑事案件数"), ("起", "0.02", "亿元GDP生产安全事故起数"),
        ("辆", "23.5", "每百户汽车拥有量"), ("人", "35.6", "R&D人员折合全时当量"), ("人", "-5200", "常住人口增量"),
        ("家", "-3", "净增规上企业"))],
])
def test_what_its_unit_or_its_rule_allows_is_read(unit: str, value: str, more: dict[str, Any], tmp_path: Path) -> None:
    told = case(f"unit,indicator,value\na,A,{value}\nb,A,1", unit=unit, **more)
    assert len(written.loaded(tmp_path, told)[1].observations) == 2


# ── another magnitude ───────────────────────────────────────────────────────────────────────────────────────────────

LAST = "unit,indicator,value,last_year,target,note\n"
PEERS = "b,A,6.9,6.8,,\nc,A,6.5,6.1,,\nd,A,7.4,7,,\ne,A,8,7.7,,\n"


@pytest.mark.parametrize(("row", "times"), [
    ("a,A,71300,6.9,,", "10,000"), ("a,A,0.00071,6.9,,", "10,000"), ("a,A,68,6.9,,", "10"), ("a,A,-71300,6.9,,", "10,000"),
    ("a,A,71300,71000,7,", "10,000"),  # its target tells before its last year
])
def test_a_value_a_power_of_ten_away_from_its_own_is_looked_at(row: str, times: str, tmp_path: Path) -> None:
    _, tables = written.loaded(tmp_path, case(LAST + row + "\n" + PEERS, unit="亿元"))
    (remark,) = tables.remarks
    assert (remark.code, remark.line, remark.category) == ("magnitude", 2, written.CATEGORY)
    assert dict(remark.values)["times"] == times and isinstance(remark, Remark)
    assert "71300" not in row or "71300亿元" in remark.message("zh")


@pytest.mark.parametrize("row", [
    "a,A,71300,6.9,,已核实", "a,A,71300,6.9,,经核实无误", "a,A,71300,6.9,,已核对；不含外区", "a,A,71300,6.9,,数据属实",
    "a,A,71300,6.9,,confirmed by the bureau", "a,A,7.1,6.9,,",
    "a,A,21,6.9,,",  # three times: no power of ten
    "a,A,0,6.9,,", "a,A,71300,,,", "a,A,71300,0,,",
])
def test_a_value_that_was_seen_to_or_is_of_its_kind_is_not(row: str, tmp_path: Path) -> None:
    assert not remarks(tmp_path, case(LAST + row + "\n" + PEERS, unit="亿元"))


@pytest.mark.parametrize("note", [
    "未核实", "待确认", "请核实", "需要核实", "核实中", "数据未经核实", "未能核实", "尚待进一步核实",
    "无法确认", "是否属实？", "不属实",
    "not confirmed", "to be confirmed", "not yet verified", "to be checked", "please check", "unconfirmed"])
def test_a_note_that_says_the_contrary_confirms_nothing(note: str, tmp_path: Path) -> None:
    assert len(remarks(tmp_path, case(LAST + f"a,A,71300,6.9,,{note}\n" + PEERS, unit="亿元"))) == 1


@pytest.mark.parametrize(("unit", "left"), [("a", 0), ("b", 1)])
def test_a_decision_confirms_a_figure_of_its_unit(unit: str, left: int, tmp_path: Path) -> None:
    told = case(LAST + "a,A,71300,6.9,,\n" + PEERS, unit="亿元")
    told["tables"]["decisions"] = f"unit,kind,indicator,document\n{unit},confirmed,A,统发〔2021〕2号"
    assert len(remarks(tmp_path, told)) == left


def test_where_peers_differ_as_much_nothing_is_said(tmp_path: Path) -> None:
    assert not remarks(tmp_path, case(LAST + "a,A,71300,6.9,,\nb,A,69,6.8,,\nc,A,0.65,6.1,,\nd,A,7.4,7,,\n", unit="亿元"))


@pytest.mark.parametrize(("known", "seen"), [(4, 1), (3, 1), (2, 1), (1, 0)])
def test_a_few_peers_tell_nothing(known: int, seen: int, tmp_path: Path) -> None:
    """Of four peers as many have a last year to be held against."""
    rows = "".join(f"{unit},A,7,{6.8 if i < known else ''},,\n" for i, unit in enumerate("bcde"))
    assert len(remarks(tmp_path, case(LAST + "a,A,71300,6.9,,\n" + rows, unit="亿元"))) == seen


@pytest.mark.parametrize(("value", "unit", "seen"), [
    ("0.985", "%", 1), ("9.85", "%", 0),  # ten times is too little where only the peers tell
    ("0.985", "亿元", 0), ("0.985", "元/人", 1)])
def test_rates_are_held_against_the_median_of_their_peers(value: str, unit: str, seen: int, tmp_path: Path) -> None:
    table = f"unit,indicator,value\na,A,{value}\nb,A,98.1\nc,A,96\nd,A,97"
    assert len(remarks(tmp_path, case(table, unit=unit))) == seen


def test_changes_of_both_signs_are_not_compared(tmp_path: Path) -> None:
    table = "unit,indicator,value,last_year\na,A,-0.1,10\nb,A,9,10\nc,A,10,10\nd,A,11,10"
    assert not remarks(tmp_path, case(table, unit="%", name={"zh": "增幅", "en": "Growth"}))


# ── on another side of a line ───────────────────────────────────────────────────────────────────────────────────────

BANDS = {"method": "bands", "between": "step", "edge": "above", "below": "10", "rows": [{"from": "80", "points": "100"}]}


@pytest.mark.parametrize(("rule", "cells", "units"), [
    (BANDS, {"a": (79.96, "0.0"), "b": (70, "0.0"), "c": (90, "0")}, ["a"]),
    (BANDS, {"a": (79.96, "0.00"), "b": (79.94, "0.0"), "c": (80.04, "0.0")}, []),
    ({"method": "rank_step", "step": "10", "floor": "0"}, {"a": (79.96, "0.0"), "b": (80.04, "0.0"), "c": (70, "0")}, ["b"]),
    ({"method": "rank_step", "step": "10", "floor": "0"}, {"a": (79.96, "0.0"), "b": (81, "0.0"), "c": (70, "0")}, []),
    ({"method": "growth", "direction": "up", "flat": "80", "gain": "1", "lose": "2", "floor": "0", "most": "100"},
     {"a": (4.96, "0.0"), "b": (5.2, "0.0")}, ["a"]),
    ({"method": "goalposts", "low": "0", "high": "80", "onto": ["0", "100"]},
     {"a": (79.6, "0"), "b": (81, "0"), "c": (70, "0")}, ["a"]),
    ({"scored_by": {"method": "given"}, "only_if": [{"value": "at_least", "line": "80"}]},
     {"a": (79.6, "0"), "b": (80.4, "0"), "c": (70, "0")}, ["a"]),
    ({"scored_by": {"method": "given"}, "steps": [{"value": "at_most", "line": "80", "counts": "50%"}]},
     {"a": (79.6, "0"), "b": (80.4, "0"), "c": (70, "0")}, ["b"]),
])
def test_a_number_shown_on_another_side_than_stored_is_looked_at(rule: dict[str, Any], cells: dict[str, Any], units: list[str],
                                                                 tmp_path: Path) -> None:
    around = {name: rule[name] for name in ("only_if", "steps") if name in rule}
    rule = rule.get("scored_by", rule)
    told = {"indicators": [leaf("分", rule) | around], "units": list(cells), "tables": {}}
    folder = written.workspace(tmp_path, told) / "data/2020" / written.CATEGORY
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.active.title = "实绩"
    book.active.append(["单位编码", "指标编码", "期间", "实绩", "上年值"])
    for unit, (value, shown) in cells.items():
        book.active.append([unit, "A", "2020", value, 5])
        book.active.cell(book.active.max_row, 4).number_format = shown
    book.save(folder / "x.xlsx")
    found = tx.load_data(tx.load_rulebook("2020", tmp_path)).remarks
    assert [(each.code, each.at.unit) for each in found] == [("shown_on_other_side", unit) for unit in units]


@pytest.mark.parametrize(("total", "shown", "seen"), [
    (89.96, "0.0", 1), (89.94, "0.0", 0), (90.04, "0.0", 0), (90.04, "0", 0), (99.96, "0", 1), (89.96, "0.00", 0)])
def test_a_mark_shown_on_another_side_of_a_quota_is_looked_at(total: float, shown: str, seen: int, tmp_path: Path) -> None:
    """At most a third at 90 or more; nobody in full."""
    quotas = {"per": "item", "smallest": "1", "full_marks": written.sourced({}), "levels": [written.sourced(
        {"code": "excellent", "name": {"zh": "优秀", "en": "Excellent"}, "marks": "at_least", "line": "90", "units": "at_most",
         "share": "100%", "count": "down"})]}
    item = {"code": "A", "weight": "90", "lead": "c", "scored_by": {"method": "marks", "out_of": "100", "quantitative": "60%"}}
    given = {"code": "B", "weight": "10", "scored_by": {"method": "given", "out_of": "10"}}
    told = {"indicators": [item, given], "units": ["b", "c"], "rules": {"quotas": quotas},
            "tables": {"observations": "unit,indicator,value\nb,B,5\nc,B,6"}}
    folder = written.workspace(tmp_path, told)
    folder = folder / "data/2020" / written.CATEGORY
    folder.mkdir(parents=True, exist_ok=True)
    book = openpyxl.Workbook()
    book.active.title = "打分"
    book.active.append(["单位编码", "指标编码", "期间", "牵头部门", "定量", "定性", "合计分"])
    book.active.append(["b", "A", "2020", "c", round(total - 40, 2), 40, total])
    book.active.append(["c", "A", "2020", "c", "—", "—", "—"])
    book.active["G2"].number_format = shown
    book.save(folder / "x.xlsx")
    found = tx.load_data(tx.load_rulebook("2020", tmp_path)).remarks
    assert [(each.code, each.at.unit, each.at.column) for each in found] == [("shown_on_other_side", "b", "total")] * seen
