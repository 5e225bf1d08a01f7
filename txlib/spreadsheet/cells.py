"""A sheet of a workbook as a grid: the cells that hold something, stored value and format, and what hides or joins them.

The file keeps a formula and its last value side by side, so one pass reads both, and whether the value was ever computed.
Cells that are formatted but empty leave no trace, however many. Numbers come as decimals of at most 15 significant digits,
as Excel shows them, dates as YYYY-MM-DD. Nothing is judged here: see workbook.py. Source: ECMA-376 part 1, 18.3.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple
from xml.parsers import expat

from txlib.spreadsheet.number_formats import day_of, decimal, moment
from txlib.spreadsheet.package import Book, Sheet, Style, WorkbookError, damaged, index, mark, part_of, unescaped

SHEET_BYTES, CELLS = 400_000_000, 2_000_000
LOW, NARROW = 1.0, 0.1  # points of height and signs of width below which nobody sees anything
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)
_LAST_COLUMN = 16_384


class Cell(NamedTuple):
    """What a cell holds. `kind`: number, text, date, boolean, error, formula (never computed), or how its font marks it or a
    part of it: struck (a line through it), raised (above or below the line)."""

    kind: str
    text: str
    format: str = "General"


class Area(NamedTuple):
    """A range of cells, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        return f"{letters(self.left)}{self.top}:{letters(self.right)}{self.bottom}"


@dataclass
class Grid:
    """A sheet's cells by row and column (from 1), and what hides or joins them."""

    cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    merges: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: bool = False


@cache
def letters(column: int) -> str:
    """A column's letters: 28 is AB."""
    before, last = divmod(column - 1, 26)
    return (letters(before) if before else "") + chr(65 + last)


@cache
def _number(column: str) -> int:
    if not re.fullmatch("[A-Z]{1,3}", column):
        raise ValueError(column)
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - 64
    return number


def area(text: str) -> Area:
    """A1:B3 as an area; ValueError where it is none."""
    ends = [_PLACE.fullmatch(end) for end in text.replace("$", "").split(":")]
    if not all(ends):
        raise ValueError(text)
    (left, top), (right, bottom) = ((_number(end[1]), int(end[2])) for end in (ends[0], ends[-1]) if end)
    return Area(top, left, bottom, right)


class _EnoughError(Exception):
    pass


def grid(book: Book, sheet: Sheet, first: int = 1_048_576) -> Grid:
    """The cells of a sheet that hold something, or of its `first` rows alone; WorkbookError where it cannot be read."""
    reader = _Reader(book, first)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, reader.doctype
    with suppress(_EnoughError), damaged(), part_of(book.archive, sheet.part, SHEET_BYTES) as stream:
        parser.ParseFile(stream)
    return reader.finished()


class _Reader:
    """Handlers for the elements of a sheet, called in the order of the file."""

    def __init__(self, book: Book, first: int) -> None:
        self.grid, self.book, self.first = Grid(), book, first
        self.row, self.count, self.at, self.row_text = 0, 0, "", ""
        self.cells: dict[int, Cell] | None = None
        self.row_hidden = self.formula = self.phonetic = self.heard = self.valued = self.no_width = False
        self.cell: dict[str, str] | None = None
        self.value: list[str] = []
        self.run = self.marked = ""
        self.columns: list[tuple[int, int]] = []

    def finished(self) -> Grid:
        """The grid, with the columns hidden that have no width of their own where columns have none by default."""
        if self.no_width:
            after = 1
            for first, last in [*sorted(self.columns), (_LAST_COLUMN + 1, _LAST_COLUMN + 1)]:
                self.grid.hidden_columns += [(after, first - 1)] if first > after else []
                after = max(after, last + 1)
        return self.grid

    def doctype(self, *_: object) -> None:
        raise ValueError("DOCTYPE")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "v":
            if self.valued:
                raise ValueError(f"{self.at}: <v> <v>")
            self.heard = self.valued = True
        elif name == "c":
            self.cell, self.value, self.marked = attributes, [], ""
            self.formula = self.valued = False
            self.at = attributes.get("r") or self.next()
        elif self.cell is not None:
            self.start_text(name, attributes)
        elif name == "row":
            self.start_row(attributes)
        elif name == "col":
            span = index(attributes["min"]), index(attributes["max"])
            self.columns.append(span)
            if attributes.get("hidden") in ("1", "true") or float(attributes.get("width", 9)) < NARROW:
                self.grid.hidden_columns.append(span)
        elif name == "sheetFormatPr":
            self.no_width = float(attributes.get("defaultColWidth", 9)) < NARROW
        elif name == "mergeCell":
            self.grid.merges.append(area(attributes["ref"]))
        elif name == "filterColumn":
            self.grid.filtered = True

    def start_row(self, attributes: dict[str, str]) -> None:
        """A row, below the one before. `zeroHeight` of the sheet hides only rows that are not written out: none with cells."""
        number = index(attributes["r"]) if "r" in attributes else self.row + 1
        if number <= self.row:
            raise ValueError(f"row {number}")
        self.row, self.at, self.cells, self.row_text = number, "", None, str(number)
        self.row_hidden = attributes.get("hidden") in ("1", "true") or float(attributes.get("ht", 15)) < LOW

    def start_text(self, name: str, attributes: dict[str, str]) -> None:
        """An element inside a cell: a formula, or the pieces of a text that stands in the cell itself."""
        self.formula = self.formula or name == "f"
        self.phonetic = self.phonetic or name == "rPh"
        self.heard = name == "t" and not self.phonetic
        if name == "r":
            self.run = ""
        elif name == "t":
            self.marked = self.marked or self.run
        else:
            self.run = self.run or mark(name, attributes.get("val"))

    def next(self) -> str:
        """The place of a cell that does not tell its own: beside the one before."""
        return f"{letters(area(self.at).left + 1 if self.at else 1)}{self.row}"

    def text(self, text: str) -> None:
        if self.heard:
            self.value.append(text)

    def end(self, name: str) -> None:
        self.heard = False
        if name == "v":
            return
        if name == "c" or name.endswith(":c"):
            if self.value or self.formula:
                self.keep("".join(self.value))
            self.cell = None
        elif name.endswith("rPh"):
            self.phonetic = False
        elif name == "is" or name.endswith(":is"):
            self.run = ""

    def keep(self, value: str) -> None:
        attributes = self.cell or {}
        style = self.book.styles[index(attributes.get("s", "0"))] if self.book.styles else Style()
        cell = self.read(attributes, value, style)
        if cell is None:
            return
        if style.marked or self.marked:
            cell = cell._replace(kind=style.marked or self.marked)
        self.count += 1
        if self.count > CELLS:
            raise WorkbookError("workbook_too_large")
        column = self.at.rstrip("0123456789")
        if self.at[len(column):] != self.row_text:
            raise ValueError(self.at)
        if self.cells is None:
            if self.row > self.first and self.grid.cells:
                raise _EnoughError
            self.cells = self.grid.cells.setdefault(self.row, {})
            if self.row_hidden:
                self.grid.hidden_rows.add(self.row)
        number = _number(column)
        if number in self.cells:
            raise ValueError(self.at)
        self.cells[number] = cell

    def read_typed(self, kind: str, value: str, code: str) -> Cell:
        """What a cell of a named type holds."""
        if kind == "s":
            words = self.book.strings[index(value.strip())]
            return Cell(words.marked or "text", words.text, code)
        if kind in ("str", "inlineStr"):
            return Cell("text", unescaped(value), code)
        if kind == "b":
            return Cell("boolean", "TRUE" if value == "1" else "FALSE", code)
        return Cell("error", value, code) if kind == "e" else Cell("date", moment(datetime.fromisoformat(value)), code)

    def read(self, attributes: dict[str, str], value: str, style: Style) -> Cell | None:
        """What a cell holds; None where it holds nothing."""
        kind, code = attributes.get("t", "n"), style.format
        if kind != "n":
            return self.read_typed(kind, value, code)
        if not value.strip():
            return Cell("formula", "", code) if self.formula else None
        if "_" in value or not value.isascii():  # what Python reads as a number and Excel does not
            raise ValueError(value)
        number = float(value)
        if self.formula and self.book.uncomputed and not number:  # some programs write 0 for a formula they cannot compute
            return Cell("formula", "0", code)
        if not math.isfinite(number):
            return Cell("error", value, code)
        if not style.day:
            return Cell("number", decimal(number), code)
        day = day_of(number, self.book.from_1904)
        return Cell("date", day, code) if day else Cell("error", "####", code)
