"""Tables handed in, read from CSV and Excel into frames: what is faultless, and the fault of everything else."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from txlib.base.faults import Fault, Notice, Where, asked
from txlib.base.text import comparable, half_width, tidied
from txlib.intake import tables
from txlib.intake.cells import Quantity
from txlib.intake.folders import workbooks
from txlib.intake.lines import name_of
from txlib.intake.table import HandedRow, columns, wanted
from txlib.intake.workbook import HEADER_WITHIN, Beside, Reading, bare, headers_known, table
from txlib.spreadsheet.cells import grid
from txlib.spreadsheet.package import Book, Sheet, WorkbookError, opened

NOTES = ("说明", "填表说明", "填报说明", "notes")
SHEET_NAME = 31  # signs that Excel gives a sheet's name
_opened = lru_cache(64)(opened)  # a department's workbook of the year is looked into for every table of every category


def sheet_of(title: str, category: str) -> str:
    """The name of the sheet that holds a category's table in a workbook of the year's folder: 实绩 towns_1."""
    return f"{title} {category}"[:SHEET_NAME]


def read_table(root: Path, folder: str, row: type[HandedRow], *, needed: bool = True, category: str = "",
               categories: Collection[str] = ()) -> tuple[pd.DataFrame, list[Notice], list[str]]:
    """A table's rows from `<folder>/<table>.csv` and from every sheet of the folder's workbooks that holds it.

    Of a `category`, also from the sheets of the year's workbooks, in the folder above, that are named after the table and
    the category (`sheet_of`); `categories`: all codes that such a name may end with.
    The frame (columns of `columns(row)` and `file`: the CSV file, or the workbook with its sheet in brackets), the faults
    and remarks, and the files read. Where it is `needed`, a table without any file or rows is a fault. Rows with a fault are
    left out.
    """
    file, parts, files = f"{folder}/{row.table}.csv", [], []
    faults: list[Notice] = []
    if (root / file).is_symlink() or _exists(root / file):
        frame, found = read_csv(root / file, file, row, needed=needed)
        parts.append(frame.assign(file=file))
        faults += found
        files = [] if {fault.code for fault in found} & {"file_unreadable", "file_missing"} else [file]
    above = folder.rpartition("/")[0]
    for place, of in ((folder, ""), *([(above, category)] if category else [])):
        for path in workbooks(root / place):
            frames, told = _workbook(path, f"{place}/{path.name}", of, row, categories, needed=needed)
            parts += frames
            faults += told
            files += [f"{place}/{path.name}"] if frames else []
    if needed and not files and not faults:
        meant = Where(part=f"{row.table}.csv / *.xlsx [{row.model_config['title']}, {row.table}]")
        faults = [Fault.of("file_missing", file, at=meant)]
    full = [frame for frame in parts if len(frame)]
    names = [*columns(row), "file"]
    return (pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=names)), faults, files


def _exists(path: Path) -> bool:
    """Whether there is such a file; in a folder that cannot be entered there is none, and that is told of the folder."""
    try:
        return path.exists()
    except OSError:
        return False


def _workbook(path: Path, file: str, of: str, row: type[HandedRow], categories: Collection[str], *,
              needed: bool) -> tuple[list[pd.DataFrame], list[Notice]]:
    """The frames of a workbook's sheets that hold a table, and the faults of the workbook; of a workbook of the year that is
    looked into for a category, those of its sheets alone."""
    try:
        book = _opened(path.read_bytes())
        sheets, unknown = _sheets(book, file, of, row, categories)
        frames, faults = [], list[Notice](unknown)
        for sheet in sheets:
            place = f"{file}[{sheet.name}]"
            if sheet.hidden:
                faults.append(Fault.of("sheet_locked_away" if sheet.locked_away else "sheet_hidden", place))
            reading = table(grid(book, sheet), place, wanted(row))
            frame, found = rows_read(reading.rows, place, row, reading, needed=needed) if reading.rows else (_none(row), [])
            frames.append(frame.assign(file=place))
            faults += [*reading.faults, *found]
        return frames, faults
    except WorkbookError as error:
        return [], [] if of else [Fault.of(error.code, file)]
    except OSError as error:
        return [], [] if of else [Fault.of("file_unreadable", file, found=error.strerror or error)]


def _sheets(book: Book, file: str, of: str, row: type[HandedRow], categories: Collection[str]) -> tuple[list[Sheet], list[Fault]]:
    """The sheets that hold a table: those of its name, or the only one that holds anything, by its header."""
    of_year, mine = row.of_year or bool(of), (row.table, of)
    home = {key: each for key, each in tables.named().items() if each.of_year == of_year} | ({} if of else {row.table: row})
    titles = {key: comparable(str(each.model_config["title"])) for key, each in home.items()}
    called = {word: (key, "") for key, title in titles.items() for word in (key, title)}
    called |= _called(categories) if of_year else {}
    named = [(sheet, called.get(comparable(sheet.name).lower())) for sheet in book.sheets]
    if of:
        return [sheet for sheet, key in named if key == mine], []
    others = [sheet for sheet, key in named  # a sheet that no menu shows is a program's own, as WPS keeps one
              if not key and not sheet.locked_away and comparable(sheet.name).lower() not in NOTES]
    strange = [(sheet, cells) for sheet in others if (cells := grid(book, sheet, HEADER_WITHIN)).cells]
    if len(strange) == 1 and not any(key for _, key in named):
        fitting = {key: headers_known(strange[0][1], wanted(each))[1] for key, each in home.items()}
        best = max(fitting, key=lambda key: fitting[key])
        if fitting[best]:
            return ([strange[0][0]] if best == row.table else []), []
    known = ", ".join(f"{title} ({key})" for key, title in titles.items())
    faults = [Fault.of("sheet_unknown", f"{file}[{sheet.name}]", known=known) for sheet, _ in strange]
    if not faults and not any(key for _, key in named):
        faults = [Fault.of("workbook_without_table", file, known=known)]
    return [sheet for sheet, key in named if key == mine], faults


def _called(categories: Collection[str]) -> dict[str, tuple[str, str]]:
    """The names of sheets for a category's tables in the workbooks of the year."""
    return {comparable(sheet_of(word, code)).lower(): (key, code) for code in categories for key, row in tables.named().items()
            if not row.of_year for word in (key, str(row.model_config["title"]))}


def _none(row: type[HandedRow]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns(row))


def read_csv(path: Path, file: str, row: type[HandedRow], *, needed: bool = True) -> tuple[pd.DataFrame, list[Fault]]:
    """A table as a frame (columns of `columns(row)`), and its faults; rows with a fault are left out."""
    text, fault = decoded(path, file)
    if text is None:
        return _none(row), [fault] if fault else []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    numbered: list[tuple[int, list[str]]] = []
    try:
        start = 1
        for cells in reader:
            numbered.append((start, [tidied(cell) for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        return _none(row), [Fault.of("csv", file, reader.line_num, found=error)]
    return rows_read([each for each in numbered if any(each[1])], file, row, needed=needed)


def decoded(path: Path, file: str) -> tuple[str | None, Fault | None]:
    """The text of a CSV file: UTF-8 with or without BOM, else GBK (GB18030); None with the fault where it is neither."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None, Fault.of("file_missing", file)
    except OSError as error:
        return None, Fault.of("file_unreadable", file, found=error.strerror or error)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return None, Fault.of("not_csv", file)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return (text, None) if text.strip() else (None, Fault.of("file_empty", file))
    return None, Fault.of("encoding_unknown", file)


def rows_read(numbered: list[tuple[int, list[str]]], file: str, row: type[HandedRow], sheet: Reading | None = None, *,
              needed: bool = True) -> tuple[pd.DataFrame, list[Fault]]:
    """Header and rows as a frame of validated rows, and the faults of all of them; with the cells' names for a `sheet`.

    A header alone says that there is nothing to report; a fault where the table is `needed`.
    """
    if not numbered:
        return _none(row), [Fault.of("file_empty", file)]
    (line, header), *body = numbered
    names, faults = _header(header, file, line, row)
    if faults:
        return _none(row), faults
    if not body:
        return _none(row), [Fault.of("no_rows", file, line)] if needed and not (sheet and sheet.faults) else []
    good: list[dict[str, Any]] = []
    for line, cells in body:
        stray = [i for i, cell in enumerate(cells) if cell and not (i < len(names) and names[i] != "")]
        if stray:
            at = Where(cell=name_of(stray[0] + 1, line) if sheet else "")
            faults.append(Fault.of("cells_beyond_header", file, line, at, found=", ".join(cells[i] for i in stray)))
            continue
        row_cells = {name: cell for name, cell in zip(names, cells, strict=False) if name}
        row_cells.update({name: "" for name in names[len(cells):] if name})
        try:
            good.append({**dict(row.model_validate(row_cells)), "line": line})
        except ValidationError as error:
            faults += [_cell_fault(each, file, line, row, names if sheet else []) for each in error.errors(include_url=False)]
    frame = pd.DataFrame(good, columns=columns(row))
    return (_measured(frame, row, sheet) if sheet else frame), faults


def _measured(frame: pd.DataFrame, row: type[HandedRow], sheet: Reading) -> pd.DataFrame:
    """A frame whose quantities know the units that their sheet tells."""
    known = {name: [_beside(cell, sheet, name, sheet.beside.get((at, name), Beside()))
                    for at, cell in zip(frame["line"], frame[name], strict=True)] for name in wanted(row).measured}
    return frame.assign(**known)


def _beside(cell: Quantity, sheet: Reading, name: str, beside: Beside) -> Quantity:
    """A quantity with the units that its sheet tells, and what its cell shows else."""
    return cell._replace(units=sheet.units.get(name, ()), around=sheet.around, beside=beside.words, shown=beside.shown)


def _header(header: list[str], file: str, line: int, row: type[HandedRow]) -> tuple[list[str | None], list[Fault]]:
    """The columns' names, None for one whose header stands in brackets: it is for the eye, (单位名称) beside a code."""
    header = [half_width(cell) for cell in header]
    known = {**{name: name for name in row.model_fields}, **{str(f.title): name for name, f in row.model_fields.items()}}
    names = [None if cell and not bare(cell) and cell[1:-1] not in known else known.get(cell, "") for cell in header]
    faults = []
    for cell, name in zip(header, names, strict=True):
        if cell and name == "":
            faults.append(Fault.of("column_unknown", file, line, found=cell, near=asked(cell, known),
                                   known=", ".join(row.model_fields)))
    for name, field in row.model_fields.items():
        if names.count(name) > 1:
            faults.append(Fault.of("column_twice", file, line, found=f"{field.title} {name}"))
        if field.is_required() and name not in names:
            faults.append(Fault.of("column_missing", file, line, column=f"{field.title} {name}"))
    return names, faults


def _cell_fault(error: Any, file: str, line: int, row: type[HandedRow], names: list[str | None]) -> Fault:
    name = str(error["loc"][0])
    field = row.model_fields[name]
    code = error["type"] if error["type"].startswith("cell_") else "cell_empty"
    cell = name_of(names.index(name) + 1, line) if name in names else ""
    at = Where(cell=cell, column=name, title=str(field.title))
    return Fault.of(code, file, line, at, found=error.get("input", ""), **error.get("ctx", {}))
