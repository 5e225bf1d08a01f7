"""A sheet of a workbook as a grid: the cells that hold something, stored value and format, and what hides or joins them.

The file keeps a formula and its last value side by side, so one pass reads both, and whether the value was ever computed.
Cells that are formatted but empty leave no trace, however many. Numbers come as decimals of at most 15 significant digits,
as Excel shows them, dates as YYYY-MM-DD. A cell that cannot be read is told as such, the others are read. Nothing is judged
here: see workbook.py. Source: ECMA-376 part 1, 18.3.
"""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import datetime, time
from xml.parsers import expat

from txlib.spreadsheet import limits
from txlib.spreadsheet.archive import part_of
from txlib.spreadsheet.colours import BLACK
from txlib.spreadsheet.grid import COLUMNS, ROWS, Cell, Grid, area, column_of, letters
from txlib.spreadsheet.limits import WorkbookError, within
from txlib.spreadsheet.number_formats import DIGITS, day_of, decimal, decimals_stored, moment, settled
from txlib.spreadsheet.package import (
    Book,
    SharedStrings,
    Sheet,
    Style,
    TextPiece,
    damaged,
    index,
    joined,
    mark,
    unescaped,
)
from txlib.spreadsheet.sheet_tables import SheetTables, tables_of
from txlib.spreadsheet.sight import SOUND, Conditions, conceal, faded

CHUNK = 1 << 16
LONG = 1_000  # characters of what stands twice in a cell, after which no more of it is told
LOW, NARROW = 5.0, 1.0  # points of height and signs of width below which nobody sees anything


class _EnoughError(Exception):
    pass


def grid(book: Book, sheet: Sheet, first: int = ROWS) -> Grid:
    """The cells of a sheet that hold something, or of its `first` rows alone; WorkbookError where it cannot be read.

    A small one, and the error, is kept with the workbook: a sheet may be long and hold little.
    """
    key = sheet.part, first
    try:
        found = book.grids[key] if key in book.grids else _read(book, sheet, first)
    except WorkbookError as error:
        found = error
    if isinstance(found, WorkbookError) or sum(map(len, found.cells.values())) + len(found.merges) <= limits.GRID:
        book.grids[key] = found
    if isinstance(found, WorkbookError):
        raise WorkbookError(*found.args) from found.__cause__
    return found


def _read(book: Book, sheet: Sheet, first: int) -> Grid:
    reader = _Reader(book, first)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.text, reader.doctype
    with suppress(_EnoughError), damaged(), part_of(book.archive, sheet.part, limits.UNPACKED_BYTES) as stream:
        while chunk := stream.read(CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return reader.finished(tables_of(book, sheet) if reader.tabled and (reader.suspects or reader.grid.hidden_rows) else None)


class _Reader:
    """Handlers for the elements of a sheet, called in the order of the file."""

    def __init__(self, book: Book, first: int) -> None:
        self.grid, self.book, self.first = Grid(), book, first
        self.row, self.count, self.characters, self.at, self.row_text = 0, 0, 0, "", ""
        self.cells: dict[int, Cell] | None = None
        self.row_hidden = self.phonetic = self.heard = self.no_width = self.tabled = False
        self.zeros_seen, self.formulas_seen, self.height = True, False, 15.0
        self.cell: dict[str, str] | None = None
        self.value: list[str] = []  # what is heard: of <v>, of a piece of <is>, of a condition's formula
        self.inline: SharedStrings | None = None
        self.values = self.formulas = self.inlines = self.runs = 0
        self.piece, self.pieces = TextPiece(""), list[TextPiece]()
        self.columns: list[tuple[int, int]] = []
        self.suspects: list[tuple[dict[int, Cell], int]] = []
        self.conditions = Conditions(book.dresses, book.palette)

    def finished(self, tables: SheetTables | None = None) -> Grid:
        """The grid, with the columns hidden that have no width of their own where columns have none by default, and the cells
        unseen that conditional formats conceal; `tables`: what those of the sheet do, where that matters."""
        if self.no_width:
            after = 1
            for first, last in [*sorted(self.columns), (COLUMNS + 1, COLUMNS + 1)]:
                self.grid.hidden_columns += [(after, first - 1)] if first > after else []
                after = max(after, last + 1)
        for cells, column in self.suspects:  # a table's style may give a ground that no cell tells of
            cells[column] = faded(cells[column], doubtful=tables is not None and tables.styled)
        self.grid.filtered = self.grid.filtered or (tables is not None and tables.filtered)
        within("merged", sum(min(each.bottom, self.row) - each.top + 1 for each in self.grid.merges), limits.MERGED_ROWS)
        conceal(self.grid, self.conditions.found)
        return self.grid

    def doctype(self, *_: object) -> None:
        raise ValueError("DOCTYPE")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "v":
            self.heard, self.values = True, self.values + 1
        elif name == "c":
            self.cell, self.value, self.inline = attributes, [], None
            self.values = self.formulas = self.inlines = 0
            self.at = attributes.get("r") or self.next()
        elif self.cell is not None:
            self.start_text(name, attributes)
        elif name == "row":
            self.start_row(attributes)
        elif name == "col":
            span = index(attributes["min"]), index(attributes["max"])
            self.columns.append(span)
            within("spans", len(self.columns), limits.SPANS)
            if attributes.get("hidden") in ("1", "true") or float(attributes.get("width", 9)) < NARROW:
                self.grid.hidden_columns.append(span)
        elif name == "sheetFormatPr":
            self.start_defaults(attributes)
        elif name == "mergeCell":
            self.grid.merges.append(area(attributes["ref"]))
            within("ranges", len(self.grid.merges), limits.RANGES)
        elif name == "filterColumn":
            self.grid.filtered = True
        elif name == "sheetView":
            self.zeros_seen = self.zeros_seen and attributes.get("showZeros", "1") in ("1", "true")
            self.formulas_seen = self.formulas_seen or attributes.get("showFormulas") in ("1", "true")
        elif name == "tablePart":
            self.tabled = True
        elif self.conditions.start(name, attributes):
            self.heard, self.value = True, []

    def start_defaults(self, attributes: dict[str, str]) -> None:
        """The sizes of columns and rows that do not tell theirs. Some programs write a height of 0 that is not meant."""
        self.no_width = float(attributes.get("defaultColWidth", 9)) < NARROW
        height = float(attributes.get("defaultRowHeight", 15))
        self.height = height if height > 0 or attributes.get("customHeight") in ("1", "true") else 15.0

    def start_row(self, attributes: dict[str, str]) -> None:
        """A row, below the one before. `zeroHeight` of the sheet hides only rows that are not written out: none with cells."""
        number = index(attributes["r"]) if "r" in attributes else self.row + 1
        if number <= self.row:
            raise ValueError(f"row {number}")
        self.row, self.at, self.cells, self.row_text = number, "", None, str(number)
        self.row_hidden = attributes.get("hidden") in ("1", "true") or float(attributes.get("ht", self.height)) < LOW

    def start_text(self, name: str, attributes: dict[str, str]) -> None:
        """An element inside a cell: a formula, or the pieces of a text that stands in the cell itself."""
        if name == "f":
            self.formulas, self.heard = self.formulas + 1, False
            return
        if name == "is":
            self.inlines, self.pieces, self.runs, self.piece = self.inlines + 1, [], 0, TextPiece("")
        self.phonetic = self.phonetic or name == "rPh"
        self.heard = name == "t" and not self.phonetic
        if name == "r":
            self.runs += 1
            self.piece = TextPiece("", self.runs)
        elif name == "color":
            self.piece = self.piece._replace(coloured=True, ink=self.book.palette.of(attributes, BLACK))
        elif self.heard:
            self.value = []
        elif not self.piece.marked:
            self.piece = self.piece._replace(marked=mark(name, attributes.get("val")))

    def next(self) -> str:
        """The place of a cell that does not tell its own: beside the one before."""
        return f"{letters(area(self.at).left + 1 if self.at else 1)}{self.row}"

    def text(self, text: str) -> None:
        if self.heard:
            self.value.append(text)

    def end(self, name: str) -> None:
        heard, self.heard = self.heard, False
        if name == "v":
            return
        if name == "c" or name.endswith(":c"):
            if self.value or self.formulas or self.inlines:
                self.keep("".join(self.value))
            self.cell = None
        elif name.endswith("rPh"):
            self.phonetic = False
        elif self.cell is not None:
            self.end_text(name.rpartition(":")[2], heard=heard)
        elif self.conditions.areas is not None:
            self.conditions.end(name.rpartition(":")[2], "".join(self.value))

    def end_text(self, name: str, *, heard: bool) -> None:
        """An element inside a cell ends."""
        if name == "t" and heard:
            self.pieces.append(self.piece._replace(text="".join(self.value)))
            within("pieces", len(self.pieces), limits.PIECES)
        elif name == "r":
            self.piece = TextPiece("")
        elif name == "is":
            self.inline, self.value = joined(self.pieces), []

    def keep(self, value: str) -> None:
        attributes = self.cell or {}
        style = self.book.styles.get(attributes.get("s", "0"))
        try:
            cell = self.read(attributes, value, style or Style())
        except (ValueError, LookupError, ArithmeticError):
            cell = Cell("damaged", value or (self.inline.text if self.inline else ""), style or Style())
        if cell is None:
            return
        if style is None:  # how it is shown, nobody knows
            cell = cell._replace(kind="damaged")
        elif style.marked:
            cell = cell._replace(kind=style.marked)
        elif self.covered(cell):
            cell = cell._replace(kind="unseen")
        self.count, self.characters = self.count + 1, self.characters + len(cell.text)
        if self.count > limits.CELLS or self.characters > limits.CHARACTERS:
            within("cells", self.count, limits.CELLS)
            within("characters", self.characters, limits.CHARACTERS)
        column = self.at.rstrip("0123456789")
        if self.at[len(column):] != self.row_text:
            raise ValueError(self.at)
        if self.cells is None:
            if self.row > self.first and self.grid.cells:
                raise _EnoughError
            self.cells = self.grid.cells.setdefault(self.row, {})
            within("rows", len(self.grid.cells) - 1, limits.ROWS)
            if self.row_hidden:
                self.grid.hidden_rows.add(self.row)
        number = column_of(column)
        if number in self.cells:
            both = self.cells[number].text if len(self.cells[number].text) > LONG else f"{self.cells[number].text} / {cell.text}"
            cell = cell._replace(kind="twice", text=both)
        self.cells[number] = cell
        if cell.style.suspect:
            self.suspects.append((self.cells, number))

    def covered(self, cell: Cell) -> bool:
        """Whether the sheet shows nothing of a zero, or a formula in the place of what it gives."""
        if self.formulas_seen and self.formulas:
            return cell.kind in SOUND
        return not self.zeros_seen and (cell.kind, cell.text) == ("number", "0")

    def read(self, attributes: dict[str, str], value: str, style: Style) -> Cell | None:
        """What a cell holds; None where it holds nothing."""
        kind = attributes.get("t", "n")
        if kind == "n" and self.values + self.inlines == 1 == self.values and self.formulas < 2:
            return self.number(value, style)
        if max(self.values, self.inlines, self.formulas) > 1 or (self.inlines and self.values and kind != "inlineStr"):
            return Cell("twice", " / ".join(filter(None, (value, self.inline.text if self.inline else ""))), style)
        if kind == "inlineStr" and self.inline is not None:
            return self.words(self.inline, style) if self.inline.text else None
        return self.number(value, style) if kind == "n" else self.typed(kind, value, style)

    def typed(self, kind: str, value: str, style: Style) -> Cell | None:
        """What a cell of a named type holds."""
        if kind == "s":
            return self.words(self.book.strings[index(value.strip())], style)
        if kind in ("str", "inlineStr"):
            return Cell("text", unescaped(value), style)
        if kind == "b":
            return Cell("boolean", "TRUE" if value == "1" else "FALSE", style)
        if kind == "e":
            return Cell("error", value, style)
        return Cell("date", _iso(value.strip()), style)

    def words(self, words: SharedStrings, style: Style) -> Cell:
        """A cell that holds a text, in pieces perhaps."""
        return Cell(words.marked or "text", words.text, style.with_inks(words))

    def number(self, value: str, style: Style) -> Cell | None:
        """What a cell of numbers holds: a number, a day, or a formula that waits for its value."""
        if not value.strip():
            return Cell("formula", "", style) if self.formulas else None
        if "_" in value or not value.isascii():  # what Python reads as a number and Excel does not
            raise ValueError(value)
        number = float(value)
        if self.formulas and self.book.uncomputed and not number:  # some programs write 0 for a formula they cannot compute
            return Cell("formula", "0", style)
        if not math.isfinite(number):
            return Cell("error", value, style)
        if not style.day:
            computed = self.formulas > 0 or len(value) >= DIGITS
            return Cell("number", settled(value, decimals_stored(style.format, number)) if computed else decimal(number), style)
        day = day_of(number, self.book.from_1904)
        return Cell("date", day, style) if day else Cell("error", "####", style)


def _iso(text: str) -> str:
    """A moment or a time of day as ISO 8601 writes it, as we write it; ValueError."""
    try:
        return moment(datetime.fromisoformat(text).replace(tzinfo=None))
    except ValueError:
        return time.fromisoformat(text).replace(tzinfo=None).isoformat("seconds")
