"""The tables that rows of a sheet are marked as: each is a part of its own, with a filter and a style."""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from txlib.spreadsheet.archive import related, xml
from txlib.spreadsheet.limits import Contents, WorkbookError
from txlib.spreadsheet.package import Book, Sheet, damaged


class SheetTables(NamedTuple):
    """Whether a table of a sheet has a filter set; whether one has a style, which may give a ground that no cell tells of."""

    filtered: bool
    styled: bool


def tables_of(book: Book, sheet: Sheet) -> SheetTables:
    """What the tables of a sheet, each a part of its own, do to its rows; where that cannot be read, they may have a style."""
    tally = Contents()
    with suppress(WorkbookError), damaged():
        kinds = related(book.archive, sheet.part, tally).values()
        found = [xml(book.archive, path, tally) for kind, path in kinds if kind == "table"]
        styles = [each.get("name") for table in found for each in table.iterfind("{*}tableStyleInfo")]
        return SheetTables(any(table.find(".//{*}filterColumn") is not None for table in found), any(styles) or not found)
    return SheetTables(filtered=False, styled=True)
