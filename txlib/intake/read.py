"""Tables handed in, read from CSV and Excel into frames: what is faultless, and the fault of everything else."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from txlib.base.faults import Fault, Notice, Where
from txlib.base.files import LargeError, cause, raw_of
from txlib.base.text import comparable, half_width, tidied
from txlib.intake import tables
from txlib.intake.folders import exists, workbooks
from txlib.intake.sheets import limits
from txlib.intake.sheets.cells import Quantity
from txlib.intake.sheets.encodings import decoded
from txlib.intake.sheets.headers import AT, NOBODY, SERIAL, KnownNames, parted_by
from txlib.intake.sheets.lines import lines_below
from txlib.intake.sheets.opened import opened
from txlib.intake.sheets.row_cells import RowCells
from txlib.intake.sheets.totals import Columns, name_of, total_faults
from txlib.intake.sheets.units_of_measure import amount
from txlib.intake.sheets.workbook import HEADER_WITHIN, Appearing, Reading, headers_known, table
from txlib.intake.table import HandedRow, columns, wanted
from txlib.spreadsheet.cells import grid
from txlib.spreadsheet.grid import Cell, Grid
from txlib.spreadsheet.limits import FILE_BYTES, WorkbookError
from txlib.spreadsheet.package import Book, Sheet

NOTES = ("说明", "填表说明", "填报说明", "notes")
SHEET_NAME = 31  # signs that Excel gives a sheet's name


def sheet_of(title: str, category: str) -> str:
    """The name of the sheet that holds a category's table in a workbook of the year's folder: 实绩 towns_1."""
    return f"{title} {category}"[:SHEET_NAME]


def read_table(root: Path, folder: str, row: type[HandedRow], *, needed: bool = True, category: str = "",
               categories: Collection[str] = (), names: KnownNames = NOBODY) -> tuple[pd.DataFrame, list[Notice], list[str]]:
    """A table's rows from `<folder>/<table>.csv` and from every sheet of the folder's workbooks that holds it.

    Of a `category`, also from the sheets of the year's workbooks, in the folder above, that are named after the table and
    the category (`sheet_of`); `categories`: all codes that such a name may end with. `names`: whom names mean.
    The frame (columns of `columns(row)` and `file`: the CSV file, or the workbook with its sheet in brackets), the faults
    and remarks, and the files read. Where it is `needed`, a table without any file or rows is a fault. Rows with a fault are
    left out.
    """
    file, parts, files = f"{folder}/{row.table}.csv", [], []
    faults: list[Notice] = []
    if (root / file).is_symlink() or exists(root / file):
        frame, found = read_csv(root / file, file, row, needed=needed, names=names)
        parts.append(frame.assign(file=file))
        faults += found
        files = [] if {fault.code for fault in found} & {"file_unreadable", "table_missing"} else [file]
    above = folder.rpartition("/")[0]
    for place, of in ((folder, ""), *([(above, category)] if category else [])):
        for path in workbooks(root / place):
            frames, told = _workbook(path, f"{place}/{path.name}", of, row, categories, needed=needed, names=names)
            parts += frames
            faults += told
            files += [f"{place}/{path.name}"] if frames else []
    if needed and not files and not faults:
        faults = [_without(root, folder, row, category)]
    full = [frame for frame in parts if len(frame)]
    return (pd.concat(full, ignore_index=True) if full else pd.DataFrame(columns=[*columns(row), "file"])), faults, files


def _without(root: Path, folder: str, row: type[HandedRow], category: str) -> Fault:
    """A table that is nowhere: a sheet where workbooks are handed in, else the CSV file or a sheet."""
    above, title = folder.rpartition("/")[0], str(row.model_config["title"])
    if category and workbooks(root / above):
        return Fault.of("sheet_missing", f"{above}/*.xlsx", sheet=sheet_of(title, category))
    if workbooks(root / folder):
        return Fault.of("sheet_missing", f"{folder}/*.xlsx", sheet=title)
    meant = Where(part=f"{row.table}.csv / *.xlsx [{title}, {row.table}]")
    return Fault.of("table_missing", f"{folder}/{row.table}.csv", at=meant)


def read_units(root: Path, year: str, categories: Collection[str]) -> tuple[pd.DataFrame, list[Fault], list[str]]:
    """The units of a year whatever is wrong with other tables: their rows, the faults of this table, the files read."""
    frame, notices, files = read_table(root, f"data/{year}", tables.named()["units"], needed=False, categories=categories)
    elsewhere = ("sheet_unknown", "workbook_without_table")
    return frame, [each for each in notices if isinstance(each, Fault) and each.code not in elsewhere], files


def _workbook(path: Path, file: str, of: str, row: type[HandedRow], categories: Collection[str], *,
              needed: bool, names: KnownNames) -> tuple[list[pd.DataFrame], list[Notice]]:
    """The frames of a workbook's sheets that hold a table, and the faults of the workbook; of a workbook of the year that is
    looked into for a category, those of its sheets alone."""
    try:
        book = opened(raw_of(path, FILE_BYTES))
        sheets, unknown = _sheets(book, file, of, row, categories, names)
        frames, faults = [], list[Notice](unknown)
        for sheet in sheets:
            place = f"{file}[{sheet.name}]"
            if sheet.hidden:
                faults.append(Fault.of("sheet_locked_away" if sheet.locked_away else "sheet_hidden", place))
            reading = table(grid(book, sheet), place, wanted(row).knowing(names), names)
            frame, found = (rows_read(reading.rows, place, row, reading, needed=needed, names=names) if reading.rows
                            else (_none(row), []))
            frames.append(frame.assign(file=place))
            faults += [*reading.faults, *found]
        return frames, faults
    except WorkbookError as error:
        return [], [] if of else [Fault.of(error.code, file, **error.values)]
    except LargeError as error:
        return [], [] if of else [Fault.of("file_too_large", file, most=error)]
    except OSError as error:
        return [], [] if of else [Fault.of("file_unreadable", file, cause=cause(error), error=error.strerror or error)]


def _sheets(book: Book, file: str, of: str, row: type[HandedRow], categories: Collection[str],
            names: KnownNames) -> tuple[list[Sheet], list[Fault]]:
    """The sheets that hold a table: those of its name, or the only one that holds anything, by its header."""
    of_year, mine = row.of_year or bool(of), (row.table, of)
    home = {key: each for key, each in tables.named().items() if each.of_year == of_year} | ({} if of else {row.table: row})
    titles = {key: comparable(str(each.model_config["title"])) for key, each in home.items()}
    years_own = {} if of_year else {**_called(categories), **{comparable(str(each.model_config["title"])): (key, "") for key, each
                                                             in tables.named().items() if each.of_year}}
    called = {word: (key, "") for key, title in titles.items() for word in (key, title)}
    called |= _called(categories) if of_year else {}
    named = [(sheet, called.get(comparable(sheet.name).lower())) for sheet in book.sheets]
    if of:
        return [sheet for sheet, key in named if key == mine], []
    others = [sheet for sheet, key in named  # a sheet that no menu shows is a program's own, as WPS keeps one
              if not key and not sheet.locked_away and comparable(sheet.name).lower() not in NOTES]
    strange = [(sheet, cells) for sheet in others if (cells := grid(book, sheet, HEADER_WITHIN)).cells]
    fitting = list[str]()
    if len(strange) == 1 and not any(key for _, key in named):
        fitting = _fitting(strange[0][1], {**tables.named(), row.table: row}, names)
        if len(best := [key for key in fitting if key in home]) == 1:
            return ([strange[0][0]] if best[0] == row.table else []), []
    if any(comparable(sheet.name).lower() in years_own for sheet, _ in strange) and not any(key for _, key in named):
        return [], [Fault.of("workbook_of_year", file, folder=file.rpartition("/")[0].rpartition("/")[0])]
    right = {title: f"{title} ({key})" for key, title in titles.items()} | (_names_of_sheets(categories) if of_year else {})
    meant = [right[name] for key in fitting for name in ([titles[key]] if key in titles else _names_of_sheets(categories, key))
             if name in right]
    known = [f"{title} ({key})" for key, title in titles.items()]
    known += [*_names_of_sheets([*categories][:1]).values(), "…"] if of_year and categories else []
    faults = [Fault.of("sheet_unknown", f"{file}[{sheet.name}]", known=meant or _near(sheet.name, right) or known)
              for sheet, _ in strange]
    if not faults and not any(key for _, key in named):
        faults = [Fault.of("workbook_without_table", file, known=known)]
    return [sheet for sheet, key in named if key == mine], faults


def _fitting(cells: Grid, rows: Mapping[str, type[HandedRow]], names: KnownNames) -> list[str]:
    """The tables whose header a sheet's fits best; none where it fits none."""
    fit = {key: headers_known(cells, wanted(row).knowing(names))[1] for key, row in rows.items()}
    return [key for key, part in fit.items() if part and part == max(fit.values())]


def _near(name: str, right: Mapping[str, str]) -> list[str]:
    """The names, as they are told, that a sheet's may have been."""
    return [right[each] for each in get_close_matches(comparable(name), list(right), 4, 0.4)]


def _names_of_sheets(categories: Collection[str], table: str = "") -> dict[str, str]:
    """The names of sheets for categories' tables, or for one of these, in workbooks of the year, as they are compared and as they
    are told."""
    names = [sheet_of(str(row.model_config["title"]), code) for code in categories for key, row in tables.named().items()
             if not row.of_year and table in ("", key)]
    return {comparable(name): name for name in names}


def _called(categories: Collection[str]) -> dict[str, tuple[str, str]]:
    """The names of sheets for a category's tables in the workbooks of the year."""
    return {comparable(sheet_of(word, code)).lower(): (key, code) for code in categories for key, row in tables.named().items()
            if not row.of_year for word in (key, str(row.model_config["title"]))}


def _none(row: type[HandedRow]) -> pd.DataFrame:
    return pd.DataFrame(columns=columns(row))


def read_csv(path: Path, file: str, row: type[HandedRow], *, needed: bool = True,
             names: KnownNames = NOBODY) -> tuple[pd.DataFrame, list[Notice]]:
    """A table as a frame (columns of `columns(row)`), and its faults; rows with a fault are left out."""
    text, fault = text_of(path, file)
    if fault:
        return _none(row), [fault]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    numbered: list[tuple[int, list[str]]] = []
    try:
        start = 1
        for cells in reader:
            numbered.append((start, [tidied(cell) for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        return _none(row), [Fault.of("csv", file, reader.line_num, why=error)]
    held = [each for each in numbered if any(each[1])]
    if parted := parted_by(held[0][1] if held else [], wanted(row).knowing(names)):
        return _none(row), [Fault.of("csv_parted", file, held[0][0], kind=parted)]
    if many := limits.too_many(len(held), max((len(cells) for _, cells in held), default=0), file):
        return _none(row), [*many]
    cut = _cut_short(held, file)
    rows, wrong = _without_totals(held[:-1] if cut else held, file, row, names)
    frame, faults = rows_read(rows, file, row, needed=needed and not cut, names=names)
    return frame, [*faults, *wrong, *cut]


def _without_totals(numbered: list[tuple[int, list[str]]], file: str, row: type[HandedRow],
                    names: KnownNames) -> tuple[list[tuple[int, list[str]]], list[Fault]]:
    """Header and rows without those of totals, and the faults of these, as of a sheet that holds nothing but text."""
    sheet = Grid({line: {i: Cell("text", cell) for i, cell in enumerate(cells, 1) if cell} for line, cells in numbered})
    asked_for, head = wanted(row).knowing(names), numbered[0][0] if numbered else 0
    means = asked_for.columns({i: half_width(cell.text) for i, cell in sheet.cells.get(head, {}).items()})
    known = Columns.of(means, asked_for, names)
    lines = lines_below(sheet, head, known) if known.keys else []
    for line in lines:
        line.kind = "data" if line.kind == "note" else line.kind
        line.texts = {i: half_width(cell.text) for i, cell in line.cells.items()}
    left_out = {line.number for line in lines if line.kind == "total"}
    faults = list(total_faults(lines, known, file, sheet=False))
    return [each for each in numbered if each[0] not in left_out], faults


def _cut_short(numbered: list[tuple[int, list[str]]], file: str) -> list[Fault]:
    """A last row with fewer cells than the header, where not all rows are as short: the rest of the file may be gone."""
    widths = [len(cells) for _, cells in numbered]
    if len(widths) < 2 or widths[-1] >= widths[0] or (len(widths) > 2 and set(widths[1:]) == {widths[-1]}):
        return []
    line, cells = numbered[-1]
    return [Fault.of("row_cut_short", file, line, found=", ".join(cells), cells=len(cells), columns=widths[0])]


def text_of(path: Path, file: str) -> tuple[str, Fault | None]:
    """The text of a CSV file; empty with the fault where it has none."""
    try:
        raw = raw_of(path, limits.CSV_BYTES)
    except FileNotFoundError:
        return "", Fault.of("table_missing", file)
    except LargeError as error:
        return "", Fault.of("file_too_large", file, most=error)
    except OSError as error:
        return "", Fault.of("file_unreadable", file, cause=cause(error), error=error.strerror or error)
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "", Fault.of("not_csv", file)
    for fault in limits.too_large(raw, file):
        return "", fault
    text, wrong = decoded(raw)
    if wrong:
        return "", Fault.of(wrong, file)
    return text, None if text.strip() else Fault.of("file_empty", file)


def rows_read(numbered: list[tuple[int, list[str]]], file: str, row: type[HandedRow], sheet: Reading | None = None, *,
              needed: bool = True, names: KnownNames = NOBODY) -> tuple[pd.DataFrame, list[Notice]]:
    """Header and rows as a frame of validated rows, and the faults of all of them; with the cells' names for a `sheet`.

    A header alone says that there is nothing to report; a fault where the table is `needed`.
    """
    if not numbered:
        return _none(row), [Fault.of("file_empty", file)]
    (line, header), *body = numbered
    means, unknown = _header(header, file, line, row, names, sheet=sheet is not None)
    if unknown:
        return _none(row), list[Notice](unknown)
    if not body:
        return _none(row), [Fault.of("no_rows", file, line)] if needed and not (sheet and sheet.faults) else []
    good: list[dict[str, Any]] = []
    faults: list[Notice] = []
    for line, cells in body:
        stray = [i for i, cell in enumerate(cells) if cell and i not in means]
        if stray:
            at = Where(cell=name_of(stray[0] + 1, line) if sheet else "")
            faults.append(Fault.of("cells_beyond_header", file, line, at, found=", ".join(cells[i] for i in stray)))
            continue
        handed = RowCells(file, line, {name: cells[i] if i < len(cells) else "" for i, name in means.items() if name != SERIAL},
                          {name: name_of(i + 1, line) for i, name in means.items()} if sheet else {})
        faults += handed.contradictions(names)
        for each in handed.rows(row.along, names):
            try:
                good.append({**dict(row.model_validate(each.cells)), "line": line})
            except ValidationError as error:
                faults += [_cell_fault(found, each, row, names) for found in error.errors(include_url=False)]
    frame = pd.DataFrame(good, columns=columns(row))
    return (_measured(frame, row, sheet) if sheet else frame), faults


def _measured(frame: pd.DataFrame, row: type[HandedRow], sheet: Reading) -> pd.DataFrame:
    """A frame whose quantities know the units that their sheet tells."""
    known: dict[str, list[Quantity]] = {}
    for name in wanted(row).measured:
        codes = frame["indicator"] if row.along == name else [""] * len(frame)
        headers = (next((each for each in (f"{name}{AT}{code}", name) if each in sheet.units), name) for code in codes)
        known[name] = [_beside(cell, sheet, header, line)
                       for cell, header, line in zip(frame[name], headers, frame["line"], strict=True)]
    return frame.assign(**known)


def _beside(cell: Quantity, sheet: Reading, name: str, line: int) -> Quantity:
    """A quantity with the units that its sheet tells, and what its cell shows else."""
    beside = sheet.beside.get((line, name), Appearing())
    return cell._replace(units=sheet.units.get(name, ()), around=sheet.around, beside=beside.words, shown=beside.shown)


def _header(header: list[str], file: str, line: int, row: type[HandedRow], names: KnownNames, *,
            sheet: bool) -> tuple[dict[int, str], list[Fault]]:
    """What the columns mean, by their position."""
    texts = {i: half_width(cell) for i, cell in enumerate(header) if cell}
    means = wanted(row).knowing(names).columns(texts)
    wide, faults, near = any(AT in name for name in means.values()), [], limits.asking(wanted(row).known)
    for i, name in means.items():
        if name == "":
            at = Where(cell=name_of(i + 1, line) if sheet else "")
            faults.append(Fault.of("column_unknown", file, line, at, found=texts[i], near=near(texts[i]),
                                   known=[f"{field.title} {key}" for key, field in row.model_fields.items()]))
    for name in dict.fromkeys(each for each in means.values() if AT in each):
        if list(means.values()).count(name) > 1:
            faults.append(Fault.of("column_twice", file, line, found=name.partition(AT)[2]))
    for name, field in row.model_fields.items():
        if list(means.values()).count(name) > 1:
            faults.append(Fault.of("column_twice", file, line, found=f"{field.title} {name}"))
        if field.is_required() and name not in means.values() and not (wide and name == "indicator"):
            faults.append(Fault.of("column_missing", file, line, column=f"{field.title} {name}"))
    return means, faults


def _cell_fault(error: Any, handed: RowCells, row: type[HandedRow], names: KnownNames) -> Fault:
    name = str(error["loc"][0])
    field = row.model_fields[name]
    code = error["type"] if error["type"].startswith("cell_") else "cell_empty"
    at = Where(cell=handed.places.get(name, ""), column=name, title=str(field.title))
    values, found, unit = error.get("ctx", {}), error.get("input", ""), names.measured.get(handed.cells.get("indicator", ""), "")
    if code == "cell_number" and unit and name in wanted(row).measured and (meant := amount(found, unit)) is not None:
        code, values = "cell_amount" if meant else "cell_other_unit", {"unit": unit, "meant": meant}
    row_of = {f"row_{key}": handed.cells[key] for key in ("unit", "indicator") if handed.cells.get(key)}
    return Fault.of(code, handed.file, handed.line, at, found=found, **values, **row_of)
