"""The marks that lead departments give units on items, in two parts (1.3e)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, ClassVar

import pandas as pd
from pydantic import ConfigDict, Field

from txlib.base.faults import Fault, Notice, Remark, Where
from txlib.base.numbers import exact
from txlib.base.printing import in_full
from txlib.intake import checks
from txlib.intake.plausible import other_sides_of_quotas, unnoted
from txlib.intake.sheets.cells import CodeCell, KeyCell, Quantity, QuantityCell
from txlib.intake.table import At, HandedRow
from txlib.methods import Marks
from txlib.rules.book import RuleBook
from txlib.rules.category import Node
from txlib.spreadsheet.number_formats import decimal

PARTS = ("quantitative", "qualitative", "total")


class MarkRow(HandedRow):
    """marks.csv: the mark that a lead department gives a unit on an item, in two parts (1.3e)."""

    model_config = ConfigDict(title="打分")
    table = "marks"
    frame = "marks"
    stands_alone = True
    with_it = "details"
    hint = "marks"
    figure = "total"
    sums: ClassVar[Mapping[str, Sequence[str]]] = {"total": ("quantitative", "qualitative")}
    kept = ("category", "unit", "indicator", "period", "lead", "quantitative", "qualitative", "total", "note", "file",
            "line")

    unit: CodeCell = Field(title="单位编码")
    indicator: KeyCell = Field(title="指标编码")
    period: KeyCell = Field(title="期间")
    lead: KeyCell = Field(title="牵头部门")
    quantitative: QuantityCell = Field(title="定量", description="—: the item does not apply to the unit")
    qualitative: QuantityCell = Field(title="定性")
    total: QuantityCell = Field(title="合计分", description="the sum of the two")
    note: str = Field("", title="备注")

    @classmethod
    def ruled(cls, at: At) -> Iterator[Fault]:
        """Items that nobody is responsible for marking."""
        for leaf in cls.scored(at.head):
            if leaf.lead is None:
                yield Fault.of("item_without_lead", f"params/{at.book.year}/trees/{at.head.code}.yaml", 0,
                               Where(indicator=leaf.code, indicator_name=leaf.name.zh))

    @classmethod
    def faults(cls, frame: pd.DataFrame, at: At) -> Iterator[Notice]:
        """Every unit of the category once on every item, by its lead department, parts within limits that add up; marks that
        the sheet shows on another side of a quota's line. Where rows are left out, units that there are, each once."""
        if not at.whole:
            yield from checks.units_known(frame, at.known, at.head.code)
            yield from checks.twice(frame, list(cls.key))
            return
        items = {leaf.code: leaf for leaf in cls.scored(at.head)}
        yield from cls.in_place(frame, at)
        leads = None if at.known is None else {*at.known["unit"]}
        for row in frame[frame["indicator"].isin(items)].itertuples():
            yield from _mark(row, items[row.indicator], leads)
        yield from checks.absent(frame, items.values(), at.units, at.owed_in, "mark_missing")
        yield from unnoted(_other_sides(frame, at.book, items), frame)

    @classmethod
    def as_must_be(cls, leaf: Node, unit: str) -> Mapping[str, str]:
        """A lead department does not mark itself: — in its own row, where the rules say what becomes of the weight."""
        own = unit == leaf.lead and leaf.not_applicable.rule != "not_allowed"
        return dict.fromkeys(PARTS, "—") if own else {}

    @classmethod
    def reported(cls, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["total"].notna()]

    @classmethod
    def unusable(cls, node: Node, rows: pd.DataFrame) -> str:
        assert isinstance(node.rule, Marks)
        most = node.rule.out_of
        return "" if all(each <= most for each in exact(rows["total"].to_numpy(dtype="float64"))) else "range"


def _other_sides(frame: pd.DataFrame, book: RuleBook, items: Mapping[str, Node]) -> Iterator[Remark]:
    for row in frame[frame["indicator"].isin(items)].itertuples() if book.rules.quotas else ():
        rule: Any = items[row.indicator].rule
        assert book.rules.quotas is not None
        yield from other_sides_of_quotas(row, row.total, book.rules.quotas, rule.out_of)


def _in_column(where: Where, part: str) -> Where:
    """The same with a column of marks."""
    return replace(where, column=part, title=str(MarkRow.model_fields[part].title))


def _mark(row: Any, leaf: Node, leads: Collection[str] | None) -> Iterator[Fault]:
    """A row by itself: who marks, both parts within their limits, the total their sum; or no mark at all. A lead department
    that is none of the `leads` is a fault of its own."""
    place, where = (row.file, row.line), Where(row.unit, leaf.code)
    rule: Any = leaf.rule
    if leaf.lead and row.lead != leaf.lead and (leads is None or leaf.lead in leads):
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
        yield Fault.of("mark_part_missing", *place, _in_column(where, part),
                       found=f"{decimal(cell.number or 0)}%" if cell.percent else cell.said or "")
    if empty:
        return
    quantitative, qualitative, total = (Fraction(repr(cell.number)) for cell in cells)
    limits = rule.limits(leaf.full)
    for part, value in zip(PARTS, (quantitative, qualitative, total), strict=True):
        if not 0 <= value <= limits[part]:
            at = _in_column(where, part)
            yield Fault.of("mark_range", *place, at, found=in_full(value), most=in_full(limits[part]))
    if quantitative + qualitative != total:
        yield Fault.of("mark_sum", *place, _in_column(where, "total"), found=in_full(total),
                       want=in_full(quantitative + qualitative), terms=f"{in_full(quantitative)} + {in_full(qualitative)}")
