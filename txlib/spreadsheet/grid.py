"""A sheet as a grid: cells by row and column, areas of them, and how Excel names them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from txlib.spreadsheet.package import Style

ROWS, COLUMNS = 1_048_576, 16_384
_WHOLE = re.compile(r"^(?:([A-Z]+):([A-Z]+)|(\d+):(\d+))$", re.ASCII)
_PLACE = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})", re.ASCII)


class Cell(NamedTuple):
    """What a cell holds. `kind`: number, text, date, boolean, error; formula (never computed), damaged (it cannot be read), twice
    (it holds a thing twice), unseen (what it stores, nobody sees); or how its font marks it or a part of it: struck (a line
    through it), raised (above or below the line). `doubtful`: whether anybody sees it, a condition says that is not computed
    here.
    """

    kind: str
    text: str
    style: Style = Style()
    doubtful: bool = False

    @property
    def format(self) -> str:
        """Its number format."""
        return self.style.format


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
def column_of(name: str) -> int:
    """The number of a column by its letters; ValueError where they are none."""
    if not re.fullmatch("[A-Z]{1,3}", name):
        raise ValueError(name)
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number


def area(text: str) -> Area:
    """A1:B3 as an area; ValueError where it is none."""
    ends = [_PLACE.fullmatch(end) for end in text.replace("$", "").split(":")]
    if not all(ends):
        raise ValueError(text)
    (left, top), (right, bottom) = ((column_of(end[1]), int(end[2])) for end in (ends[0], ends[-1]) if end)
    return Area(top, left, bottom, right)


def areas(text: str) -> list[Area]:
    """The areas of a conditional format, whole columns (D:E) and rows (5:6) among them."""
    return [area(_WHOLE.sub(lambda found: _ends(*found.groups()), each.replace("$", ""))) for each in text.split()]


def _ends(left: str | None, right: str, top: str, bottom: str) -> str:
    return f"{left}1:{right}{ROWS}" if left else f"A{top}:{letters(COLUMNS)}{bottom}"
