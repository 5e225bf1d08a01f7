"""What a cell of a table handed in may hold: one type a kind of cell, its fault told by its kind.

Cells are read without zero-width marks and spaces around them, codes, numbers and dates in their half-width forms; names and
notes stay as they were written. A number is a plain decimal; what was computed stands for what it lies beside, within the noise
of floats (see `number_formats.settled`), else for its first 15 significant digits. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from txlib.base.faults import Fault, Where
from txlib.base.fields import CODE, Text, wrong
from txlib.base.numbers import significant_digits
from txlib.base.text import comparable, half_width, tidied
from txlib.intake.sheets.units_of_measure import WrittenUnit, scaled
from txlib.methods.words import code_of
from txlib.spreadsheet.number_formats import DIGITS, decimal, settled

NOT_APPLICABLE = ("—", "——", "无", "免考", "不适用", "not_applicable")
STROKES = ("-", "/", "–", "－", "--")  # may mean that nothing applies, or that nothing is known
REPORTED = ("", "reported", "已报")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_LONGEST = 40
_WEEKDAYS = "一二三四五六日"
_DAY = re.compile(r"(?P<year>\d{4})\s*(?:(?P<mark>[-/.])|年)\s*(?P<month>\d{1,2})\s*(?(mark)(?P=mark)|月)\s*(?P<day>\d{1,2})"
                  rf"\s*[日号]?(?:\s*\(?(?:星期|周|礼拜)(?P<weekday>[{_WEEKDAYS}天])\)?)?"
                  r"(?:[ T]\s*0?0:00(?::00(?:\.0+)?)?)?", re.ASCII)


class Settled(str):
    """A number of a sheet as text: what it stands for is settled by how the sheet stores and shows it."""


class Quantity(NamedTuple):
    """A number as handed in: `number` None where the cell is empty or says that it does not apply, in the word `said`.

    `units`: what the column's header tells in brackets, `around`: units told above the header and in notes below, `beside`:
    words that the cell's format writes beside the number; `shown`: the number as the cell shows it, where it shows fewer
    decimals; mostly empty.
    """

    number: float | None = None
    percent: bool = False
    applies: bool = True
    said: str = ""
    units: tuple[WrittenUnit, ...] = ()
    around: tuple[WrittenUnit, ...] = ()
    beside: str = ""
    shown: str = ""


def quantity(text: str) -> Quantity:
    """A plain decimal, one with a percent sign, nothing, or “—”; anything else is a fault."""
    cell = half_width(text)
    if cell in NOT_APPLICABLE:
        return Quantity(applies=False, said=cell)
    if not cell:
        return Quantity()
    percent = cell.endswith("%")
    digits = cell.removesuffix("%").rstrip() if percent else cell
    if not _DECIMAL.fullmatch(digits) or len(digits) > _LONGEST:
        raise wrong("cell_stroke" if cell in STROKES else "cell_number")
    computed = significant_digits(digits) >= DIGITS and not isinstance(text, Settled)
    return Quantity(float(settled(digits) if computed else digits), percent)


def _quantity_or(kind: str, cell: str) -> Quantity:
    """A quantity, or this kind of fault where the cell holds anything else."""
    try:
        return quantity(cell)
    except PydanticCustomError:
        raise wrong(kind) from None


def only_number(cell: str, kind: str = "cell_only_number") -> float | None:
    """A plain decimal, or nothing; neither a percentage nor “—”."""
    value = _quantity_or(kind, cell)
    if value.percent or not value.applies:
        raise wrong(kind)
    return value.number


def _status(text: str) -> str:
    cell = half_width(text)
    if cell in NOT_APPLICABLE:
        return "not_applicable"
    if cell not in REPORTED:
        raise wrong("cell_status")
    return "reported"


def _day(text: str) -> str:
    """A day: year, month, day, as ISO, Excel and people write them; its day of the week and a time of midnight may follow."""
    cell = half_width(text)
    if not cell:
        return ""
    found = _DAY.fullmatch(cell)
    try:
        day = date(*map(int, found.group("year", "month", "day"))) if found else date.fromisoformat(cell)
    except ValueError:
        raise wrong("cell_date") from None
    if found and found["weekday"] not in (None, _WEEKDAYS[day.weekday()], "天" if day.weekday() == 6 else None):
        raise wrong("cell_date")
    return day.isoformat()


def code(text: str) -> str:
    """A code in its half-width form."""
    cell = half_width(text)
    if not re.fullmatch(CODE, cell):
        raise wrong("cell_code")
    return cell


def _needed(cell: str) -> str:
    if not cell:
        raise wrong("cell_empty")
    return cell


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code(part) for part in half_width(text).split(";")) if text else ()


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(tidied, re.split("[;；、]", text))))


StatusCell = Annotated[str, BeforeValidator(_status)]
CodesCell = Annotated[tuple[str, ...], BeforeValidator(_codes)]
NamesCell = Annotated[tuple[str, ...], BeforeValidator(_names)]
CodeCell = Annotated[str, BeforeValidator(code)]
QuantityCell = Annotated[Quantity, BeforeValidator(quantity)]
DayCell = Annotated[str, BeforeValidator(_day)]
NAMED = BeforeValidator(_needed)
TextCell = Annotated[str, NAMED]
KeyCell = Annotated[str, BeforeValidator(lambda cell: _needed(half_width(cell)))]
MaybeKeyCell = Annotated[str, BeforeValidator(half_width)]


def _whole(cell: str) -> int:
    value = only_number(cell, "cell_whole")
    if value is None or value < 0 or value != int(value):
        raise wrong("cell_whole")
    return int(value)


def _points(cell: str) -> float | None:
    value = only_number(cell)
    if value is not None and value <= 0:
        raise wrong("cell_points")
    return value


def _percent(cell: str) -> float | None:
    value = _quantity_or("cell_share", cell)
    if not value.applies or (value.number is not None and not 0 < value.number <= 100):
        raise wrong("cell_share")
    return value.number


WholeCell = Annotated[int, BeforeValidator(_whole)]
OnceCell = Annotated[WholeCell, BeforeValidator(lambda cell: cell if half_width(cell) else "1")]
LaterCell = Annotated[int | None, BeforeValidator(lambda cell: _whole(cell) if half_width(cell) else None)]
PointsCell = Annotated[float | None, BeforeValidator(_points)]
ShareCell = Annotated[float | None, BeforeValidator(_percent)]


@dataclass(frozen=True)
class Choices:
    """Some codes with their Chinese words, read from either."""

    words: Mapping[str, str]

    def __call__(self, text: str) -> str:
        codes = {**{code: code for code in self.words}, **{word: code for code, word in self.words.items()}}
        cell = half_width(text)
        for word in (cell, cell.removesuffix("级"), code_of(cell, self.words)):
            if word in codes:
                return codes[word]
        raise wrong("cell_choice", allowed=[each for each in codes if each])


def one_of(words: Mapping[str, str]) -> BeforeValidator:
    """One of some codes, told as such or by its Chinese word."""
    return BeforeValidator(Choices(words))


def choices(metadata: Iterable[Any]) -> Mapping[str, str]:
    """The codes and words that a column chooses from, by what its type says; empty where it takes more than these."""
    validators = [each.func for each in metadata if isinstance(each, BeforeValidator)]
    return next((each.words for each in validators if isinstance(each, Choices)), {})


def told_otherwise(cell: Quantity, unit: Text) -> list[WrittenUnit]:
    """Another unit than the indicator's that the sheet tells of a number, in the column's header or around the table; or none.

    Around the table other indicators' units may stand, but not 万元 for 亿元.
    """
    named = [each for each in cell.units if not _is(each.unit, unit)]
    wrong_scale = [each for each in (*named, *cell.around) if scaled(each.unit, unit.zh)]
    return wrong_scale[:1] or (named[-1:] if len(named) == len(cell.units) else [])


def _is(written: str, unit: Text) -> bool:
    return comparable(written).lower() in (comparable(unit.zh).lower(), comparable(unit.en).lower())


def format_faults(cell: Quantity, unit: Text, file: str, line: int, where: Where) -> Iterator[Fault]:
    """A cell whose format shows another unit than the indicator's."""
    if cell.beside and not _is(cell.beside, unit):
        shown = f"{decimal(cell.number or 0)}{cell.beside}"
        yield Fault.of("format_misleads", file, line, where, found=shown, format=cell.beside)
