"""Workbooks as departments hand them in: a good sheet, and what a case of cases/workbooks.yaml does to it."""

from __future__ import annotations

import csv
import datetime
import io
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import xlsxwriter
import yaml
from xlsxwriter.utility import xl_cell_to_rowcol

from txlib.base.faults import Fault
from txlib.intake import tables
from txlib.intake.read import read_csv, read_table

HERE = Path(__file__).parent / "cases"
CASES = yaml.safe_load((HERE / "workbooks.yaml").read_text(encoding="utf-8"))
GOOD = HERE / "workbook_good.csv"  # a year's observations as they were handed in once: cases name its cells
Rows = list[list[Any]]
FOLDER, FILE = "data/2020/towns_1", "data/2020/towns_1/finance.xlsx"
SAME = [case for case in CASES if "faults" not in case]
REFUSED = [case for case in CASES if "faults" in case]


def good(path: Path = GOOD) -> Rows:
    """A real table as a sheet's rows: numbers as numbers, the rest as text."""
    told = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    return [[float(cell) if re.fullmatch(r"-?\d+(\.\d+)?", cell) else cell for cell in row] for row in told]


def total(rows: Rows, told: dict[str, Any]) -> float:
    """The number that a case asks for as the sum or mean of a range, or the sum over an indicator."""
    if "sum_of" in told:
        picked = [row[3] for row in rows if row[1] == told["sum_of"]]
    else:
        (top, column), (bottom, _) = (xl_cell_to_rowcol(end) for end in (told.get("sum") or told["mean"]).split(":"))
        picked = [row[column] for row in rows[top:bottom + 1] if len(row) > column]
    worths = [Decimal(str(each)) for each in picked if isinstance(each, float | int)]
    share = len(worths) if "mean" in told else 1
    worth = float(sum(worths, Decimal(0)) / share)
    return (round(worth, told["rounded"]) if "rounded" in told else worth) + told.get("plus", 0)


def laid_out(rows: Rows, case: dict[str, Any]) -> Rows:
    """The rows of a case's sheet: the good ones with what the case does to them."""
    clean = [list(row) for row in rows]
    rows = [list(row) for row in rows[:case.get("keep")]]
    for place, cell in case.get("cells", {}).items():
        row, column = xl_cell_to_rowcol(place)
        rows[row] += [""] * (column + 1 - len(rows[row]))
        rows[row][column] = cell
    rows[0] = case.get("header", rows[0])
    for extra in (each for block in [*case.get("insert", {}).values(), case.get("append", [])] for each in block):
        for i, cell in enumerate(extra):
            if isinstance(cell, dict) and {"sum", "sum_of", "mean"} & set(cell):
                extra[i] = {"formula": cell.get("formula"), "value": total(clean, cell), "number": total(clean, cell)}
    for row, extra in sorted(case.get("insert", {}).items()):
        rows[row - 1:row - 1] = extra
    rows = [*case.get("titles", []), *rows, *case.get("append", [])]
    if "order" in case:
        rows = [[row[i] for i in case["order"]] for row in rows]
    return [[""] * case.get("shift", 0) + row for row in rows]


def written_book(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """A workbook with these sheets."""
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    del book["Sheet"]
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


FONTS = {"struck": {"font_strikeout": True}, "raised": {"font_script": 1}, "lowered": {"font_script": 2}, "bold": {"bold": True}}


def write(sheet: Any, book: Any, row: int, column: int, cell: Any) -> None:
    """One cell as a case tells it."""
    told = cell if isinstance(cell, dict) else {"number" if isinstance(cell, float | int) else "text": cell}
    shape = book.add_format({"num_format": told.get("format", "General")}) if "format" in told else None
    if told.get("formula"):
        sheet.write_formula(row, column, told["formula"], shape, told.get("value", 0))
    elif "blank" in told:
        sheet.write_blank(row, column, None, book.add_format({"num_format": told["blank"]}))
    elif "boolean" in told:
        sheet.write_boolean(row, column, told["boolean"])
    elif "date" in told:
        day = datetime.datetime.fromisoformat(told["date"])
        sheet.write_datetime(row, column, day, book.add_format({"num_format": "yyyy\"年\"m\"月\"d\"日\""}))
    elif "built_in" in told:
        sheet.write_number(row, column, told["number"], book.add_format({"num_format": told["built_in"]}))
    elif "rich" in told:
        pieces = [(None, each) if isinstance(each, str) else next(iter(each.items())) for each in told["rich"]]
        sheet.write_rich_string(row, column, *(part for mark, text in pieces
                                               for part in ([book.add_format(FONTS[mark])] if mark else []) + [text]))
    elif set(told) & {"struck", "raised"}:
        mark, text = next(iter(told.items()))
        sheet.write(row, column, text, book.add_format(FONTS[mark]))
    elif "number" in told:
        sheet.write_number(row, column, told["number"], shape)
    elif told["text"]:
        sheet.write_string(row, column, told["text"], shape)


def made(rows: Rows, case: dict[str, Any]) -> bytes:
    """The workbook of a case."""
    raw = io.BytesIO()
    book = xlsxwriter.Workbook(raw, case.get("options", {}))
    sheet = book.add_worksheet(case.get("sheet", "实绩"))
    grid = laid_out(rows, case)
    merged = {}
    for area in case.get("merge", []):
        (top, left), (bottom, right) = (xl_cell_to_rowcol(end) for end in area.split(":"))
        merged |= {(r, c): (top, left) for r in range(top, bottom + 1) for c in range(left, right + 1)}
        sheet.merge_range(top, left, bottom, right, "")
    for r, row in enumerate(grid):
        for c, cell in enumerate(row):
            if merged.get((r, c), (r, c)) == (r, c):
                write(sheet, book, r, c, cell)
    for place, text in case.get("covered", {}).items():
        sheet.write_string(*xl_cell_to_rowcol(place), text)
    if "table" in case:
        marked(sheet, grid, case["table"])
    dress(sheet, case)
    for name, rows_told in case.get("sheets", {}).items():
        other = book.add_worksheet(name)
        for r, row in enumerate(rows_told):
            other.write_row(r, 0, row)
        if case.get("hide", {}).get("sheet"):
            other.activate()
            other.set_first_sheet()
    book.close()
    return raw.getvalue()


def marked(sheet: Any, grid: Rows, told: dict[str, Any]) -> None:
    """Make a table of the rows, as Excel does: with its filter, and below them the row of totals that it can show."""
    columns: list[dict[str, Any]] = [{"header": str(cell)} for cell in grid[0]]
    for column, function in told.get("totals", {}).items():
        i = xl_cell_to_rowcol(f"{column}1")[1]
        worths = [Decimal(str(row[i])) for row in grid[1:] if isinstance(row[i], float | int)]
        worth = sum(worths, Decimal(0)) if function == "sum" else sum(bool(row[i]) for row in grid[1:])
        columns[i] |= {"total_function": function, "total_value": float(worth) + told.get("plus", 0)}
    if "totals" in told:
        columns[0]["total_string"] = told["label"]
    sheet.add_table(0, 0, len(grid) - 1 + ("totals" in told), len(columns) - 1,
                    {"name": "实绩", "columns": columns, "total_row": "totals" in told})


def dress(sheet: Any, case: dict[str, Any]) -> None:
    """What a case hides, filters and protects."""
    hide = case.get("hide", {})
    if "filter" in case:
        sheet.autofilter(case["filter"])
    for column, rule in case.get("filter_column", {}).items():
        sheet.filter_column(column, rule)
    for row in hide.get("rows", []):
        sheet.set_row(row - 1, options={"hidden": True})
    for row, height in case.get("heights", {}).items():
        sheet.set_row(row - 1, height)
    for column in hide.get("columns", []):
        sheet.set_column(f"{column}:{column}", options={"hidden": True})
    if "sheet" in hide:
        sheet.hide()
    if "protect" in case:
        sheet.protect(case["protect"])


@cache
def raw_of(name: str) -> bytes:
    """The workbook of a case, made once for all tests; without a name the good one."""
    return made(good(), next((case for case in CASES if case["name"] == name), {}))


def named(cases: list[dict[str, Any]]) -> list[str]:
    return [case["name"].rpartition(" / ")[2] for case in cases]


def handed_in(root: Path, raw: bytes, name: str = "finance.xlsx") -> tuple[pd.DataFrame, list[Fault], list[str]]:
    """What is read where this workbook is all that was handed in."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(raw)
    return read_table(root, FOLDER, tables.ObservationRow)


def worth(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What a frame says, without places and the way a percent was written."""
    told = []
    for row in frame.itertuples():
        numbers = [(cell.number, cell.applies) for cell in (row.value, row.target, row.last_year)]
        told.append((row.unit, row.indicator, row.period, *numbers, row.status, row.note))
    return told


@cache
def as_read() -> pd.DataFrame:
    """The good table as CSV is read; not to be changed."""
    frame, faults = read_csv(GOOD, "observations.csv", tables.ObservationRow)
    assert not faults and len(frame) == 240
    return frame
