"""What a value may be by its unit of measure: counts whole and not below zero, shares within 0 and 100%."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from txlib.base.faults import Fault, Where
from txlib.base.numbers import fraction
from txlib.intake.sheets.headers import bare
from txlib.intake.sheets.units_of_measure import COUNTED, measure
from txlib.methods import Method
from txlib.rules.category import Node
from txlib.spreadsheet.number_formats import decimal

_CHANGE = re.compile(r"增[幅速长减量]|[降升涨跌]幅|增加(?!值)|提[高升]|上升|下降|降低|减少|同比(?!例)|环比|变[化动]|完成|达成|"
                     r"超额|\b(?:growth|change|increase|decrease|rise|fall|completion|target)", re.I)
_BEYOND = re.compile(r"毛入[学园]|指数|产销|负债|杠杆|存贷|依存|参保|[结执]案|执结|执行率|到位率|平衡率|计划|利润|收益|回报|"
                     r"\b(?:index|gross enrol|debt|leverage|ratio of|insured|margin|profit|return)", re.I)  # % that are no share
_PER = re.compile(r"每|人均|户均|万人(?!次)|[百千]人|百户|亿元(?:GDP|地区生产总值|产值)|平均|折合|"
                  r"\b(?:per|average|mean|equivalent)\b", re.I)
_NET = re.compile(r"净|增量|增减|变[化动]|\b(?:net|change)\b", re.I)
Bounds = tuple[Fraction | None, Fraction | None, bool]  # the least, the most, whether it is whole
UNBOUNDED: Bounds = (None, None, False)


def rules_of(node: Node) -> list[Method]:
    """The methods that score what is handed in under its code."""
    return [leaf.rule for leaf in node.scorings if isinstance(leaf.rule, Method)]


def possible(leaf: Node) -> Bounds:
    """The least and the most that a value may be, as far as its unit or the rule-book says, and whether it is a whole number.

    What is counted is whole and not below zero, but no average or rate of counts is, and a net count may be below; a share lies
    within 0 and 100%, or as far as the lines of its rule reach; a change, a rate of completion or an index is no share.
    """
    if leaf.possible is not None:
        return *leaf.possible, False
    unit, rules = leaf.measured_in, rules_of(leaf)
    if unit is None:
        return UNBOUNDED
    names = f"{leaf.name.zh} {leaf.name.en}"
    of = measure(bare(unit.zh))
    if of.base in COUNTED and of.power == 0:
        least = None if _NET.search(names) else Fraction(0)
        return UNBOUNDED if _PER.search(names) else (least, None, True)
    whole = {"%": 100, "‰": 1000}.get(unit.zh)
    if whole is None or any(rule.beside for rule in rules) or _CHANGE.search(names) or _BEYOND.search(names):
        return UNBOUNDED
    lines = [Fraction(line) for each in leaf.scorings if isinstance(each.rule, Method) for line in each.rule.lines(0, each.full)]
    return min([Fraction(0), *lines]), max([Fraction(whole), *lines]), False


def impossible(row: Any, leaf: Node, column: str, bounds: Bounds) -> Iterator[Fault]:
    """A number of a row that its unit of measure does not allow; `bounds`: those of its leaf (possible)."""
    number, (low, high, whole) = getattr(row, column).number, bounds
    if number is None or leaf.measured_in is None or bounds == UNBOUNDED:
        return
    value = fraction(number)
    if (low is not None and value < low) or (high is not None and value > high) or (whole and value.denominator != 1):
        code = "value_impossible" if not whole else "value_in_parts" if low is None else "value_not_whole"
        yield Fault.of(code, row.file, row.line, Where(row.unit, leaf.code, column=column), found=decimal(number),
                       unit=leaf.measured_in.zh, low="−∞" if low is None else decimal(float(low)),
                       high="∞" if high is None else decimal(float(high)))
