"""Cells as another program reads them, and their letters."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest
from workbooks import SAME, named, raw_of
from xlsxwriter.utility import xl_col_to_name

from txlib.spreadsheet import cells, grid, number_formats, package

pytestmark = pytest.mark.quick


@pytest.mark.parametrize("case", [{}, *SAME], ids=["the good one", *named(SAME)])
def test_another_program_reads_the_same_cells(case: dict[str, Any]) -> None:
    """openpyxl, opened for formulas and for values, holds in every cell what the reader of ours holds."""
    raw = raw_of(case.get("name", ""))
    book = package.opened(raw)
    values, formulas = (openpyxl.load_workbook(io.BytesIO(raw), data_only=data_only) for data_only in (True, False))
    for sheet in book.sheets:
        ours = {(r, c): cell for r, row in cells.grid(book, sheet).cells.items() for c, cell in row.items()}
        theirs = {(cell.row, cell.column): cell for row in values[sheet.name].iter_rows() for cell in row
                  if cell.value is not None or formulas[sheet.name][cell.coordinate].value is not None}
        assert ours.keys() == theirs.keys()
        for place, cell in ours.items():
            assert cell.text == as_text(theirs[place].value), (place, cell)
            assert cell.format == theirs[place].number_format or cell.kind == "date"


def as_text(value: object) -> str:
    """A value of openpyxl's as we write it."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return number_formats.decimal(value) if isinstance(value, float | int) else str(value or "")


@pytest.mark.parametrize("column", [1, 26, 27, 52, 702, 703, 16384])
def test_columns_have_their_letters(column: int) -> None:
    assert grid.letters(column) == xl_col_to_name(column - 1)
    assert grid.area(f"{grid.letters(column)}7").left == column
