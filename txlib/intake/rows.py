"""A row of each table handed in: one model is validator, documentation and template.

A header may stand in English (the field's name) or in Chinese (its title). Cells are read without zero-width marks and
spaces around them, codes, numbers and dates in their half-width forms; names and notes stay as they were written. A number
is a plain decimal of at most 15 significant digits; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from txlib.base.faults import Fault
from txlib.base.fields import CODE, Text, wrong
from txlib.base.numbers import DIGITS, significant_digits
from txlib.base.text import comparable, half_width
from txlib.intake.units_of_measure import scaled
from txlib.intake.workbook import Wanted

NOT_APPLICABLE = ("—", "——", "无", "免考", "不适用", "not_applicable")
REPORTED = ("", "reported", "已报")
SET_BY = {"province": "省", "prefecture": "设区市"}
DECIDED = {"veto": "一票否决", "excluded": "列而不排"}
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST = 40


class Quantity(NamedTuple):
    """A number as handed in: `number` None where the cell is empty or says that it does not apply, in the word `said`.

    `units`: what the column's header tells in brackets, `around`: units told above the header and in notes below, `beside`:
    words that the cell's format writes beside the number; mostly empty.
    """

    number: float | None = None
    percent: bool = False
    applies: bool = True
    said: str = ""
    units: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    beside: str = ""


def quantity(text: str) -> Quantity:
    """A plain decimal, one with a percent sign, nothing, or “—”; anything else is a fault."""
    cell = half_width(text)
    if cell in NOT_APPLICABLE:
        return Quantity(applies=False, said=cell)
    if not cell:
        return Quantity()
    percent = cell.endswith("%")
    digits = cell.removesuffix("%").rstrip() if percent else cell
    if not _DECIMAL.fullmatch(digits):
        raise wrong("cell_number")
    if significant_digits(digits) > DIGITS or len(digits) > _LONGEST:
        raise wrong("cell_digits", digits=DIGITS)
    return Quantity(float(digits), percent)


def _only_number(cell: str) -> float | None:
    value = quantity(cell)
    if value.percent or not value.applies:
        raise wrong("cell_number")
    return value.number


def _status(text: str) -> str:
    cell = half_width(text)
    if cell in NOT_APPLICABLE:
        return "not_applicable"
    if cell not in REPORTED:
        raise wrong("cell_status")
    return "reported"


def _day(text: str) -> str:
    cell = half_width(text)
    try:
        return date.fromisoformat(cell).isoformat() if cell else ""
    except ValueError:
        raise wrong("cell_date") from None


def _code(text: str) -> str:
    cell = half_width(text)
    if not re.fullmatch(CODE, cell):
        raise wrong("cell_code")
    return cell


def _needed(cell: str) -> str:
    if not cell:
        raise wrong("cell_empty")
    return cell


def _codes(text: str) -> tuple[str, ...]:
    return tuple(_code(part) for part in half_width(text).split(";")) if text else ()


UnitCode = Annotated[str, BeforeValidator(_code)]
Cell = Annotated[Quantity, BeforeValidator(quantity)]
Day = Annotated[str, BeforeValidator(_day)]
NAMED = BeforeValidator(_needed)
Told = Annotated[str, NAMED]
Key = Annotated[str, BeforeValidator(lambda cell: _needed(half_width(cell)))]


class Row(BaseModel):
    """A row of a table: its title is the table's Chinese name, every field's title its Chinese header."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
    of_year: ClassVar[bool] = False  # one table a year, beside the categories' folders


class UnitRow(Row):
    """units.csv: who there is, by a code that stays while names change."""

    model_config = ConfigDict(title="单位")
    of_year = True

    unit: UnitCode = Field(title="单位编码")
    name: Told = Field(title="单位名称")
    name_en: str = Field("", title="英文名称")
    category: Annotated[str, BeforeValidator(half_width)] = Field("", title="类别", description="empty: not ranked this year")
    valid_from: Day = Field("", title="启用日期")
    valid_to: Day = Field("", title="停用日期")
    predecessor: Annotated[tuple[str, ...], BeforeValidator(_codes)] = Field((), title="前身", description="codes joined by ;")


class ObservationRow(Row):
    """observations.csv: what a unit achieved on an indicator in a period."""

    model_config = ConfigDict(title="实绩")

    unit: UnitCode = Field(title="单位编码")
    indicator: Key = Field(title="指标编码")
    period: Key = Field(title="期间")
    value: Cell = Field(Quantity(), title="实绩", description="empty: missing; —: not applicable")
    target: Cell = Field(Quantity(), title="目标值")
    last_year: Cell = Field(Quantity(), title="上年值")
    status: Annotated[str, BeforeValidator(_status)] = Field("reported", title="状态", description="reported or not_applicable")
    note: str = Field("", title="备注")


class PublishedRow(Row):
    """published.csv: a ranking as it was made public."""

    model_config = ConfigDict(title="公布结果")

    unit: UnitCode = Field(title="单位编码")
    score: Annotated[float | None, BeforeValidator(_only_number)] = Field(None, title="公布得分")
    rank: Annotated[float | None, BeforeValidator(_only_number)] = Field(None, title="公布名次")
    note: str = Field("", title="备注")


def columns(row: type[Row]) -> list[str]:
    """The columns of a table's frame: the row's fields, and the line that each row stands on."""
    return [*row.model_fields, "line"]


@cache
def wanted(row: type[Row]) -> Wanted:
    """A table's columns as a sheet names them."""
    fields = row.model_fields
    return Wanted({word: name for name, each in fields.items() for word in (name, str(each.title))},
                  frozenset(name for name, each in fields.items() if each.is_required()),
                  frozenset(name for name, each in fields.items() if each.annotation in (Quantity, float | None, int)),
                  frozenset(name for name, each in fields.items() if each.is_required() and NAMED in each.metadata),
                  frozenset(name for name, each in fields.items() if each.annotation is Quantity))


def unit_faults(cell: Quantity, unit: Text, file: str, line: int, where: str) -> Iterator[Fault]:
    """A sheet that tells another unit than the indicator's: in the column's header, around the table, in the cell's format.

    Around the table other indicators' units may stand, but not 万元 for 亿元.
    """
    own = {comparable(unit.zh).lower(), comparable(unit.en).lower()}
    named = [each for each in cell.units if comparable(each).lower() not in own]
    wrong_scale = [each for each in (*named, *cell.around) if scaled(each, unit.zh)]
    found = wrong_scale[:1] or (named[-1:] if len(named) == len(cell.units) else [])
    if found:
        yield Fault.of("unit_differs", file, line, where, found=found[0], unit=unit.zh)
    if cell.beside and comparable(cell.beside).lower() not in own:
        yield Fault.of("format_misleads", file, line, where, found=f"{cell.number:g}{cell.beside}", format=cell.beside)


def _whole(cell: str) -> int:
    value = _only_number(cell)
    if value is None or value < 0 or value != int(value):
        raise wrong("cell_whole")
    return int(value)


def _percent(cell: str) -> float | None:
    value = quantity(cell)
    if not value.applies or (value.number is not None and not 0 < value.number <= 100):
        raise wrong("cell_share")
    return value.number


Whole = Annotated[int, BeforeValidator(_whole)]
Percent = Annotated[float | None, BeforeValidator(_percent)]


def _one_of(words: dict[str, str]) -> BeforeValidator:
    """One of some codes, told as such or by its Chinese word."""
    codes = {**{code: code for code in words}, **{word: code for code, word in words.items()}}

    def read(text: str) -> str:
        if half_width(text) not in codes:
            raise wrong("cell_choice", allowed=", ".join(codes))
        return codes[half_width(text)]

    return BeforeValidator(read)


class SurveyRow(Row):
    """survey.csv: how many respondents of a group gave a unit which grade."""

    model_config = ConfigDict(title="调查")

    unit: UnitCode = Field(title="单位编码")
    indicator: Key = Field(title="指标编码")
    period: Key = Field(title="期间")
    group: Key = Field(title="组别")
    grade: Key = Field(title="评价")
    count: Whole = Field(title="人数")
    note: str = Field("", title="备注")


class EventRow(Row):
    """events.csv: an honour or an incident that adds or takes points."""

    model_config = ConfigDict(title="事项")

    unit: UnitCode = Field(title="单位编码")
    indicator: Key = Field(title="指标编码")
    period: Key = Field(title="期间")
    honour: Told = Field(title="事项")
    level: Key = Field(title="级别")
    share: Percent = Field(None, title="份额", description="percent, where units claim it by share")
    date: Day = Field("", title="日期")
    document: str = Field("", title="文件")
    note: str = Field("", title="备注")


class SuperiorRow(Row):
    """superior.csv: an indicator of the province or prefecture, with the city's place among its peers (1.1a)."""

    model_config = ConfigDict(title="上级指标")
    of_year = True

    superior: UnitCode = Field(title="上级指标编码")
    name: Told = Field(title="上级指标")
    name_en: str = Field("", title="英文名称")
    set_by: Annotated[str, _one_of(SET_BY)] = Field(title="下达单位")
    period: Key = Field(title="期间")
    place: Whole = Field(title="位次")
    peers: Whole = Field(title="同类个数")
    note: str = Field("", title="备注")


class ResponsibleRow(Row):
    """responsible.csv: which unit answers for a superior indicator, by which indicator of its tree, with what share."""

    model_config = ConfigDict(title="责任单位")
    of_year = True

    superior: UnitCode = Field(title="上级指标编码")
    unit: UnitCode = Field(title="单位编码")
    indicator: Key = Field(title="指标编码")
    share: Percent = Field(title="份额", description="percent; of one superior indicator they add up to 100")
    note: str = Field("", title="备注")


class DecisionRow(Row):
    """decisions.csv: what was decided of a unit, with its document."""

    model_config = ConfigDict(title="决定")
    of_year = True

    unit: UnitCode = Field(title="单位编码")
    kind: Annotated[str, _one_of(DECIDED)] = Field(title="决定")
    since: Day = Field("", title="日期")
    clause: str = Field("", title="条款")
    document: Told = Field(title="文件")
    note: str = Field("", title="备注")


class MarkRow(Row):
    """marks.csv: the mark that a lead department gives a unit on an item, in two parts (1.3e)."""

    model_config = ConfigDict(title="打分")

    unit: UnitCode = Field(title="单位编码")
    indicator: Key = Field(title="指标编码")
    period: Key = Field(title="期间")
    lead: Key = Field(title="牵头部门")
    quantitative: Cell = Field(title="定量", description="—: the item does not apply to the unit")
    qualitative: Cell = Field(title="定性")
    total: Cell = Field(title="合计分", description="the sum of the two")
    note: str = Field("", title="备注")


class DetailRow(Row):
    """details.csv: the detailed rules by which an item is marked, line by line (1.3f)."""

    model_config = ConfigDict(title="细则")

    indicator: Key = Field(title="指标编码")
    number: Whole = Field(title="序号")
    text: Told = Field(title="细则")


TABLES: dict[str, type[Row]] = {
    "units": UnitRow, "observations": ObservationRow, "published": PublishedRow, "survey": SurveyRow, "events": EventRow,
    "marks": MarkRow, "details": DetailRow,
    "superior": SuperiorRow, "responsible": ResponsibleRow, "decisions": DecisionRow,
}
