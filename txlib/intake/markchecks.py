"""What marks and detailed rules must keep against the rule-book, each breach a Fault with its row.

A mark that breaks a quota is no fault: it is a result of the audit (`quotas`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pandas as pd

from txlib.base.faults import Fault
from txlib.base.printing import as_text
from txlib.intake.datachecks import absent, indicators, periods, twice, units_known
from txlib.intake.rows import MarkRow, Quantity
from txlib.rules.book import Category, Node

PARTS = ("quantitative", "qualitative", "total")


def titled(part: str) -> str:
    """A column of marks by its Chinese heading and its name."""
    return f"{MarkRow.model_fields[part].title} {part}"


def marks(frame: pd.DataFrame, category: Category, mine: pd.DataFrame, known: pd.DataFrame | None, period: str,
          place: Callable[[str], str]) -> Iterator[Fault]:
    """marks: every unit of the category once on every item, by its lead department, parts within limits that add up."""
    items = {leaf.code: leaf for leaf in category.marked}
    yield from units_known(frame, known, category.code)
    yield from twice(frame, ["unit", "indicator"])
    yield from indicators(frame, items.values(), category)
    yield from periods(frame, period)
    for row in frame[frame["indicator"].isin(items)].itertuples():
        yield from _mark(row, items[row.indicator])
    yield from absent(frame, items.values(), mine, place, "mark_missing")


def _mark(row: Any, leaf: Node) -> Iterator[Fault]:
    """A row by itself: who marks, both parts within their limits, the total their sum; or no mark at all."""
    place, where = (row.file, row.line), f"{row.unit} {leaf.code}"
    rule: Any = leaf.rule
    if leaf.lead and row.lead != leaf.lead:
        yield Fault.of("mark_lead", *place, where, found=row.lead, want=leaf.lead)
    if row.unit == row.lead and row.total.applies:
        yield Fault.of("mark_own", *place, where, found=row.unit)
    cells: list[Quantity] = [getattr(row, part) for part in PARTS]
    if not any(cell.applies for cell in cells):
        if leaf.not_applicable.rule == "not_allowed":
            yield Fault.of("not_applicable_refused", *place, where, found="—")
        return
    if all(cell.applies and cell.number is None for cell in cells):
        yield Fault.of("mark_part_missing", *place, where, found="")
        return
    empty = [part for part, cell in zip(PARTS, cells, strict=True) if cell.number is None or cell.percent]
    for part in empty:
        cell: Quantity = getattr(row, part)
        yield Fault.of("mark_part_missing", *place, f"{where} · {titled(part)}",
                       found=f"{cell.number:g}%" if cell.percent else cell.said or "")
    if empty:
        return
    quantitative, qualitative, total = (Fraction(repr(cell.number)) for cell in cells)
    limits = (rule.out_of * rule.quantitative, rule.out_of * (1 - rule.quantitative), rule.out_of)
    for part, value, most in zip(PARTS, (quantitative, qualitative, total), limits, strict=True):
        if not 0 <= value <= most:
            yield Fault.of("mark_range", *place, f"{where} · {titled(part)}", found=as_text(value), most=as_text(most))
    if quantitative + qualitative != total:
        yield Fault.of("mark_sum", *place, f"{where} · {titled('total')}", found=as_text(total),
                       want=as_text(quantitative + qualitative), terms=f"{as_text(quantitative)} + {as_text(qualitative)}")


def details(frame: pd.DataFrame, category: Category) -> Iterator[Fault]:
    """details: lines of items that are marked, each number once."""
    yield from twice(frame, ["indicator", "number"])
    yield from indicators(frame, category.marked, category)


def leads(category: Category, file: str) -> Iterator[Fault]:
    """Items that nobody is responsible for marking."""
    for leaf in category.marked:
        if leaf.lead is None:
            yield Fault.of("item_without_lead", file, 0, f"{leaf.code} {leaf.name.zh}")


