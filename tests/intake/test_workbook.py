"""Workbooks handed in: every mess is read to the same result as the good sheet, or refused with its cell; never in between."""

from __future__ import annotations

import datetime
import io
import random
import re
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import from_excel
from workbooks import CASES, GOOD, Rows, good, made
from xlsxwriter.utility import xl_col_to_name

from txlib.base.faults import Fault
from txlib.base.fields import Text
from txlib.intake import read, tables
from txlib.intake.cells import Quantity, unit_faults
from txlib.intake.read import read_csv, read_table
from txlib.intake.table import columns
from txlib.spreadsheet import cells as grids
from txlib.spreadsheet import number_formats as formats
from txlib.spreadsheet import package as xlsx

pytestmark = pytest.mark.quick
FOLDER, FILE = "data/2020/towns_1", "data/2020/towns_1/finance.xlsx"


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


@pytest.fixture(scope="module")
def rows() -> Rows:
    return good()


@pytest.fixture(scope="module")
def clean() -> pd.DataFrame:
    frame, faults = read_csv(GOOD, "observations.csv", tables.ObservationRow)
    assert not faults and len(frame) == 240
    return frame


# ── one mess at a time ──────────────────────────────────────────────────────────────────────────────────────────────

SAME = [case for case in CASES if "faults" not in case]
REFUSED = [case for case in CASES if "faults" in case]


@cache
def raw_of(name: str) -> bytes:
    """The workbook of a case, made once for all tests; without a name the good one."""
    return made(good(), next((case for case in CASES if case["name"] == name), {}))


def named(cases: list[dict[str, Any]]) -> list[str]:
    return [case["name"].rpartition(" / ")[2] for case in cases]


@pytest.mark.parametrize("case", [{}, *SAME], ids=["the good one", *named(SAME)])
def test_it_is_read_to_the_same_result(case: dict[str, Any], clean: pd.DataFrame, tmp_path: Path) -> None:
    frame, faults, files = handed_in(tmp_path, raw_of(case.get("name", "")))
    assert not faults, [fault.message("en") for fault in faults]
    assert files == [FILE]
    want = clean.copy()
    for line, cells in case.get("differs", {}).items():
        for name, value in cells.items():
            at = want.index[want["line"] == line][0]
            want.at[at, name] = Quantity(value) if isinstance(value, float) else value
    assert worth(frame) == worth(want)
    percent = [line for line, cell in zip(clean["line"], frame["value"], strict=True) if cell.percent]
    assert percent == case.get("percent", [])
    assert set(frame["file"]) == {f"{FILE}[{case.get('sheet', '实绩')}]"}


@pytest.mark.parametrize("case", REFUSED, ids=named(REFUSED))
def test_it_is_refused_with_its_cell(case: dict[str, Any], tmp_path: Path) -> None:
    _, faults, _ = handed_in(tmp_path, raw_of(case["name"]))
    wanted = [each for each in case["faults"] for _ in range(each.get("times", 1))]
    assert sorted(f.code for f in faults) == sorted(each["kind"] for each in wanted), [f.message("en") for f in faults]
    for each in case["faults"]:
        mine = [f for f in faults if f.code == each["kind"]]
        at, cell = each.get("at"), re.match(r"[A-Z]+(\d+)", each.get("at", ""))
        assert any(at in (None, f.where) or at in (f.where.split()[0] if f.where else "") or at in f.file for f in mine), mine
        assert any(f.line == (int(cell[1]) if cell else each.get("line", f.line)) for f in mine), mine
        for lang in ("zh", "en"):
            assert any(each.get("says", "") in f.message(lang) for f in mine), [f.message(lang) for f in mine]
    for fault in faults:
        assert fault.file.startswith(FILE)
        for lang in ("zh", "en"):
            assert fault.file in fault.message(lang) and "\n" not in fault.message(lang)


def test_every_table_of_observations_is_the_same_as_a_workbook(root: Path, tmp_path: Path) -> None:
    for path in sorted((root / "data").glob("*/*/observations.csv")):
        want, faults = read_csv(path, path.name, tables.ObservationRow)
        frame, found, _ = handed_in(tmp_path, made(good(path), {}))
        assert not faults and not found and worth(frame) == worth(want), path


def test_a_row_with_a_fault_is_left_out_and_the_others_are_read(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    case = {"cells": {"D2": {"boolean": True}, "D4": "约8"}}
    frame, faults, _ = handed_in(tmp_path, made(rows, case))
    assert [fault.line for fault in faults] == [2, 4]
    assert list(frame["line"]) == [line for line in clean["line"] if line not in (2, 4)]


def test_there_are_cases_enough_and_each_has_its_own_name() -> None:
    assert len(CASES) >= 70 and len(set(named(CASES))) == len(CASES)
    kinds = {each["kind"] for case in REFUSED for each in case["faults"]}
    assert len(kinds) >= 20


@pytest.mark.parametrize("case", [{}, *SAME], ids=["the good one", *named(SAME)])
def test_another_program_reads_the_same_cells(case: dict[str, Any]) -> None:
    """openpyxl, opened for formulas and for values, holds in every cell what the reader of ours holds."""
    raw = raw_of(case.get("name", ""))
    book = xlsx.opened(raw)
    values, formulas = (openpyxl.load_workbook(io.BytesIO(raw), data_only=data_only) for data_only in (True, False))
    for sheet in book.sheets:
        ours = {(r, c): cell for r, row in grids.grid(book, sheet).cells.items() for c, cell in row.items()}
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
    return formats.decimal(value) if isinstance(value, float | int) else str(value or "")


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def encrypted(raw: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + raw


def repacked(raw: bytes, change: Callable[[str, bytes], bytes | None], **extra: bytes) -> bytes:
    """A workbook with its parts changed; None takes a part away."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name, part in extra.items():
            new.writestr(name, part)
    return out.getvalue()


def without(part: str) -> Callable[[bytes], bytes]:
    return lambda raw: repacked(raw, lambda name, data: None if name == part else data)


def garbled(raw: bytes) -> bytes:
    return repacked(raw, lambda name, data: data[:2000] if name.endswith("sheet1.xml") else data)


def misplaced(raw: bytes) -> bytes:
    return repacked(raw, lambda name, data: data.replace(b'<c r="D5"', b'<c r="D6"') if "sheet1" in name else data)


def with_entities(raw: bytes) -> bytes:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    return repacked(raw, lambda name, data: data.replace(b"<worksheet", bomb + b"<worksheet", 1) if "sheet1" in name else data)


def unstyled(name: str, data: bytes) -> bytes:
    if "styles" in name:
        return re.sub(rb"<cellXfs.*</cellXfs>", b"<cellXfs><xf/></cellXfs>", data)
    return data.replace(b"<c ", b'<c s="7" ')


FILES = {
    "zero bytes": (lambda raw: b"", "finance.xlsx", "file_empty"),
    "cut short": (lambda raw: raw[:len(raw) // 2], "finance.xlsx", "workbook_damaged"),
    "its last byte missing": (lambda raw: raw[:-1], "finance.xlsx", "workbook_damaged"),
    "a sheet cut short": (garbled, "finance.xlsx", "workbook_damaged"),
    "a sheet missing": (without("xl/worksheets/sheet1.xml"), "finance.xlsx", "workbook_damaged"),
    "its texts missing": (without("xl/sharedStrings.xml"), "finance.xlsx", "workbook_damaged"),
    "a cell in the wrong row": (misplaced, "finance.xlsx", "workbook_damaged"),
    "bytes flipped": (lambda raw: raw[:3000] + bytes(60) + raw[3060:], "finance.xlsx", "workbook_damaged"),
    "entities that explode": (with_entities, "finance.xlsx", "workbook_damaged"),
    "an empty style sheet": (lambda raw: repacked(raw, unstyled), "finance.xlsx", "workbook_damaged"),
    "a password": (encrypted, "finance.xlsx", "workbook_protected"),
    "the old format": (lambda raw: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "finance.xls", "workbook_old"),
    "the old format renamed": (lambda raw: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "finance.xlsx", "workbook_old"),
    "a web page": (lambda raw: b"<html><table><tr><td>1</td></tr></table></html>", "finance.xls", "not_workbook"),
    "CSV named xlsx": (lambda raw: b"unit,indicator\n", "finance.xlsx", "not_workbook"),
    "another zip": (lambda raw: repacked(raw, lambda name, data: None, **{"a.txt": b"x"}), "finance.xlsx", "not_workbook"),
    "an ods": (lambda raw: repacked(raw, lambda name, data: None, **{"content.xml": b"<x/>"}), "finance.ods", "not_workbook"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_workbook_is_refused(kind: str, rows: Rows, tmp_path: Path) -> None:
    broken, name, code = FILES[kind]
    frame, faults, files = handed_in(tmp_path, broken(made(rows, {})), name)
    assert [(fault.code, fault.file) for fault in faults] == [(code, f"{FOLDER}/{name}")]
    assert frame.empty and not files


@pytest.mark.parametrize("seed", range(60))
def test_whatever_the_bytes_there_is_a_fault_or_a_table(seed: int, rows: Rows, tmp_path: Path) -> None:
    """Bytes of a part changed at random never end in an error of ours."""
    chance = random.Random(seed)
    raw = made(rows[:9], {"merge": ["A2:A9"], "cells": {"D2": {"number": 0.5, "format": "0.0%"}, "D3": {"date": "2020-07-13"}}})
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        names = [name for name in archive.namelist() if "theme" not in name and "docProps" not in name]
    part = chance.choice(names)

    def change(name: str, data: bytes) -> bytes:
        if name != part:
            return data
        told = bytearray(data)
        for _ in range(chance.randint(1, 4)):
            if chance.random() < 0.5:
                told[chance.randrange(len(told))] = chance.randrange(32, 127)
            else:
                quoted = [found.span(1) for found in re.finditer(rb'"([^"]*)"', bytes(told))]
                start, end = chance.choice(quoted)
                told[start:end] = chance.choice([b"", b"-1", b"99999", b"x", b"A0", b"ZZZZ9"])
        return bytes(told)
    frame, faults, _ = handed_in(tmp_path, repacked(raw, change))
    assert faults or len(frame)


@pytest.mark.parametrize("name", ["finance.XLSX", "财政局（终稿）.xlsx", "finance.xlsm", "finance.xls"])
def test_a_workbook_is_known_by_its_content(name: str, rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    frame, faults, files = handed_in(tmp_path, made(rows, {}), name)
    assert not faults and worth(frame) == worth(clean) and files == [f"{FOLDER}/{name}"]


def test_files_that_programs_keep_while_one_is_open_are_passed_over(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    handed_in(tmp_path, b"x", "~$finance.xlsx")
    handed_in(tmp_path, b"x", ".~finance.xlsx")
    frame, faults, _ = handed_in(tmp_path, made(rows, {}))
    assert not faults and len(frame) == len(clean)


def prefixed(raw: bytes) -> bytes:
    """The same sheet with a namespace prefix on every element, as some programs write it."""
    def change(name: str, data: bytes) -> bytes:
        if not name.endswith("sheet1.xml"):
            return data
        return re.sub(rb"<(/?)(\w)", rb"<\1x:\2", data).replace(b"xmlns=", b"xmlns:x=")
    return repacked(raw, change)


def placeless(raw: bytes) -> bytes:
    """The same sheet without the places of cells, which the standard lets a program leave out; blanks are written."""
    book = openpyxl.load_workbook(io.BytesIO(raw))
    for row in book["实绩"].iter_rows():
        for cell in row:
            cell.number_format = "0.00" if cell.value is None else "General"
    out = io.BytesIO()
    book.save(out)
    placed = re.compile(rb'<(row|c) r="[A-Z0-9]+"')
    return repacked(out.getvalue(), lambda name, data: placed.sub(rb"<\1", data) if "sheet1" in name else data)


def inline(raw: bytes) -> bytes:
    """The same sheet with its texts in the cells, in pieces, with a reading aid that is no text."""
    book = xlsx.opened(raw)

    def change(name: str, data: bytes) -> bytes:
        def text(found: re.Match[bytes]) -> bytes:
            told = book.strings[int(found[2])].text
            pieces = f"<r><t>{told[:1]}</t></r><r><t>{told[1:]}</t></r><rPh sb='0' eb='1'><t>ping</t></rPh>"
            return found[1] + b' t="inlineStr"><is>' + pieces.encode() + b"</is></c>"
        return re.sub(rb'(<c [^>]*?) t="s"><v>(\d+)</v></c>', text, data) if "sheet1" in name else data
    return repacked(raw, change)


def saved_again(raw: bytes) -> bytes:
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(raw)).save(out)
    return out.getvalue()


@pytest.mark.parametrize("form", [prefixed, placeless, inline, saved_again], ids=lambda form: form.__name__)
def test_other_programs_ways_of_writing_the_same_sheet(form: Callable[[bytes], bytes], rows: Rows, clean: pd.DataFrame,
                                                       tmp_path: Path) -> None:
    frame, faults, _ = handed_in(tmp_path, form(made(rows, {})))
    assert not faults and worth(frame) == worth(clean)


def test_a_formula_whose_result_is_no_text_is_an_empty_cell(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """As Excel writes ="": computed, and empty."""
    raw = made(rows, {"cells": {"H2": {"formula": '=""', "value": ""}}})
    computed = repacked(raw, lambda name, data: data.replace(b'<c r="H2">', b'<c r="H2" t="str">') if "sheet1" in name else data)
    assert [fault.where for fault in handed_in(tmp_path, raw)[1]] == ["H2 note"]
    frame, faults, _ = handed_in(tmp_path, computed)
    assert not faults and worth(frame) == worth(clean)


@pytest.mark.parametrize(("place", "where"), [("D2", "D2 value"), ("H2", "H2 note")])
def test_a_number_that_is_none_is_an_error(place: str, where: str, rows: Rows, tmp_path: Path) -> None:
    raw = made(rows, {"cells": {place: 5.5}})
    nan = re.compile(rb'(<c r="%s">)<v>5.5</v>' % place.encode())
    raw = repacked(raw, lambda name, data: nan.sub(rb"\1<v>NaN</v>", data) if "sheet1" in name else data)
    assert [(fault.code, fault.where) for fault in handed_in(tmp_path, raw)[1]] == [("cell_error", where)]


def altered(raw: bytes, old: bytes, new: bytes, part: str = "sheet1.xml") -> bytes:
    """A workbook with something in a part replaced, which must be there."""
    def change(name: str, data: bytes) -> bytes:
        assert part not in name or old in data
        return data.replace(old, new, 1) if part in name else data
    return repacked(raw, change)


@pytest.mark.parametrize("height", ["0", "0.0", "0.75", "-1"])
def test_a_row_of_no_height_is_hidden(height: str, rows: Rows, tmp_path: Path) -> None:
    raw = altered(made(rows, {}), b'<row r="5"', b'<row ht="%s" customHeight="1" r="5"' % height.encode())
    assert [(fault.code, fault.line) for fault in handed_in(tmp_path, raw)[1]] == [("rows_hidden", 5)]


def test_columns_of_no_width_by_default_are_hidden(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """But for those that have a width of their own."""
    raw = altered(made(rows, {}), b"<sheetFormatPr ", b'<sheetFormatPr defaultColWidth="0" ')
    some = b'<cols><col min="1" max="4" width="9"/><col min="6" max="6" width="9"/></cols><sheetData>'
    faults = handed_in(tmp_path, altered(raw, b"<sheetData>", some))[1]
    assert [(fault.code, fault.found) for fault in faults] == [("columns_hidden", "E, G–H")]
    all_of_them = b'<cols><col min="1" max="8" width="9"/></cols><sheetData>'
    frame, faults, _ = handed_in(tmp_path, altered(raw, b"<sheetData>", all_of_them))
    assert not faults and worth(frame) == worth(clean)


@pytest.mark.parametrize("width", ["0", "0.0", "0.05"])
def test_a_column_too_narrow_to_be_seen_is_hidden(width: str, rows: Rows, tmp_path: Path) -> None:
    narrow = b'<cols><col min="5" max="5" width="%s"/></cols><sheetData>' % width.encode()
    faults = handed_in(tmp_path, altered(made(rows, {}), b"<sheetData>", narrow))[1]
    assert [(fault.code, fault.found) for fault in faults] == [("columns_hidden", "E")]


def test_rows_hidden_by_default_are_only_those_that_are_not_written(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """As Excel writes a sheet whose unused rows were hidden: `zeroHeight` says nothing of rows that hold something."""
    raw = altered(made(rows, {}), b"<sheetFormatPr ", b'<sheetFormatPr zeroHeight="1" ')
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


DAMAGED = {
    "a cell twice": (rb'(<c r="D5"[^>]*><v>[^<]*</v></c>)', rb"\1\1"),
    "a row twice": (rb'(<row r="5".*?</row>)', rb"\1\1"),
    "a row out of order": (rb'(<row r="5".*?</row>)(<row r="6".*?</row>)', rb"\2\1"),
    "two values in a cell": (rb'(<c r="D5"[^>]*><v>[^<]*</v>)', rb"\1<v>1</v>"),
    "a number that only Python reads": (rb'(<c r="D5"[^>]*><v>)[^<]*', rb"\g<1>7_1"),
    "full-width digits in the file": (rb'(<c r="D5"[^>]*><v>)[^<]*', rb"\g<1>" + "７".encode()),
    "a text before the first": (rb'(<c r="A5"[^>]*t="s"><v>)\d+', rb"\g<1>-1"),
    "a text by a number that only Python reads": (rb'(<c r="A5"[^>]*t="s"><v>)\d+', rb"\g<1>1_0"),
    "a style before the first": (rb'<c r="D5"', rb'<c s="-1" r="D5"'),
    "a row by a number that only Python reads": (rb'<row r="5"', rb'<row r="0_5"'),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_sheet_is_not_read_in_part(kind: str, rows: Rows, tmp_path: Path) -> None:
    old, new = DAMAGED[kind]

    def change(name: str, data: bytes) -> bytes:
        told, count = re.subn(old, new, data, count=1)
        assert count or "sheet1" not in name
        return told if "sheet1" in name else data
    assert [fault.code for fault in handed_in(tmp_path, repacked(made(rows, {}), change))[1]] == ["workbook_damaged"]


def marked_inline(raw: bytes) -> bytes:
    """The text of D2 in the cell itself, its first sign struck out, with a bold one between."""
    runs = b"<r><rPr><strike/></rPr><t>7</t></r><r><rPr><b/></rPr><t>8</t></r><r><t>.5</t></r>"
    told = re.compile(rb'<c r="D2"[^>]*><v>[^<]*</v></c>')
    return repacked(raw, lambda name, data: told.sub(b'<c r="D2" t="inlineStr"><is>' + runs + b"</is></c>", data))


def test_a_text_in_the_cell_is_read_with_its_marks(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    raw = marked_inline(made(rows, {}))
    faults = handed_in(tmp_path, raw)[1]
    assert [(fault.code, fault.where, fault.found) for fault in faults] == [("cell_struck", "D2 value", "78.5")]
    raised = altered(raw, b"<strike/>", b'<vertAlign val="superscript"/>')
    assert [fault.code for fault in handed_in(tmp_path, raised)[1]] == ["cell_raised"]
    for off in (b'<strike val="0"/>', b'<vertAlign val="baseline"/>'):
        frame, faults, _ = handed_in(tmp_path, altered(raw, b"<strike/>", off))
        assert not faults and frame["value"][0].number == 78.5 and len(frame) == len(clean)


def test_a_line_that_is_switched_off_strikes_nothing(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    raw = made(rows, {"cells": {"D2": {"struck": 7.13}}})
    raw = repacked(raw, lambda name, data: data.replace(b"<strike/>", b'<strike val="0"/>') if "styles" in name else data)
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


def test_escaped_marks_are_the_marks(tmp_path: Path) -> None:
    frame, faults, _ = handed_in(tmp_path, made([["unit", "indicator", "period", "value", "note"],
                                                 ["donggang", "A1.1", "2020\r", 7.13, "一\x0b二_x000D_"]], {}))
    assert not faults and frame.loc[0, ["period", "note"]].tolist() == ["2020", "一\x0b二_x000D_"]


def test_formulas_saved_by_a_program_that_cannot_compute_are_refused(rows: Rows, tmp_path: Path) -> None:
    raw = saved_again(made(rows, {"cells": {"D2": {"formula": "=7+0.13", "value": 7.13}}}))
    _, faults, _ = handed_in(tmp_path, raw)
    assert [(fault.code, fault.where) for fault in faults] == [("cell_uncalculated", "D2 value")]


# ── size ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(root: Path, raw: bytes) -> int:
    """How many lines are run and functions in C called while a workbook is read: the work, the same on every machine."""
    count, before = 0, sys.gettrace()

    def line(_: object, event: str, __: object) -> Any:
        nonlocal count
        count += event == "line"
        return line

    def called(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event == "c_call"

    read._opened.cache_clear()
    sys.settrace(line)
    sys.setprofile(called)
    try:
        handed_in(root, raw)
    finally:
        sys.setprofile(None)
        sys.settrace(before)
    return count


def with_empty_rows(raw: bytes, count: int) -> bytes:
    """As Excel writes a sheet whose whole columns were given borders, with a dimension of everything there can be."""
    empty = "".join(f'<row r="{r}" s="0" customFormat="1"><c r="D{r}" s="0"/></row>' for r in range(242, 242 + count))

    def change(name: str, data: bytes) -> bytes:
        data = re.sub(rb'<dimension ref="[^"]+"', b'<dimension ref="A1:XFD1048576"', data)
        return data.replace(b"</sheetData>", empty.encode() + b"</sheetData>") if "sheet1" in name else data
    return repacked(raw, change)


def test_empty_formatted_rows_are_no_rows_however_many(rows: Rows, clean: pd.DataFrame, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """They leave nothing behind, do not count as cells, and each takes only its own elements to pass over: a row, a cell."""
    raws = [with_empty_rows(made(rows, {}), count) for count in (0, 2_000, 4_000)]
    none, some, twice = (steps(tmp_path, raw) for raw in raws)
    assert some - none <= 2_000 * 45 and twice - some <= 1.1 * (some - none)
    book = xlsx.opened(raws[-1])
    assert set(grids.grid(book, book.sheets[0]).cells) == set(range(1, 242))
    monkeypatch.setattr(grids, "CELLS", 2_000)
    frame, faults, _ = handed_in(tmp_path, raws[-1])
    assert not faults and worth(frame) == worth(clean)


def test_a_sheet_of_a_million_empty_rows_is_within_all_measure() -> None:
    assert 1_048_576 * len('<row r="1048576" s="0" customFormat="1"><c r="D1048576" s="0"/></row>') < grids.SHEET_BYTES


def test_a_column_formatted_and_hidden_to_the_end_is_no_data(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    raw = repacked(made(rows, {}), lambda name, data: data.replace(
        b"<sheetData>", b'<cols><col min="9" max="16384" width="0" hidden="1"/></cols><sheetData>') if "sheet1" in name else data)
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


def test_a_sheet_beyond_all_measure_is_refused(rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "SHEET_BYTES", 10_000)
    _, faults, _ = handed_in(tmp_path, made(rows, {}))
    assert [fault.code for fault in faults] == ["workbook_too_large"]
    monkeypatch.setattr(grids, "SHEET_BYTES", 10**9)
    monkeypatch.setattr(grids, "CELLS", 100)
    _, faults, _ = handed_in(tmp_path, made(rows, {}))
    assert [fault.code for fault in faults] == ["workbook_too_large"]


def wide(count: int) -> bytes:
    """So many rows of forty cells, most of them beside the table."""
    names = ["unit", "indicator", "period", "value", "target", "last_year", "status", "note"]
    told = [[*names, *(f"x{i}" for i in range(32))]]
    told += [[f"u{r}", "A1.1", 2020, r * 1.1, r / 7, r, "", "注", *(r + i / 3 for i in range(32))] for r in range(count)]
    return made(told, {})


def test_a_cell_takes_as_much_work_in_a_large_sheet_as_in_a_small_one(tmp_path: Path) -> None:
    """In lines run and functions called; the seconds of 5,000 rows are in benchmarks/bench_reading.py."""
    few, some, many = (steps(tmp_path, wide(count)) for count in (50, 100, 200))
    assert some - few <= 50 * 40 * 100
    assert many - some <= 1.3 * 2 * (some - few)
    _, faults, _ = handed_in(tmp_path, wide(100))
    assert {fault.code for fault in faults} == {"column_unknown"} and len(faults) == 32


def test_five_thousand_rows_are_read_into_a_frame(tmp_path: Path) -> None:
    told = [["unit", "indicator", "period", "value"], *([f"u{r}", "A1.1", 2020, r * 1.1] for r in range(5000))]
    frame, faults, _ = handed_in(tmp_path, made(told, {}))
    assert not faults and len(frame) == 5000
    assert frame["value"][3].number == 3.3


# ── several files ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_departments_hand_in_a_part_each(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """A CSV file and two workbooks, one with two sheets, are one table; each row knows its file, sheet and line."""
    header, body = rows[0], rows[1:]
    (tmp_path / FOLDER).mkdir(parents=True)
    text = GOOD.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    (tmp_path / FOLDER / "observations.csv").write_text("".join(text[:61]), encoding="utf-8")
    handed_in(tmp_path, made([header, *body[60:120]], {}), "b.xlsx")
    second = {"observations": [list(row) for row in [header, *body[180:]]]}
    frame, faults, files = handed_in(tmp_path, made([header, *body[120:180]], {"sheets": second}), "c.xlsx")
    assert not faults and worth(frame) == worth(clean)
    assert files == [f"{FOLDER}/{name}" for name in ("observations.csv", "b.xlsx", "c.xlsx")]
    assert list(dict.fromkeys(frame["file"])) == [f"{FOLDER}/{name}" for name in
                                                  ("observations.csv", "b.xlsx[实绩]", "c.xlsx[实绩]", "c.xlsx[observations]")]
    assert list(frame["line"]) == [*range(2, 62), *range(2, 62), *range(2, 62), *range(2, 62)]


def test_a_table_without_any_file_names_both_ways(tmp_path: Path) -> None:
    frame, faults, files = read_table(tmp_path, FOLDER, tables.ObservationRow)
    assert frame.empty and list(frame) == [*columns(tables.ObservationRow), "file"] and not files
    assert [(fault.code, fault.file) for fault in faults] == [("file_missing", f"{FOLDER}/observations.csv")]
    assert all("observations.csv / *.xlsx [实绩, observations]" in faults[0].message(lang) for lang in ("zh", "en"))
    assert read_table(tmp_path, FOLDER, tables.PublishedRow, needed=False)[1:] == ([], [])


def test_a_damaged_workbook_is_not_called_a_missing_table(tmp_path: Path) -> None:
    assert [fault.code for fault in handed_in(tmp_path, b"PK\x03\x04")[1]] == ["workbook_damaged"]


def test_each_table_is_found_in_the_same_workbook(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    published = {"公布结果": [["单位编码", "公布得分", "公布名次"], ["donggang", 91.25, 1], ["liuhu", "90.5", 2]]}
    observed, faults, _ = handed_in(tmp_path, made(rows, {"sheets": published}))
    assert not faults and len(observed) == len(clean)
    frame, faults, files = read_table(tmp_path, FOLDER, tables.PublishedRow)
    assert not faults and files == [FILE] and set(frame["file"]) == {f"{FILE}[公布结果]"}
    assert frame[["unit", "score", "rank"]].to_numpy().tolist() == [["donggang", 91.25, 1], ["liuhu", 90.5, 2]]


def test_a_total_of_counts_is_held_against_its_rows(tmp_path: Path) -> None:
    """Where a table requires a number, that number is no key of its rows."""
    told = [["单位编码", "指标编码", "期间", "组别", "评价", "人数"], ["donggang", "E2", 2020, "代表", "满意", 7],
            ["donggang", "E2", 2020, "代表", "不满意", 3], ["合计", "", "", "", "", 10], [], ["注：电话访问"]]
    for count, codes in ((10, []), (11, ["total_differs"])):
        told[3][5] = count
        handed_in(tmp_path, made(told, {"sheet": "调查", "merge": ["A2:A3", "D2:D3"]}))
        frame, faults, _ = read_table(tmp_path, FOLDER, tables.named()["survey"])
        assert [fault.code for fault in faults] == codes
        assert frame[["unit", "group", "grade", "count"]].to_numpy().tolist() == [["donggang", "代表", "满意", 7],
                                                                                   ["donggang", "代表", "不满意", 3]]


EVENTS = ["单位编码", "指标编码", "期间", "事项", "级别", "份额", "日期"]


@pytest.mark.parametrize("honour", ["平均寿命提升先进", "总和生育率监测先进", "小计量器具管理先进", "合计", "说明：新增",
                                    "注：重复"])
def test_an_event_whose_name_begins_like_a_total_is_an_event(honour: str, tmp_path: Path) -> None:
    told = [EVENTS, ["donggang", "J1", 2020, "某创建", "province"], ["liuhu", "J1", 2020, honour, "province"]]
    for order in (range(5), (3, 0, 1, 2, 4)):
        handed_in(tmp_path, made([[row[i] for i in order] for row in told], {"sheet": "事项"}))
        frame, faults, _ = read_table(tmp_path, FOLDER, tables.named()["events"], needed=False)
        assert not faults and frame["honour"].tolist() == ["某创建", honour]


def test_a_last_event_that_begins_like_a_note_is_not_passed_over(tmp_path: Path) -> None:
    told = [EVENTS, ["donggang", "J1", 2020, "某创建", "province"], ["说明：新增", "J1", 2020, "某示范", ""]]
    handed_in(tmp_path, made(told, {"sheet": "事项", "append": [["注：以上为全部"]]}))
    frame, faults, _ = read_table(tmp_path, FOLDER, tables.named()["events"], needed=False)
    assert sorted(fault.code for fault in faults) == ["cell_code", "cell_empty"] and len(frame) == 1


def test_a_superior_indicator_of_means_is_no_total(tmp_path: Path) -> None:
    told = [["上级指标编码", "上级指标", "下达单位", "期间", "位次", "同类个数"], ["H1", "平均受教育年限", "省", 2020, 2, 7],
            ["H2", "财政收入合计", "省", 2020, 3, 7], ["合计", "", "", "", 5, 14]]
    for order in (range(6), (1, 0, 2, 3, 4, 5)):
        (tmp_path / "data/2020").mkdir(parents=True, exist_ok=True)
        raw = made([[row[i] for i in order] for row in told], {"sheet": "上级指标"})
        (tmp_path / "data/2020/superior.xlsx").write_bytes(raw)
        frame, faults, _ = read_table(tmp_path, "data/2020", tables.named()["superior"])
        assert not faults and frame["superior"].tolist() == ["H1", "H2"]


def test_a_header_alone_says_that_there_is_nothing(tmp_path: Path) -> None:
    handed_in(tmp_path, made([EVENTS], {"sheet": "事项"}))
    frame, faults, files = read_table(tmp_path, FOLDER, tables.named()["events"], needed=False)
    assert frame.empty and not faults and files == [FILE]


@pytest.mark.parametrize(("shown", "code"), [('0"人"', ""), ('0"千"', "format_misleads"), ('0"户"', "format_misleads")])
def test_a_count_may_be_shown_with_its_word(shown: str, code: str, tmp_path: Path) -> None:
    told = [["单位编码", "指标编码", "期间", "组别", "评价", "人数"],
            ["donggang", "E2", 2020, "代表", "满意", {"number": 7, "format": shown}]]
    handed_in(tmp_path, made(told, {"sheet": "调查"}))
    faults = read_table(tmp_path, FOLDER, tables.named()["survey"])[1]
    assert [fault.code for fault in faults] == [code] * bool(code)


def test_the_only_sheet_is_known_by_its_header(tmp_path: Path) -> None:
    """A published list alone in a workbook of any sheet name is not taken for observations."""
    raw = made([["单位编码", "公布得分", "公布名次"], ["donggang", 91.25, 1]], {"sheet": "Sheet1"})
    assert [fault.code for fault in handed_in(tmp_path, raw)[1]] == ["file_missing"]
    frame, faults, _ = read_table(tmp_path, FOLDER, tables.PublishedRow)
    assert not faults and len(frame) == 1


@pytest.mark.parametrize("from_1904", [False, True])
def test_units_come_as_a_workbook_with_real_dates(from_1904: bool, tmp_path: Path) -> None:
    told = [["单位编码", "单位名称", "英文名称", "类别", "启用日期", "停用日期", "前身"],
            ["donggang", "东港镇", "Donggang Town", "towns_1", {"date": "2020-01-01"}, "", "old;older"]]
    (tmp_path / "data/2020").mkdir(parents=True)
    (tmp_path / "data/2020/units.xlsx").write_bytes(made(told, {"sheet": "单位", "options": {"date_1904": from_1904}}))
    frame, faults, _ = read_table(tmp_path, "data/2020", tables.UnitRow)
    assert not faults
    assert frame.loc[0, ["name", "valid_from", "predecessor"]].tolist() == ["东港镇", "2020-01-01", ("old", "older")]


def test_a_table_in_the_wrong_folder_is_named(tmp_path: Path) -> None:
    raw = made([["单位编码", "单位名称"], ["donggang", "东港镇"]], {"sheet": "单位", "sheets": {"实绩": [["x"]]}})
    assert {fault.code for fault in handed_in(tmp_path, raw)[1]} == {"sheet_unknown", "header_missing"}


# ── units of measure ────────────────────────────────────────────────────────────────────────────────────────────────

YUAN, PERCENT = Text(zh="亿元", en="100 million yuan"), Text(zh="%", en="%")


@pytest.mark.parametrize(("change", "unit", "told"), [
    ({"header": ["单位编码", "指标编码", "期间", "实绩（亿元）"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩\n(100 million yuan)"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（％）"]}, PERCENT, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（万元）"]}, YUAN, "万元"),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（%）"]}, YUAN, "%"),
    ({"titles": [["", "", "", "单位：亿元"]]}, YUAN, ""),
    ({"titles": [["", "", "金额单位：", "万元"]]}, YUAN, "万元"),
    ({"titles": [["实绩表（单位：元）"]]}, YUAN, "元"),
    ({"titles": [["单位：万元"]]}, PERCENT, ""),
    ({"titles": [["单位：财政局", "填报单位：亿元"]]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（单位：亿元）"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（年度）（亿元）"]}, YUAN, ""),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（年度）（万元）"]}, YUAN, "万元"),
    ({"header": ["单位编码", "指标编码", "期间", "实绩（单位：万元）"]}, YUAN, "万元"),
    ({"titles": [["单 位：万元"]]}, YUAN, "万元"),
    ({"titles": [["（单位：人民币万元）"]]}, YUAN, "万元"),
    ({"titles": [["单位（万元）"]]}, YUAN, "万元"),
    ({"titles": [["2020年度实绩表（万元）"]]}, YUAN, "万元"),
    ({"titles": [["【单位：万元】"]]}, YUAN, "万元"),
    ({"titles": [["单位：万元。"]]}, YUAN, "万元"),
    ({"titles": [["单位：万元、%"]]}, YUAN, "万元"),
    ({"titles": [["单位：万元/%"]]}, YUAN, "万元"),
    ({"titles": [["货币单位：万元"]]}, YUAN, "万元"),
    ({"titles": [["(本表单位:万元)"]]}, YUAN, "万元"),
    ({"titles": [["金额单位为万元"]]}, YUAN, "万元"),
    ({"titles": [["", "单位：", "万 元"]]}, YUAN, "万元"),
    ({"titles": [["Unit: 10,000 yuan"]]}, YUAN, "10,000 yuan"),
    ({"titles": [["(RMB million)"]]}, YUAN, "rmb million"),
    ({"titles": [["单位：百万元"]]}, YUAN, "百万元"),
    ({"titles": [["单位：千元"]], "header": ["单位编码", "指标编码", "期间", "实绩（亿元）"]}, YUAN, "千元"),
    ({"append": [[], ["注：金额按万元计"]]}, YUAN, "万元"),
    ({"sheet": "实绩（万元）"}, YUAN, "万元"),
    ({"titles": [["单位：吨"]]}, Text(zh="万吨", en="10,000 tonnes"), "吨"),
    ({"titles": [["单位：元/亩"]]}, Text(zh="万元/亩", en="10,000 yuan per mu"), "元/亩"),
    # the indicator's own, another base, an amount, a word that only looks like one
    ({"titles": [["（单位：人民币亿元、%）"]]}, YUAN, ""),
    ({"titles": [["Unit: RMB 100 million"]]}, YUAN, ""),
    ({"titles": [["单位：万美元、万元/亩、万人次"]]}, YUAN, ""),
    ({"titles": [["单位：元/亩、万人次"]]}, YUAN, ""),
    ({"titles": [["500万元以上项目和亿元以上企业，2021年元月"]]}, YUAN, ""),
    ({"titles": [["补助 500 万元"]]}, YUAN, ""),
    ({"append": [[], ["注：每人补贴500元，三千元封顶；单元、多元化不计"]]}, YUAN, ""),
    ({"cells": {"D2": {"number": 7.13, "format": '0.00"亿元"'}}}, YUAN, ""),
    ({"cells": {"D2": {"number": 7.13, "format": '0.00"元"'}}}, YUAN, "元"),
    ({"cells": {"D2": {"number": 7.13, "format": '0.00"美元"'}}}, YUAN, "美元"),
])
def test_a_unit_told_by_the_sheet_must_be_the_indicators(change: dict[str, Any], unit: Text, told: str, tmp_path: Path) -> None:
    rows = [["unit", "indicator", "period", "value"], ["donggang", "A1.1", 2020, 7.13]]
    frame, faults, _ = handed_in(tmp_path, made(rows, change))
    assert not faults and frame["value"][0].number == 7.13
    found = list(unit_faults(frame["value"][0], unit, FILE, 2, "donggang A1.1"))
    assert [fault.found.removeprefix("7.13") for fault in found] == ([told] if told else [])
    if any(fault.code == "format_misleads" for fault in found):
        return
    assert all(told in fault.message("zh") and unit.zh in fault.message("en") for fault in found)


# ── numbers and their formats ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("number", "text"), [
    (0.1 + 0.2, "0.3"), (7.1300000000000008, "7.13"), (91.0, "91"), (-0.0, "0"), (1e20, "1" + 20 * "0"), (1e-7, "0.0000001"),
    (828.4, "828.4"), (123456789012345.0, "123456789012345"), (1234567890123456.0, "1234567890123460"), (-3.83, "-3.83"),
])
def test_numbers_are_decimals_of_fifteen_digits(number: float, text: str) -> None:
    assert formats.decimal(number) == text


@pytest.mark.parametrize(("text", "percent"), [("0.981", "98.1"), ("0.57", "57"), ("1", "100"), ("0.005", "0.5"), ("-0.07", "-7"),
                                                ("0", "0"), ("1.005", "100.5"), ("0.00001", "0.001"), ("12", "1200")])
def test_a_share_is_a_percentage_by_moving_its_point(text: str, percent: str) -> None:
    assert formats.hundredfold(text) == percent


@pytest.mark.parametrize(("code", "sign", "way"), [
    ("General", 1, "plain"), ("G/通用格式", 1, "plain"), ("[DBNum1][$-804]General", 1, "plain"), ("0.00", 1, "plain"),
    ("#,##0.00_);[Red](#,##0.00)", -1, "plain"), ("0.00E+00", 1, "plain"), ("0%", 1, "percent"),
    ("0.00%;[Red]-0.00%", -1, "percent"), ("0%;0", -1, "otherwise"), ('0.0"%"', 1, "percent sign"), ("0.0\\%", 1, "percent sign"),
    ("0!%", 1, "percent sign"), ("0.0％", 1, "percent sign"), ("0%%", 1, "otherwise"), ("#,##0,", 1, "otherwise"),
    ("0.0,,", 1, "otherwise"), ('0!.0,"万"', 1, "otherwise"), ('0"亿元"', 1, "worded"),
    (";;;", 1, "otherwise"), ("0;;", -1, "otherwise"), ("0;;", 0, "otherwise"), ("0;-0", 0, "plain"), ('"是"', 1, "otherwise"),
    ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 0, "plain"), ("[>=1]0%;0.00", 1, "otherwise"),
    ("[>=1]0.0;0.00", 1, "plain"),
    ('0"元"', 1, "worded"), ("?/?", 1, "plain"), ("@", 1, "plain"),
    # a digit, a sign, a point or a multiple that the number does not have
    ("0!.0000", 1, "otherwise"), ('0"."00', 1, "otherwise"), ('"约"0', 1, "otherwise"), ('"-"0.00', 1, "otherwise"),
    ('0.00"5"', 1, "otherwise"), ('"1"0.00', 1, "otherwise"), ('0.00"k"', 1, "otherwise"), ('0.00"M"', 1, "otherwise"),
    ('0.00"‱"', 1, "otherwise"), ('"≥"0', 1, "otherwise"), ("0000-00", 1, "otherwise"), ("0000!-00", 1, "otherwise"),
    ("(0.00)", 1, "otherwise"), ("-0.00", 1, "otherwise"), ("-0.00", -1, "otherwise"), ('0"元"00', 1, "otherwise"),
    ("50", 1, "otherwise"), ("0.0.0", 1, "otherwise"), ("0/0", 1, "otherwise"), ('0.0"万"', 1, "otherwise"),
    ('"+"0.0', 1, "otherwise"),
    # below zero: with its sign, in brackets or in a colour, as accounts have it
    ("0.00;0.00", -1, "otherwise"), ("0.00;[Red]0.00", -1, "plain"), ("0.00;-0.00", -1, "plain"), ("0.00;▲0.00", -1, "otherwise"),
    ("[Red]+0.0;[Red]+0.0", -1, "otherwise"), ("+0.0;-0.0;0.0", 1, "plain"), ("#,##0.00_);\\(#,##0.00\\)", -1, "plain"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', -1, "plain"), ('¥#,##0.00;¥\\-#,##0.00', -1, "plain"),
    ('_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)', 0, "plain"), ("#,##0.00 ;(#,##0.00);- ", 0, "plain"),
    ('#,##0.00"亿元";\\-#,##0.00"亿元"', -1, "worded"), ("#\\ ##0", 1, "plain"), ("# ??/100", 1, "plain"),
    ("[Red][<60]0.00;0.00", 1, "plain"),
])
def test_what_a_format_shows(code: str, sign: int, way: str) -> None:
    assert formats.shown(code, sign) == way


@pytest.mark.parametrize(("code", "day"), [
    ("yyyy-mm-dd", True), ('yyyy"年"m"月"d"日"', True), ("[h]:mm", True), ("General", False), ("0.00", False),
    ('0"days"', False), ("[Red]0", False), ("m/d/yy h:mm;@", True), ("0.00E+00", False), ("\\d0", False),
    ("[DBNum1]yyyy\"年\"", True), ("G/通用格式", False),
])
def test_which_formats_are_days(code: str, day: bool) -> None:
    assert formats.is_date(code) is day


@pytest.mark.parametrize("serial", [1, 59, 61, 366, 36526, 43831, 44025, 44196, 44025.5, 44025.999988426, 2958465])
@pytest.mark.parametrize("from_1904", [False, True])
def test_days_are_those_of_another_program(serial: float, from_1904: bool) -> None:
    epoch = datetime.datetime(1904, 1, 1) if from_1904 else datetime.datetime(1899, 12, 30)
    try:
        want = from_excel(serial, epoch)
    except OverflowError:
        assert formats.day_of(serial, from_1904) == ""
        return
    assert formats.day_of(serial, from_1904) == formats.moment(want)


def test_days_that_are_none() -> None:
    assert formats.day_of(60, False) == "1900-02-29"
    assert formats.day_of(-1, False) == formats.day_of(1e9, False) == ""
    assert formats.day_of(0.5, False) == "12:00:00"


@pytest.mark.parametrize("column", [1, 26, 27, 52, 702, 703, 16384])
def test_columns_have_their_letters(column: int) -> None:
    assert grids.letters(column) == xl_col_to_name(column - 1)
    assert grids.area(f"{grids.letters(column)}7").left == column
