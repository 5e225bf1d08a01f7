"""Whether anybody sees what a cell stores: colours of font and ground, conditional formats (ECMA-376 part 1, 18.3.1.10)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from txlib.spreadsheet import colours
from txlib.spreadsheet.grid import Area, Cell, Grid
from txlib.spreadsheet.number_formats import colour, draws
from txlib.spreadsheet.package import Dress, Style

SOUND = ("number", "text", "date")
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "equal": operator.eq, "notEqual": operator.ne, "greaterThan": operator.gt, "lessThan": operator.lt,
    "greaterThanOrEqual": operator.ge, "lessThanOrEqual": operator.le}
_NEVER = ("containsErrors", "containsBlanks")  # of a cell that holds something sound
_ALWAYS = ("notContainsErrors", "notContainsBlanks", "bare")
_OF_ERRORS = re.compile(r"\s*(ISERR|ISERROR|ISNA|ISBLANK)\(", re.I)


@dataclass
class Condition:
    """A conditional format: where it stands, when it holds (`kind`, `operator`, `operands`), what a cell then wears.

    A `kind` of `bare`: a bar or an icon in the place of the number.
    """

    areas: Sequence[Area]
    kind: str
    operator: str = ""
    operands: list[str] = field(default_factory=list)
    dress: Dress | None = None

    def holds(self, cell: Cell) -> bool | None:
        """Whether it holds for a cell; None where that is not computed here."""
        if self.kind in _NEVER or (self.kind == "expression" and _OF_ERRORS.match("".join(self.operands))):
            return False
        if self.kind in _ALWAYS:
            return True
        if self.kind != "cellIs" or cell.kind != "number":
            return None
        try:
            value, ends = float(cell.text), [float(each) for each in self.operands]
            if self.operator in ("between", "notBetween"):
                low, high = sorted(ends)
                return (low <= value <= high) == (self.operator == "between")
            (end,) = ends
            return _COMPARED[self.operator](value, end)
        except (ValueError, KeyError):
            return None


def sign_of(text: str) -> int:
    """1 for a plain decimal above zero, -1 below, 0 for zero."""
    if text == "0":
        return 0
    return -1 if text.startswith("-") else 1


@cache
def unseen(style: Style, sign: int | None) -> bool:
    """Whether nobody sees what a cell of this style shows; `sign` of a number, None of a text."""
    named = colour(style.format, sign) if sign is not None else ""
    return colours.unseen(colours.of_name(named) if named else style.ink, style.ground)


def faded(cell: Cell, *, doubtful: bool) -> Cell:
    """A cell in the colour of its ground is unseen, or `doubtful` where the ground may be another; else the cell."""
    sign = sign_of(cell.text) if cell.kind == "number" else None
    if cell.kind not in SOUND or not unseen(cell.style, sign):
        return cell
    return cell._replace(doubtful=True) if doubtful else cell._replace(kind="unseen")


def conceal(grid: Grid, conditions: Sequence[Condition]) -> None:
    """Cells that a conditional format makes unseen are told so, and those that one may make unseen are doubtful."""
    for condition in conditions:
        for cells, column, cell in _within(grid, condition.areas):
            if cell.kind not in SOUND or not _concealed(condition, cell):
                continue
            holds = condition.holds(cell)
            if holds is not False:
                cells[column] = cell._replace(kind="unseen") if holds else cell._replace(doubtful=True)


def _within(grid: Grid, areas: Sequence[Area]) -> Iterator[tuple[dict[int, Cell], int, Cell]]:
    for area in areas:
        for row in (row for row in grid.cells if area.top <= row <= area.bottom):
            cells = grid.cells[row]
            yield from [(cells, column, cell) for column, cell in cells.items() if area.left <= column <= area.right]


def _concealed(condition: Condition, cell: Cell) -> bool:
    """Whether nobody sees a cell for which the condition holds."""
    sign = sign_of(cell.text) if cell.kind == "number" else None
    if condition.dress is None:
        return condition.kind == "bare" and sign is not None
    style = condition.dress.over(cell.style)
    return unseen(style, sign) or (sign is not None and not draws(style.format, sign) and draws(cell.format, sign))
