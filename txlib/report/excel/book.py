"""Workbooks as txlib writes them: texts that are never run, columns as wide as what stands in them, pages for A4 paper.

A sheet is a title, a table whose head stays in sight and is repeated on every page, and notes below. Nothing in a workbook
tells when or where it was made: the same input gives the same bytes.

Whoever hears a workbook instead of seeing it finds a title in A1, tables that are marked as such, each with a name of its own
and one head of different texts, and no cell that is merged: a text that is longer than its table is wide goes on in the row
below. The document's language is that of its texts.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import xlsxwriter

import txlib
from txlib.base.labels import say
from txlib.base.printing import in_format
from txlib.base.text import harmless
from txlib.report.kit.markup import LANGUAGE_TAGS
from txlib.report.kit.shown import MISSING, TableColumn, wide
from txlib.spreadsheet.grid import ROWS

FONTS = {"zh": "Microsoft YaHei", "en": "Calibri"}
A4, INCH = 9, 2.54
NAME, TEXT, RUNNING = 31, 32_767, 200  # how long a sheet's name, a cell's text and a running title may be
NARROW, WIDEST = 5.5, {"number": 15.0, "text": 36.0, "sentence": 42.0}  # columns, in digits
LEAST = 60.0  # how wide a line of text may be where its table is narrower, in digits
BUTTON = 2.0  # how wide the button of a filter is, in digits
LINE = 16.5  # the height of a line, in points
INK, LINES, HEAD, WARM = "#1F2933", "#B8C2CC", "#DCE6F1", "#B04A00"
HEADING = 255  # how long a column's name in a table may be, in UTF-16 units
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\ufffd]")
_PIECE = re.compile(r".+?(?:\s+|[、，。；：！？][、，。；：！？）》”’」』】〉…]*|$)", re.S)
_LIKE_A_CELL = re.compile(r"[a-z]{1,3}[0-9]+|r|c|r[0-9]*c[0-9]*", re.I)

CellValue = str | float | date | None


class TableArea(NamedTuple):
    """Where a table stands: its head, its first and last row of data, its last column, the last row of its sheet that holds
    something, all from 0; its widths and heights."""

    head: int
    first: int
    last: int
    right: int
    end: int
    widths: list[float]
    heights: list[float]


def sheet_name(name: str, taken: Collection[str]) -> str:
    """A name that a sheet can have: without signs that Excel forbids, at most 31 characters, unlike those `taken`."""
    plain = re.sub(r"\s+", " ", _FORBIDDEN.sub(" ", harmless(name))).strip(" '") or "-"
    return _unlike(plain, {each.lower() for each in taken} | {"history"}, NAME, " ")


def table_name(name: str, taken: Collection[str]) -> str:
    """A name that a table can have, after that of its sheet: letters, digits and _, no cell's name, unlike those `taken`."""
    plain = re.sub(r"_+", "_", "".join(c if c <= "\uffff" and (c.isalpha() or c in "0123456789") else "_" for c in name))
    plain = plain.strip("_") or "table"
    plain = f"_{plain}" if plain[0].isdigit() or _LIKE_A_CELL.fullmatch(plain) else plain
    return _unlike(plain, {each.lower() for each in taken}, HEADING, "_")


def headings(labels: Iterable[str]) -> list[str]:
    """The texts of a table's head: none of them empty, none twice."""
    found = list[str]()
    for label in labels:
        found.append(_unlike(_cut(harmless(label), HEADING) or "-", {each.lower() for each in found}, HEADING, " "))
    return found


def _unlike(text: str, taken: Collection[str], most: int, between: str) -> str:
    """A text, with a number behind it where it is taken already, in small letters too."""
    number, unique = 1, _cut(text, most)
    while unique.lower() in taken:
        number += 1
        unique = f"{_cut(text, most - len(str(number)) - 1)}{between}{number}"
    return unique


def _cut(text: str, most: int) -> str:
    """The beginning of a text, at most so many UTF-16 units, by which Excel counts."""
    return text.encode("utf-16-le")[:2 * most].decode("utf-16-le", "ignore").strip(" '")


def broken(text: str, width: float, size: float = 1.0) -> list[str]:
    """A text in lines of at most this width, broken at spaces and behind Chinese marks alone, since where a Chinese word ends is
    not told; a word or clause that is wider has a line of its own."""
    lines = list[str]()
    for part in text.split("\n"):
        line = ""
        for piece in _PIECE.findall(part):
            if line and _span(line + piece.rstrip()) * size > width:
                lines.append(line.rstrip())
                line = ""
            line += piece
        lines.append(line.rstrip())
    return lines


class Workbook:
    """A workbook in the making, in one language; `day` is the day that it says it was made."""

    def __init__(self, lang: str, day: str, title: str, office: str, running: str = "") -> None:
        self.lang, self.title, self.running = lang, title, running
        self._raw = io.BytesIO()
        plain = {"font_name": FONTS[lang], "font_size": 10, "font_color": INK, "valign": "vcenter"}
        self.file: Any = xlsxwriter.Workbook(self._raw, {
            "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            "default_format_properties": plain})
        self.file.set_properties({"title": harmless(title), "author": harmless(office), "created": datetime.fromisoformat(day),
                                  "comments": f"txlib {txlib.__version__}"})
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.names: list[str] = []
        self.tables: list[str] = []

    def style(self, **properties: Any) -> Any:
        """The format with these properties; made once for each combination."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.file.add_format(properties)
        return self._styles[key]

    def sheet(self, name: str, *, upright: bool = False) -> Any:
        """A new sheet, set up for A4 paper: as wide as a page, with running title, sheet and page number."""
        self.names.append(sheet_name(name, self.names))
        page = self.file.add_worksheet(self.names[-1])
        page.set_paper(A4)
        page.set_portrait() if upright else page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(1.5 / INCH, 1.5 / INCH, 1.9 / INCH, 1.7 / INCH)
        page.hide_gridlines(2)
        head, foot = (_run(text) for text in (self.title, self.names[-1]))
        page.set_header(f"&L{head}&R{_run(self.running)}")
        page.set_footer(f"&L{foot}&R{say('excel.page', self.lang, page='&P', pages='&N')}")
        return page

    def put(self, page: Any, row: int, column: int, value: CellValue, **properties: Any) -> None:
        """Write a cell: a number as a number, a date as a date, a text as text whatever it looks like, None as an empty cell."""
        style = self.style(**properties)
        if value is None or value != value or value == "":
            page.write_blank(row, column, None, style)
        elif isinstance(value, str):
            page.write_string(row, column, harmless(value)[:TEXT], style)
        elif isinstance(value, date):
            page.write_datetime(row, column, value, self.style(**properties, num_format="yyyy-mm-dd", align="left"))
        else:
            page.write_number(row, column, value, style)

    def line(self, page: Any, row: int, text: str, width: float, **properties: Any) -> int:
        """Write a text in column A, seen across the empty cells beside it, and what is wider than `width` in the rows below;
        the row that comes next."""
        style, size = self.style(**properties), properties.get("font_size", 10) / 10
        lines = broken("\n".join(harmless(each)[:TEXT] for each in text.split("\n")), width, size)
        for at, each in enumerate(lines, start=row):
            page.write_string(at, 0, each, style)
            page.set_row(at, LINE * size + 2)
        return row + len(lines)

    def part(self, page: Any, row: int, text: str, width: float) -> int:
        """Write what the next table of a sheet is, with room above it in the place of empty rows; the row that comes next."""
        after = self.line(page, row, text, width, bold=True, valign="bottom")
        page.set_row(row, 2 * LINE)
        return after

    def head(self, page: Any, row: int, heads: Sequence[TableColumn], last: int, title: str, *, called: str = "",
             filtered: bool = False) -> None:
        """Make a table of the rows from its head to the `last`, and write the head.

        `title`: what it is, to be heard; `called`: what its name is made of, where it is not the name of the newest sheet.
        """
        labels = headings(column.label for column in heads)
        self.tables.append(table_name(called or self.names[-1], self.tables))
        page.add_table(row, 0, last, len(heads) - 1, {
            "name": self.tables[-1], "title": harmless(title)[:HEADING], "style": None, "autofilter": filtered,
            "columns": [{"header": _as_in_a_part(label)} for label in labels]})
        for i, (column, label) in enumerate(zip(heads, labels, strict=True)):
            self.put(page, row, i, label, bold=True, text_wrap=True, bg_color=HEAD, border=1, border_color=LINES,
                     **({"align": "center"} if column.kind == "number" else {"align": "left", "indent": 1}))

    def finished(self) -> bytes:
        """The workbook's bytes."""
        self.file.close()
        return _in_language(self._raw.getvalue(), LANGUAGE_TAGS[self.lang])


def _in_language(raw: bytes, language: str) -> bytes:
    """A workbook whose properties tell its language (dc:language, ISO/IEC 29500-2), which XlsxWriter does not write: the same
    parts in the same order, of the same day."""
    made, end = io.BytesIO(), b"</cp:coreProperties>"
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.infolist():
            text = old.read(part)
            told = f"<dc:language>{language}</dc:language>".encode() + end
            new.writestr(part, text.replace(end, told) if part.filename == "docProps/core.xml" else text)
    return made.getvalue()


def _as_in_a_part(text: str) -> str:
    """A text as XlsxWriter takes a table's columns: what looks like an escaped sign is escaped, as it is in cells."""
    return re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)


def _run(text: str) -> str:
    """A text as part of a running title, where & begins a command."""
    return harmless(text)[:RUNNING].replace("&", "&&")


def widths(heads: Sequence[TableColumn], rows: Iterable[Sequence[str]], *, filtered: bool = False) -> list[float]:
    """Column widths: texts on one line up to a limit, headings and sentences broken; a button to filter has its room."""
    button = BUTTON if filtered else 0.0
    found = [max(NARROW, *((wide(word) if word.isascii() else min(wide(word), 8)) * 1.1 + 1 + button
                           for word in head.label.split() or [""])) for head in heads]
    for row in rows:
        found = [max(width, wide(text) * 1.1 + (2 if head.kind == "number" else 3))
                 for width, text, head in zip(found, row, heads, strict=True)]
    return [min(width, WIDEST[head.kind]) for width, head in zip(found, heads, strict=True)]


def height(texts: Sequence[str], widths: Sequence[float], size: float = 1.0) -> float:
    """The height in points of a row whose texts are broken to these widths and `size` times as large as usual."""
    lines = (sum(max(1, math.ceil((_span(line) + 2) * size / width)) for line in text.split("\n"))
             for text, width in zip(texts, widths, strict=True))
    return LINE * size * max(lines, default=1) + 2


def _span(text: str) -> float:
    """About how many digits a text is wide: letters are narrower than digits, Chinese characters twice as wide."""
    return wide(text) + 0.05 * text.count("") - 0.1 * sum(c.isascii() for c in text)


def _shown(value: CellValue, pattern: str) -> str:
    """The text that a cell shows, approximately; the width of its column is set by it."""
    return value or "" if isinstance(value, str) or value is None else in_format(value, pattern)


def laid_out(book: Workbook, name: str, title: str, heads: Sequence[TableColumn], rows: Sequence[Sequence[CellValue]], *,
             fixed: int, formats: Mapping[int, str] | None = None, styles: Mapping[int, dict[str, Any]] | None = None,
             least: Mapping[int, float] | None = None, hints: Sequence[str] = (), notes: Sequence[str] = (), aside: int = 0,
             filtered: bool = True) -> tuple[Any, TableArea]:
    """A sheet with one table: title, hints, head, rows, notes; `formats` of columns, `styles` of rows, `least` widths of
    columns, `fixed` columns stay in sight, the last ones `aside` are not printed, rows can be `filtered`.

    The sheet and where its table stands, for what is particular to it.
    """
    known, styled = formats or {}, styles or {}
    page = book.sheet(name)
    rows = rows or [[say("excel.nothing", book.lang), *[MISSING] * (len(heads) - 1)]]
    shown = [[_shown(value, known.get(i, "")) for i, value in enumerate(row)] for row in rows]
    wide_ = [max(width, (least or {}).get(i, 0.0)) for i, width in enumerate(widths(heads, shown, filtered=filtered))]
    heights = [height(row, wide_) for row in shown]
    total = max(LEAST, sum(wide_[:len(wide_) - aside]))
    top = book.line(page, 0, title, total, bold=True, font_size=14)
    for text, properties in ((book.running, {"bold": True, "font_color": WARM}), *((hint, {}) for hint in hints)):
        top = book.line(page, top, text, total, **properties) if text else top
    if notes:
        below = broken(say("excel.below", book.lang, row=ROWS), total)
        top = book.line(page, top, say("excel.below", book.lang, row=top + len(below) + len(rows) + 3), total)
    last = top + len(rows)
    for i, width in enumerate(wide_):
        page.set_column(i, i, width)
    book.head(page, top, heads, last, title, filtered=filtered)
    page.set_row(top, height([column.label for column in heads], [width - 0.5 for width in wide_]) + 2)
    page.repeat_rows(0, top)
    for i, row in enumerate(rows, start=top + 1):
        page.set_row(i, heights[i - top - 1])
        for j, (value, column) in enumerate(zip(row, heads, strict=True)):
            style: dict[str, Any] = {"align": "right"} if column.kind == "number" else {"text_wrap": True, "align": "left"}
            style |= {"indent": 1, **({"num_format": known[j]} if j in known else {})}
            book.put(page, i, j, value, **{"border": 1, "border_color": LINES, **style, **styled.get(i - top - 1, {})})
    page.freeze_panes(top + 1, fixed)
    end = last + 2 if notes else last + 1
    for note in notes:
        end = book.line(page, end, note, total, font_size=9)
    if aside:
        page.print_area(0, 0, end - 1, len(heads) - 1 - aside)
    return page, TableArea(top, top + 1, last, len(heads) - 1, end - 1, wide_, heights)
