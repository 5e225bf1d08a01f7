"""The figures that values and targets are made of, each handed in once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Where
from txlib.base.fields import Text
from txlib.intake import checks
from txlib.intake.computed import rows_of
from txlib.intake.possible import impossible, possible
from txlib.intake.sheets.cells import CodeCell, KeyCell, Quantity, QuantityCell, format_faults
from txlib.intake.sheets.limits import asking
from txlib.intake.table import At, HandedRow
from txlib.methods.words import Coded
from txlib.rules.category import Category, Node
from txlib.spreadsheet.number_formats import decimal


class FigureRow(HandedRow):
    """figures.csv: the figures that values and targets are made of."""

    model_config = ConfigDict(title="基础数据")
    table = "figures"
    kept = ("category", "unit", "indicator", "period", "item", "number", "document", "note", "file", "line")
    key = ("unit", "indicator", "item")
    preset = ("unit", "indicator", "period", "item")
    wide = ("note", "document")
    hint = "figures"

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    item: KeyCell = Field(title="数据项")
    number: QuantityCell = Field(Quantity(), title="数值", description="empty: missing; —: not applicable")
    document: str = Field("", title="文件")
    note: str = Field("", title="备注")

    @classmethod
    def scored(cls, category: Category) -> list[Node]:
        """The indicators at which figures are handed in."""
        return [node for node in category.nodes if node.figures]

    @classmethod
    def required(cls, category: Category) -> list[Node]:
        return cls.scored(category)

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Fault]:
        """Every figure of every unit once, in its unit of measure, and no divisor that is 0."""
        nodes = {node.code: node for node in cls.scored(at.head)}
        yield from cls.in_place(frame, at)
        for row in frame.itertuples():
            if row.indicator in nodes and nodes[row.indicator].is_of(row.unit):
                yield from _figure(row, nodes[row.indicator])
        if at.known is not None and at.whole:
            for (code, figure), mine in ((each, _called(nodes[each[0]], each[1])) for each in _each(nodes)):
                there = frame[(frame["indicator"] == code) & (frame["item"] == figure)]
                yield from checks.absent(there.assign(indicator=mine.code), [mine], at.units, at.owed_in)
        yield from _divisors(frame, at.head)

    @classmethod
    def codes(cls, node: Node) -> Mapping[str, Coded]:
        return {"item": node.figures}

    @classmethod
    def asked(cls, leaf: Node) -> Sequence[Mapping[str, str]]:
        return [{"item": code} for code in leaf.figures]

    @classmethod
    def of_row(cls, node: Node, row: Mapping[str, Any]) -> Node:
        return _called(node, str(row["item"]))

    @classmethod
    def to_fill(cls, leaf: Node) -> tuple[str, ...]:
        return ("number",)

    @classmethod
    def complete(cls, rows: pd.DataFrame, leaf: Node) -> set[str]:
        """The units of which each figure is there, or does not apply."""
        items: dict[str, set[str]] = {}
        for row in rows.itertuples():
            if not row.number.applies or row.number.number is not None:
                items.setdefault(row.unit, set()).add(row.item)
        return {unit for unit, there in items.items() if set(leaf.figures) <= there}


def _each(nodes: Mapping[str, Node]) -> list[tuple[str, str]]:
    return [(node.code, figure) for node in nodes.values() for figure in node.figures]


def _called(node: Node, figure: str) -> Node:
    """An indicator by one of its figures: what is said of it is said of that."""
    name = node.figures.names.get(figure, Text(zh=figure))
    return replace(node, code=f"{node.code} {figure}", name=name, children=(), measured_in=node.figures[figure].measured_in)


def _figure(row: object, node: Node) -> Iterator[Fault]:
    """A figure that the indicator does not have, or a number that is missing or cannot be."""
    unit, code, cell = row.unit, row.item, row.number  # type: ignore[attr-defined]
    place = (row.file, row.line)  # type: ignore[attr-defined]
    if code not in node.figures:
        known = checks.told(node.figures)
        yield Fault.of("figure_not_ruled", *place, Where(unit, node.code), found=code, near=asking(known)(code),
                       known=list(known.values()))
        return
    mine = _called(node, code)
    at = Where(unit, mine.code, column="number")
    unit_of = mine.measured_in
    yield from format_faults(cell, unit_of, *place, at) if unit_of else ()
    if cell.percent and (unit_of is None or unit_of.zh != "%"):
        yield Fault.of("percent_not_declared", *place, at, found=f"{decimal(cell.number)}%", unit=unit_of.zh if unit_of else "—")
    elif cell.number is not None:
        yield from impossible(row, mine, "number", possible(mine))
    elif cell.applies:
        yield Fault.of("value_missing", *place, at)


def _divisors(frame: pd.DataFrame, category: Category) -> Iterator[Fault]:
    """Divisors that are 0."""
    cells = {(row["unit"], row["indicator"], row["item"]): row for row in frame.to_dict("records")}
    for node in category.measured:
        for made in (each for each in node.made if each.by.quotient):
            for unit in dict.fromkeys(frame["unit"]):
                row = rows_of(unit, made, cells)[1]
                if row and row["number"].number == 0:
                    at = Where(unit, f"{row['indicator']} {row['item']}", column="number")
                    yield Fault.of("figure_divides", row["file"], row["line"], at, found="0", indicator=node.code)
