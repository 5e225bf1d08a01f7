"""Whether anybody sees what a cell stores: colours of font and ground, conditional formats (ECMA-376 part 1, 18.3.1.10)."""

from __future__ import annotations

import operator
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from xml.etree.ElementTree import TreeBuilder

from txlib.spreadsheet import colours, limits
from txlib.spreadsheet.grid import Area, Cell, Grid, areas
from txlib.spreadsheet.limits import within
from txlib.spreadsheet.number_formats import colour, shown
from txlib.spreadsheet.package import Dress, Style, dress_of

FORMULA, OPERANDS = 1_000, 3  # characters of one, and how many a condition has at most: beyond, it is not computed here
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


class Conditions:
    """The conditional formats of a sheet, gathered from its elements as they come.

    They are told in two forms: with what a cell then wears among the styles, or (x14) all in one place, the cells last.
    """

    def __init__(self, dresses: Sequence[Dress], palette: colours.Palette) -> None:
        self.found: list[Condition] = []
        self.dresses, self.palette = dresses, palette
        self.areas: list[Area] | None = None  # of the format that is being told
        self.dress: TreeBuilder | None = None
        self.count = 0

    def areas_of(self, text: str) -> list[Area]:
        """The areas in a text, together with those before it not too many."""
        self.count += len(text.split())
        within("ranges", self.count, limits.RANGES)
        return areas(text)

    def start(self, name: str, attributes: dict[str, str]) -> bool:
        """An element begins; whether its text matters."""
        if name == "conditionalFormatting":
            self.areas = self.areas_of(attributes.get("sqref", ""))
        elif self.areas is None:
            return False
        elif name == "dxf" or self.dress is not None:
            self.dress = self.dress or TreeBuilder()
            self.dress.start(name, attributes)
        elif name == "cfRule":
            number = attributes.get("dxfId", "")
            dress = self.dresses[int(number)] if number.isdecimal() and int(number) < len(self.dresses) else None
            within("ranges", len(self.found), limits.RANGES)
            self.found.append(Condition(self.areas, attributes.get("type", ""), attributes.get("operator", ""), dress=dress))
        elif name in ("dataBar", "iconSet") and attributes.get("showValue") in ("0", "false") and self.found:
            self.found[-1].kind = "bare"
        return name in ("formula", "f", "sqref")

    def end(self, name: str, text: str) -> None:
        """An element of a conditional format ends, with its text."""
        if self.dress is not None:
            self.dress.end(name)
            if name == "dxf":
                self.found[-1].dress, self.dress = dress_of(self.dress.close(), self.palette), None
        elif name == "conditionalFormatting":
            self.areas = None
        elif name == "sqref" and self.areas is not None:
            self.areas += self.areas_of(text)
        elif name in ("formula", "f") and self.found:
            operands = self.found[-1].operands
            operands += [text if len(text) <= FORMULA else "?"] if len(operands) < OPERANDS else []


@cache
def _unseen(style: Style, named: str) -> bool:
    inks = (colours.of_name(named),) if named else style.inks or (style.ink,)
    return any(colours.unseen(ink, style.ground) for ink in inks)


def unseen(style: Style, number: float | None) -> bool:
    """Whether nobody sees what a cell of this style shows, or a piece of it; `number`: what it holds, None for a text."""
    return _unseen(style, "" if number is None else colour(style.format, number))


def faded(cell: Cell, *, doubtful: bool) -> Cell:
    """A cell in the colour of its ground is unseen, or `doubtful` where the ground may be another; else the cell."""
    if cell.kind not in SOUND or not unseen(cell.style, _number(cell)):
        return cell
    return cell._replace(doubtful=True) if doubtful else cell._replace(kind="unseen")


def _number(cell: Cell) -> float | None:
    return float(cell.text) if cell.kind == "number" else None


def conceal(grid: Grid, conditions: Sequence[Condition]) -> None:
    """Cells that a conditional format makes unseen are told so, and those that one may make unseen are doubtful."""
    rows, seen = sorted(grid.cells) if conditions else [], 0
    for condition in conditions:
        seen += len(condition.areas)
        within("conditions", seen, limits.CONDITIONED)
        for cells, column, cell in _within(grid, rows, condition.areas):
            seen += 1
            if seen > limits.CONDITIONED:
                within("conditions", seen, limits.CONDITIONED)
            holds = condition.holds(cell) if cell.kind in SOUND else False
            if holds is not False and _concealed(condition, cell):
                cells[column] = cell._replace(kind="unseen") if holds else cell._replace(doubtful=True)


def _within(grid: Grid, rows: list[int], areas: Sequence[Area]) -> Iterator[tuple[dict[int, Cell], int, Cell]]:
    """The cells in areas; `rows`: those of the grid, ascending."""
    for area in areas:
        for row in rows[bisect_left(rows, area.top):bisect_left(rows, area.bottom + 1)]:
            cells = grid.cells[row]
            yield from [(cells, column, cell) for column, cell in cells.items() if area.left <= column <= area.right]


def _concealed(condition: Condition, cell: Cell) -> bool:
    """Whether nobody sees a cell for which the condition holds."""
    number = _number(cell)
    if condition.kind == "bare" or condition.dress is None:
        return condition.kind == "bare" and number is not None
    style = condition.dress.over(cell.style)
    return unseen(style, number) or (number is not None and _shown_otherwise(number, cell.format, style.format))


def _shown_otherwise(number: float, before: str, after: str) -> bool:
    """Whether a number that one format shows as it is, or as a percentage, is another amount in the other, or not there."""
    one, other = shown(before, number), shown(after, number)
    return one != "otherwise" and one != other and bool({"otherwise", "percent"} & {one, other})
