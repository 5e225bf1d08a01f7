"""What a unit achieved on an indicator in a period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Notice, Remark, Where
from txlib.base.numbers import exact
from txlib.intake import checks, computed
from txlib.intake.plausible import magnitudes, other_sides, unnoted
from txlib.intake.possible import Bounds, impossible, possible, rules_of
from txlib.intake.sheets.cells import CodeCell, KeyCell, Quantity, QuantityCell, StatusCell, format_faults, told_otherwise
from txlib.intake.sheets.units_of_measure import COUNTED, WrittenUnit, measure
from txlib.intake.table import At, HandedRow, numbers
from txlib.methods import Method
from txlib.rules.category import Category, Node
from txlib.spreadsheet.number_formats import decimal

NUMBERS = ("value", "target", "last_year")


class ObservationRow(HandedRow):
    """observations.csv: what a unit achieved on an indicator in a period."""

    model_config = ConfigDict(title="实绩")
    table = "observations"
    frame = "observations"
    kept = ("category", "unit", "indicator", "period", "value", "target", "last_year", "status", "note",
            "file", "line")
    refuses = True
    along = "value"
    figure = "value"
    as_ruled = NUMBERS

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    value: QuantityCell = Field(Quantity(), title="实绩", description="empty: missing; —: not applicable")
    target: QuantityCell = Field(Quantity(), title="目标值")
    last_year: QuantityCell = Field(Quantity(), title="上年值")
    status: StatusCell = Field("reported", title="状态", description="reported or not_applicable")
    note: str = Field("", title="备注")

    @classmethod
    def scored(cls, category: Category) -> list[Node]:
        """What has a value: leaves, and the branches whose leaves score one number."""
        return list(category.measured)

    @classmethod
    def required(cls, category: Category) -> list[Node]:
        """But for what figures make."""
        return [node for node in category.measured if not node.computed]

    @classmethod
    def made(cls, frame: pd.DataFrame, at: At) -> tuple[pd.DataFrame, list[Fault]]:
        return computed.joined(frame, at.before["figures"], at.head)

    @classmethod
    def by_leaf(cls, frame: pd.DataFrame, category: Category) -> pd.DataFrame:
        """The rows of a branch's number for each of the leaves that score it."""
        parts = {node.code: [leaf.code for leaf in node.children] for node in category.measured if node.children}
        if not parts:
            return frame
        codes = [parts.get(code, [code]) for code in frame["indicator"]]
        return frame.assign(indicator=codes).explode("indicator", ignore_index=True)

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Notice]:
        """Every leaf of every unit once, with numbers that its method can work with; divisors that only a column shows."""
        found: list[Fault] = []
        if len(frame) or at.whole:
            found += _rows(frame, at)
        if at.known is not None and at.whole:
            found += checks.absent(frame, cls.required(at.head), at.units, at.owed_in)
        yield from found
        yield from unnoted(_doubts(frame, at), frame)
        if at.whole and not found and len(frame):
            yield from _together(at.numbers[at.numbers["unit"].isin(at.units["unit"])], at.head, str(frame["file"].iloc[0]))

    @classmethod
    def plain(cls, frame: pd.DataFrame) -> pd.DataFrame:
        """Float64 columns and one status."""
        statuses = ["reported" if cell.applies and word == "reported" else "not_applicable"
                for cell, word in zip(frame["value"], frame["status"], strict=True)]
        return frame.assign(**{name: numbers(frame, name) for name in NUMBERS}, status=statuses)

    @classmethod
    def reported(cls, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["status"] == "reported"]

    @classmethod
    def to_fill(cls, leaf: Node) -> tuple[str, ...]:
        made = {each.column for each in leaf.made}
        beside = dict.fromkeys(rule.beside for rule in rules_of(leaf) if rule.beside)
        return tuple(name for name in ("value", *beside) if name not in made)

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        """The number beside the value, a divisor, or a value within its range that a method lacks in other observations."""
        rule = node.rule
        assert isinstance(rule, Method)
        value: Any = rows["value"].to_numpy(dtype=np.float64)
        other: Any = rows[rule.beside].to_numpy(dtype=np.float64) if rule.beside else None
        if other is not None and np.isnan(other).any():
            return "beside"
        divisor = rule.divisor_of(value, other)
        if divisor is not None and node.when_not_positive == "refuse" and np.any(np.asarray(divisor) <= 0):
            return "divisor"
        most = rule.limits(node.full).get("value")
        return "range" if most is not None and not all(0 <= each <= most for each in exact(value)) else ""


def _doubts(frame: pd.DataFrame, at: At) -> Iterator[Remark]:
    """What should be looked at, leaf by leaf."""
    applies = at.numbers[(at.numbers["status"] == "reported") & at.numbers["unit"].isin(at.units["unit"])]
    for leaf in ObservationRow.scored(at.head):
        yield from magnitudes(applies[applies["indicator"] == leaf.code], leaf)
        for each in leaf.scorings:
            yield from other_sides(frame[frame["indicator"] == leaf.code], each)


def _rows(frame: pd.DataFrame, at: At) -> Iterator[Fault]:
    """Faults of single rows; a value column without any value is one fault."""
    if len(frame) > 1 and all(cell.applies and cell.number is None for cell in frame["value"]):
        yield Fault.of("column_empty", frame["file"].iloc[0], 0, Where(column="value", title="实绩"))
        return
    leaves = {leaf.code: leaf for leaf in ObservationRow.scored(at.head)}
    bounds = {code: possible(leaf) for code, leaf in leaves.items()}
    yield from ObservationRow.in_place(frame, at)
    yield from _units(frame, leaves)
    for row in frame.itertuples():
        if row.indicator in leaves and leaves[row.indicator].is_of(row.unit):
            yield from _quantities(row, leaves[row.indicator], bounds[row.indicator])


def _units(frame: pd.DataFrame, leaves: Mapping[str, Node]) -> Iterator[Fault]:
    """Units of measure that sheets tell and that are not those of their indicators: one fault a sheet and unit, at its cell."""
    found: dict[tuple[str, str], dict[WrittenUnit, dict[str, set[int]]]] = {}
    for row in frame.itertuples():
        leaf = leaves.get(row.indicator)
        for told in (told for name in NUMBERS if leaf and leaf.measured_in
                     for told in told_otherwise(getattr(row, name), leaf.measured_in)):
            found.setdefault((row.file, told.unit), {}).setdefault(told, {}).setdefault(row.indicator, set()).add(row.line)
    for (file, unit), places in found.items():
        codes = dict.fromkeys(code for lines in places.values() for code in lines)
        rows = {line for lines in places.values() for each in lines.values() for line in each}
        measured = [f"{code} {leaves[code].name.zh} {each.zh}" for code in codes if (each := leaves[code].measured_in)]
        cells = ", ".join(told.cell for told in places if told.cell)
        yield Fault.of("unit_differs", file, next(iter(places)).line, Where(cell=cells), found=unit, measured=measured,
                       count=len(rows))


def _quantities(row: Any, leaf: Node, bounds: Bounds) -> Iterator[Fault]:
    where, place = Where(row.unit, leaf.code), (row.file, row.line)
    unit = leaf.measured_in
    assert unit is not None
    for name in NUMBERS:
        cell = getattr(row, name)
        yield from format_faults(cell, unit, row.file, row.line, replace(where, column=name))
        if cell.percent and unit.zh != "%":
            yield Fault.of("percent_not_declared", *place, replace(where, column=name), found=f"{decimal(cell.number)}%",
                           unit=unit.zh)
        elif cell.number is not None:
            yield from (fault for fault in impossible(row, leaf, name, bounds) if not _refused(leaf, name, cell.number))
    if row.value.said == "无" and measure(unit.zh).base in COUNTED:
        yield Fault.of("none_or_not_applicable", *place, replace(where, column="value"), found=row.value.said)
        return
    if row.status == "not_applicable" or not row.value.applies:
        if row.value.number is not None:
            yield Fault.of("value_and_not_applicable", *place, where, found=decimal(row.value.number))
        if leaf.not_applicable.rule == "not_allowed":
            yield Fault.of("not_applicable_refused", *place, where)
    elif row.value.number is None:
        yield Fault.of("value_missing", *place, replace(where, column="value"))
    else:
        yield from _usable(row, leaf, where)


def _refused(leaf: Node, name: str, number: float) -> bool:
    """Whether the leaf's method says itself that it cannot work with a value."""
    return name == "value" and any(any(each.rule.refusals(number, each.full)) for each in leaf.scorings
                                   if isinstance(each.rule, Method))


def _usable(row: Any, leaf: Node, where: Where) -> Iterator[Fault]:
    """What the methods that score a number cannot work with, each fault once."""
    found = [fault for each in leaf.scorings for fault in _usable_by(row, each, where)]
    yield from dict.fromkeys(found)


def _usable_by(row: Any, leaf: Node, where: Where) -> Iterator[Fault]:
    """What the leaf's method cannot work with; what figures were to make of it has a fault of its own."""
    rule, value, place = leaf.rule, row.value.number, (row.file, row.line)
    assert isinstance(rule, Method)
    name = rule.beside
    other: Any = getattr(row, name).number if name else None
    if name and other is None:
        made = any(each.column == name for each in leaf.made)
        yield from () if made else [Fault.of(f"{name}_missing", *place, replace(where, column=name))]
    elif rule.divides_by_beside and other <= 0 and leaf.when_not_positive == "refuse":
        yield Fault.of("divisor", *place, replace(where, column=name), found=decimal(other))
    for code, column, values in rule.refusals(value, leaf.full):
        yield Fault.of(code, *place, replace(where, column=column), found=decimal(value), **values)


def _together(plain: pd.DataFrame, category: Category, file: str) -> Iterator[Fault]:
    """Divisors that only a whole column shows; `plain` has plain numbers, a status, and no excluded units."""
    applies = plain[plain["status"] == "reported"]
    for node in category.measured:
        column = applies[applies["indicator"] == node.code]
        for leaf in node.scorings:
            rule = leaf.rule
            assert isinstance(rule, Method)
            other = column[rule.beside].to_numpy(dtype=np.float64) if rule.beside else None
            divisor = rule.divisor_of(column["value"].to_numpy(dtype=np.float64), other)
            if divisor is not None and leaf.when_not_positive == "refuse" and np.any(np.asarray(divisor) <= 0):
                at = Where(indicator=leaf.code, indicator_name=leaf.name.zh)
                yield Fault.of("divisor_peers", file, 0, at, found=decimal(float(np.min(divisor))))
