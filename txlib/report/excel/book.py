"""Workbooks as txlib writes them: texts that are never run, columns as wide as what stands in them, pages for A4 paper.

A sheet is a title, a table whose head stays in sight and is repeated on every page, and notes below. Nothing in a workbook
tells when or where it was made: the same input gives the same bytes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import xlsxwriter

import txlib
from txlib.base.labels import say
from txlib.base.printing import in_format
from txlib.base.text import harmless
from txlib.report.kit.shown import TableColumn, wide

FONTS = {"zh": "Microsoft YaHei", "en": "Calibri"}
A4, INCH = 9, 2.54
NAME, TEXT, RUNNING = 31, 32_767, 200  # how long a sheet's name, a cell's text and a running title may be
NARROW, WIDEST = 5.5, {"number": 15.0, "text": 36.0, "sentence": 42.0}  # columns, in digits
LINE = 16.5  # the height of a line, in points
INK, LINES, HEAD, WARM = "#1F2933", "#B8C2CC", "#DCE6F1", "#B04A00"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\ufffd]")

CellValue = str | float | date | None


class TableArea(NamedTuple):
    """Where a table stands: its head, its first and last row of data, its last column, all from 0; its widths and heights."""

    head: int
    first: int
    last: int
    right: int
    widths: list[float]
    heights: list[float]


def sheet_name(name: str, taken: Collection[str]) -> str:
    """A name that a sheet can have: without signs that Excel forbids, at most 31 characters, unlike those `taken`."""
    plain = re.sub(r"\s+", " ", _FORBIDDEN.sub(" ", harmless(name))).strip(" '") or "-"
    there = {each.lower() for each in taken} | {"history"}
    number, unique = 1, _cut(plain, NAME)
    while unique.lower() in there:
        number += 1
        unique = f"{_cut(plain, NAME - len(str(number)) - 1)} {number}"
    return unique


def _cut(text: str, most: int) -> str:
    """The beginning of a text, at most so many UTF-16 units, by which Excel counts."""
    return text.encode("utf-16-le")[:2 * most].decode("utf-16-le", "ignore").strip(" '")


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

    def line(self, page: Any, row: int, right: int, text: str, width: float, **properties: Any) -> None:
        """Write a text across all columns; the row is made as high as the text needs."""
        style = self.style(text_wrap=True, **properties)
        shown = "\n".join(harmless(each) for each in text.split("\n"))[:TEXT]
        if right:
            page.merge_range(row, 0, row, right, "", style)
        page.write_string(row, 0, shown, style)
        page.set_row(row, height([text], [width], properties.get("font_size", 10) / 10))

    def head(self, page: Any, row: int, heads: Sequence[TableColumn], widths: Sequence[float]) -> None:
        """Write a table's head and set the columns' widths; on paper the head is repeated with all rows above it."""
        for i, (column, width) in enumerate(zip(heads, widths, strict=True)):
            page.set_column(i, i, width)
            self.put(page, row, i, column.label, bold=True, text_wrap=True, bg_color=HEAD, border=1, border_color=LINES,
                     **({"align": "center"} if column.kind == "number" else {"align": "left", "indent": 1}))
        page.set_row(row, height([column.label for column in heads], [width - 0.5 for width in widths]) + 2)
        page.repeat_rows(0, row)

    def finished(self) -> bytes:
        """The workbook's bytes."""
        self.file.close()
        return self._raw.getvalue()


def _run(text: str) -> str:
    """A text as part of a running title, where & begins a command."""
    return harmless(text)[:RUNNING].replace("&", "&&")


def widths(heads: Sequence[TableColumn], rows: Iterable[Sequence[str]]) -> list[float]:
    """Column widths: texts on one line up to a limit, headings and sentences broken."""
    found = [max(NARROW, *((wide(word) if word.isascii() else min(wide(word), 8)) * 1.1 + 1 for word in head.label.split()))
             for head in heads]
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
             least: Mapping[int, float] | None = None, hint: str = "", notes: Sequence[str] = ()) -> tuple[Any, TableArea]:
    """A sheet with one table: title, a hint, head, rows, notes; `formats` of columns, `styles` of rows, `least` widths of
    columns, `fixed` columns stay in sight.

    The sheet and where its table stands, for what is particular to it.
    """
    known, styled = formats or {}, styles or {}
    page = book.sheet(name)
    shown = [[_shown(value, known.get(i, "")) for i, value in enumerate(row)] for row in rows]
    wide_ = [max(width, (least or {}).get(i, 0.0)) for i, width in enumerate(widths(heads, shown))]
    heights = [height(row, wide_) for row in shown]
    right, total = len(heads) - 1, sum(wide_)
    book.line(page, 0, right, title, total, bold=True, font_size=14)
    top = 1
    for text, properties in ((book.running, {"bold": True, "font_color": WARM}), (hint, {})):
        if text:
            book.line(page, top, right, text, total, **properties)
            top += 1
    book.head(page, top, heads, wide_)
    for i, row in enumerate(rows, start=top + 1):
        page.set_row(i, heights[i - top - 1])
        for j, (value, column) in enumerate(zip(row, heads, strict=True)):
            style: dict[str, Any] = {"align": "right"} if column.kind == "number" else {"text_wrap": True, "align": "left"}
            style |= {"indent": 1, **({"num_format": known[j]} if j in known else {})}
            book.put(page, i, j, value, **{"border": 1, "border_color": LINES, **style, **styled.get(i - top - 1, {})})
    page.freeze_panes(top + 1, fixed)
    last = top + len(rows)
    for i, note in enumerate(notes, start=last + 2):
        book.line(page, i, right, note, total, font_size=9)
    return page, TableArea(top, top + 1, last, right, wide_, heights)
