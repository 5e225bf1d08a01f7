"""Workbooks as files: damaged, from other programs, of any size; read to the same result as the good sheet, or refused."""

from __future__ import annotations

import io
import random
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from workbooks import FOLDER, Rows, as_read, good, handed_in, made, worth

from txlib.intake.sheets import opened
from txlib.spreadsheet import cells, limits, package

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def rows() -> Rows:
    return good()


@pytest.fixture(scope="module")
def clean() -> pd.DataFrame:
    return as_read()


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


def with_entity(encoding: str) -> Callable[[bytes], bytes]:
    """The list of sheets in an encoding of its own, a sheet's name told by an entity."""
    told = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE workbook [<!ENTITY e "实绩">]>'

    def change(name: str, data: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return data
        text = data.decode()
        return (told + text[text.index("<workbook"):].replace('sheet name="实绩"', 'sheet name="&e;"')).encode(encoding)
    return lambda raw: repacked(raw, change)


def recoded(encoding: str, part: str, doctype: str) -> Callable[[bytes], bytes]:
    """A part in an encoding of its own, with or without a mark of byte order, and with such a declaration."""
    told = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le").removesuffix("-be")}"?>{doctype}'

    def change(name: str, data: bytes) -> bytes:
        text = data.decode()
        root = re.search(r"<[a-zA-Z]", text)
        assert root
        return (told + text[root.start():]).encode(encoding, "xmlcharrefreplace") if name.endswith(part) else data
    return lambda raw: repacked(raw, change)


KNOWN = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "ascii")  # to the parser
PARTS = ("xl/workbook.xml", "sheet1.xml", "sharedStrings.xml", "styles.xml", "_rels/.rels")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("encoding", [*KNOWN, "utf-32", "utf-32-le", "cp037", "cp500", "utf-7"])
def test_no_part_may_declare_entities_in_whatever_encoding(encoding: str, part: str, rows: Rows) -> None:
    """Used or not. The part without them is read, where its encoding is known at all."""
    def read(doctype: str) -> None:
        book = package.opened(recoded(encoding, part, doctype)(made(rows, {})))
        assert [cells.grid(book, sheet) for sheet in book.sheets]

    with pytest.raises(package.WorkbookError) as refused:
        read('<!DOCTYPE x [<!ENTITY e "e">]>')
    assert refused.value.code == "workbook_damaged"
    if encoding in KNOWN:
        assert str(refused.value.__cause__) == "DOCTYPE"
        read("")


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
    "an entity": (with_entity("utf-8"), "finance.xlsx", "workbook_damaged"),
    "an entity in another encoding": (with_entity("utf-16"), "finance.xlsx", "workbook_damaged"),
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
    book = package.opened(raw)

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


@pytest.mark.parametrize("height", ["0", "0.0", "0.75", "-1", "1.5", "2", "3", "4.5"])
def test_a_row_of_no_height_is_hidden(height: str, rows: Rows, tmp_path: Path) -> None:
    raw = altered(made(rows, {}), b'<row r="5"', b'<row ht="%s" customHeight="1" r="5"' % height.encode())
    assert [(fault.code, fault.line) for fault in handed_in(tmp_path, raw)[1]] == [("rows_hidden", 5)]


def test_columns_of_no_width_by_default_are_hidden(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """But for those that have a width of their own."""
    raw = altered(made(rows, {}), b"<sheetFormatPr ", b'<sheetFormatPr defaultColWidth="0" ')
    some = b'<cols><col min="1" max="4" width="9"/><col min="6" max="6" width="9"/></cols><sheetData>'
    faults = handed_in(tmp_path, altered(raw, b"<sheetData>", some))[1]
    assert [(fault.code, dict(fault.values)["columns"]) for fault in faults] == [("columns_hidden", "E, G–H")]
    all_of_them = b'<cols><col min="1" max="8" width="9"/></cols><sheetData>'
    frame, faults, _ = handed_in(tmp_path, altered(raw, b"<sheetData>", all_of_them))
    assert not faults and worth(frame) == worth(clean)


@pytest.mark.parametrize("told", ['defaultRowHeight="2"', 'defaultRowHeight="2" customHeight="1"',
                                  'defaultRowHeight="0" customHeight="1" zeroHeight="1"'])
def test_rows_of_no_height_by_default_are_hidden(told: str, rows: Rows, tmp_path: Path) -> None:
    """But for those that have a height of their own."""
    raw = altered(made(rows, {}), b'<sheetFormatPr defaultRowHeight="15"', b"<sheetFormatPr " + told.encode())
    raw = repacked(raw, lambda name, data: re.sub(rb'<row r="(?!5")', rb'<row ht="15" r="', data) if "sheet1" in name else data)
    faults = handed_in(tmp_path, raw)[1]
    assert [(fault.code, dict(fault.values)["rows"]) for fault in faults] == [("rows_hidden", "5")]


def test_a_default_height_of_nothing_is_not_meant(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """As programs write it that must say a height to say a width."""
    raw = altered(made(rows, {}), b'<sheetFormatPr defaultRowHeight="15"', b'<sheetFormatPr defaultRowHeight="0"')
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


@pytest.mark.parametrize("height", ["5.25", "9", "409"])
def test_a_low_row_is_seen(height: str, rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    raw = altered(made(rows, {}), b'<row r="5"', b'<row ht="%s" customHeight="1" r="5"' % height.encode())
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


@pytest.mark.parametrize("width", ["0", "0.0", "0.05", "0.5"])
def test_a_column_too_narrow_to_be_seen_is_hidden(width: str, rows: Rows, tmp_path: Path) -> None:
    narrow = b'<cols><col min="5" max="5" width="%s"/></cols><sheetData>' % width.encode()
    faults = handed_in(tmp_path, altered(made(rows, {}), b"<sheetData>", narrow))[1]
    assert [(fault.code, dict(fault.values)["columns"]) for fault in faults] == [("columns_hidden", "E")]


def test_rows_hidden_by_default_are_only_those_that_are_not_written(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """As Excel writes a sheet whose unused rows were hidden: `zeroHeight` says nothing of rows that hold something."""
    raw = altered(made(rows, {}), b"<sheetFormatPr ", b'<sheetFormatPr zeroHeight="1" ')
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


DAMAGED = {
    "a row twice": (rb'(<row r="5".*?</row>)', rb"\1\1"),
    "a row out of order": (rb'(<row r="5".*?</row>)(<row r="6".*?</row>)', rb"\2\1"),
    "a row by a number that only Python reads": (rb'<row r="5"', rb'<row r="0_5"'),
}


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, data: bytes) -> bytes:
        told, count = re.subn(old, new, data, count=1)
        assert count or "sheet1" not in name
        return told if "sheet1" in name else data
    return change


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_sheet_is_not_read_in_part(kind: str, rows: Rows, tmp_path: Path) -> None:
    faults = handed_in(tmp_path, repacked(made(rows, {}), in_sheet(*DAMAGED[kind])))[1]
    assert [fault.code for fault in faults] == ["workbook_damaged"]


NUMBER, TEXT = rb'<c r="D5"([^>]*)><v>([^<]*)</v></c>', rb'<c r="A5"[^>]*t="s"><v>\d+</v></c>'
CELLS = {  # what stands in its place, with its fault
    "a cell twice": (NUMBER, rb"\g<0>\g<0>", "cell_twice"),
    "a style before the first": (NUMBER, rb'<c r="D5" s="-1"><v>\2</v></c>', "cell_damaged"),
    "a style behind the last": (NUMBER, rb'<c r="D5" s="99"><v>\2</v></c>', "cell_damaged"),
    "a text in a style behind the last": (TEXT, rb'<c r="A5" s="99" t="s"><v>1</v></c>', "cell_damaged"),
    "a text in two pieces outside of runs": (NUMBER, rb'<c r="D5" t="inlineStr"><is><t>1</t><t>5</t></is></c>', "cell_twice"),
    "a text in two pieces of one run": (
        NUMBER, rb'<c r="D5" t="inlineStr"><is><r><t>1</t><t>5</t></r></is></c>', "cell_twice"),
    "a text outside of runs and one in a run": (
        NUMBER, rb'<c r="D5" t="inlineStr"><is><t>1</t><r><t>5</t></r></is></c>', "cell_twice"),
    "two values": (NUMBER, rb'<c r="D5"\1><v>\2</v><v>1</v></c>', "cell_twice"),
    "two formulas": (NUMBER, rb'<c r="D5"\1><f>7</f><f>8</f><v>7</v></c>', "cell_twice"),
    "two texts of its own": (NUMBER, rb'<c r="D5" t="inlineStr"><is><t>7</t></is><is><t>8</t></is></c>', "cell_twice"),
    "a number and a text of its own": (NUMBER, rb'<c r="D5"><is><t>7</t></is><v>8</v></c>', "cell_twice"),
    "a shared text and a text of its own": (TEXT, rb'<c r="A5" t="s"><is><t>7</t></is><v>1</v></c>', "cell_twice"),
    "a number that only Python reads": (NUMBER, rb'<c r="D5"\1><v>7_1</v></c>', "cell_damaged"),
    "full-width digits in the file": (NUMBER, rb'<c r="D5"\1><v>' + "７".encode() + b"</v></c>", "cell_damaged"),
    "a word for a number": (NUMBER, rb'<c r="D5"\1><v>seven</v></c>', "cell_damaged"),
    "a text before the first": (TEXT, rb'<c r="A5" t="s"><v>-1</v></c>', "cell_damaged"),
    "a text behind the last": (TEXT, rb'<c r="A5" t="s"><v>99999</v></c>', "cell_damaged"),
    "a text by a number that only Python reads": (TEXT, rb'<c r="A5" t="s"><v>1_0</v></c>', "cell_damaged"),
    "a type that there is not": (NUMBER, rb'<c r="D5" t="x"><v>7</v></c>', "cell_damaged"),
    "a day that there is not": (NUMBER, rb'<c r="D5" t="d"><v>2020-13-01</v></c>', "cell_damaged"),
    "a time of day": (NUMBER, rb'<c r="D5" t="d"><v>08:30:00</v></c>', "cell_is_date"),
    "a time of day as ISO marks it": (NUMBER, rb'<c r="D5" t="d"><v>T08:30</v></c>', "cell_is_date"),
    "a moment of world time": (NUMBER, rb'<c r="D5" t="d"><v>2020-06-30T00:00:00.000Z</v></c>', "cell_is_date"),
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_that_cannot_be_read_is_told_with_its_place(kind: str, rows: Rows, tmp_path: Path) -> None:
    """The rows but its own are read."""
    old, new, code = CELLS[kind]
    frame, faults, _ = handed_in(tmp_path, repacked(made(rows, {}), in_sheet(old, new)))
    assert [(fault.code, fault.at.cell) for fault in faults] == [(code, "A5" if old is TEXT else "D5")]
    assert len(frame) == len(rows) - 2


def shared_text(raw: bytes, item: bytes) -> bytes:
    """The workbook with a shared text more, which D5 holds."""
    count = len(package.opened(raw).strings)

    def change(name: str, data: bytes) -> bytes:
        data = data.replace(b"</sst>", b"<si>" + item + b"</si></sst>")
        return re.sub(NUMBER, b'<c r="D5" t="s"><v>%d</v></c>' % count, data) if "sheet1" in name else data
    return repacked(raw, change)


READING = b'<rPh sb="0" eb="1"><t>9</t></rPh><phoneticPr fontId="1"/>'
WHITE = b'<rPr><sz val="11"/><color theme="0"/></rPr>'
DARK = b'<rPr><color rgb="FF000000"/></rPr>'
PIECES = {  # a text of D5, and its fault or the number that it says
    "two texts": (b"<t>1</t><t>5</t>", "cell_twice"),
    "two texts in a run": (b"<r><t>1</t><t>5</t></r>", "cell_twice"),
    "a text and a run": (b"<t>1</t><r><t>5</t></r>", "cell_twice"),
    "a run and a text": (b"<r><t>1</t></r><t>5</t>", "cell_twice"),
    "a text and nothing": (b"<t>15</t><t/><r><t></t></r>", 15),
    "a text and how it is read": (b"<t>15</t>" + READING, 15),
    "runs and how they are read": (b"<r><t>1</t></r><r><t>5</t></r>" + READING, 15),
    "a white run": (b"<r>" + WHITE + b"<t>1</t></r><r><t>5</t></r>", "cell_unseen"),
    "a white run behind": (b"<r><t>1</t></r><r>" + WHITE + b"<t>5</t></r>", "cell_unseen"),
    "a run in white by its number": (b'<r><t>1</t></r><r><rPr><color rgb="FFFFFFFF"/></rPr><t>5</t></r>', "cell_unseen"),
    "a run in white by the palette": (b'<r><t>1</t></r><r><rPr><color indexed="9"/></rPr><t>5</t></r>', "cell_unseen"),
    "a run too small to be seen": (b'<r><t>1</t></r><r><rPr><sz val="1"/></rPr><t>5</t></r>', "cell_unseen"),
    "a white gap": (b"<r><t>15</t></r><r>" + WHITE + b'<t xml:space="preserve"> </t></r>', 15),
    "dark runs": (b"<r>" + DARK + b"<t>1</t></r><r>" + DARK + b"<t>5</t></r>", 15),
    "a run in its own black": (b'<r><rPr><color auto="1"/></rPr><t>1</t></r><r><t>5</t></r>', 15),
}


@pytest.mark.parametrize("form", ["shared", "inline"])
@pytest.mark.parametrize("kind", PIECES)
def test_a_text_in_pieces_is_read_where_it_is_one_and_seen(kind: str, form: str, rows: Rows, tmp_path: Path) -> None:
    item, told = PIECES[kind]
    inline = in_sheet(NUMBER, b'<c r="D5" t="inlineStr"><is>' + item + b"</is></c>")
    raw = made(rows, {})
    frame, faults, _ = handed_in(tmp_path, shared_text(raw, item) if form == "shared" else repacked(raw, inline))
    if isinstance(told, str):
        assert [(fault.code, fault.at.cell) for fault in faults] == [(told, "D5")]
    else:
        assert not faults and frame["value"].iloc[3].number == told


def test_formats_that_are_not_there_are_told_by_cells_that_ask_for_them(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    """Without its styles a workbook is read where its cells ask for none; cells that do are faults."""
    plain = made(rows, {})
    styled = made(rows, {"cells": {"D3": {"number": 0.91, "format": "0%"}}})
    for strip in (without("xl/styles.xml"), lambda raw: repacked(raw, lambda name, data: re.sub(
            rb'<Relationship [^>]*/styles"[^>]*/>', b"", data) if name.endswith("workbook.xml.rels") else data)):
        frame, faults, _ = handed_in(tmp_path, strip(plain))
        assert not faults and worth(frame) == worth(clean)
        assert [(fault.code, fault.at.cell) for fault in handed_in(tmp_path, strip(styled))[1]] == [("cell_damaged", "D3")]
    empty = repacked(styled, lambda name, data: re.sub(rb"<cellXfs.*</cellXfs>", b"<cellXfs><xf fontId='9'/></cellXfs>", data))
    assert [(fault.code, fault.at.cell) for fault in handed_in(tmp_path, empty)[1]] == [("cell_damaged", "D3")]


@pytest.mark.parametrize("where", ["before", "behind"])
def test_of_a_text_in_its_cell_and_a_value_the_text_is_read(where: str, rows: Rows, tmp_path: Path) -> None:
    """As Excel shows it, and openpyxl reads it (f01)."""
    text, value = b"<is><t>7</t></is>", b"<v>77</v>"
    both = text + value if where == "before" else value + text
    raw = repacked(made(rows, {}), in_sheet(NUMBER, rb'<c r="D5" t="inlineStr">' + both + b"</c>"))
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and frame["value"].iloc[3].number == 7
    assert openpyxl.load_workbook(io.BytesIO(raw)).worksheets[0]["D5"].value == "7"


def test_parts_are_found_whatever_the_case_of_their_names(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made(rows, {}))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name.swapcase() if name.endswith("xml") else name, old.read(name))
    frame, faults, _ = handed_in(tmp_path, out.getvalue())
    assert not faults and worth(frame) == worth(clean)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/Worksheets/Sheet1.xml", "a.txt"])
def test_a_part_that_is_there_twice_is_a_fault(name: str, rows: Rows, tmp_path: Path) -> None:
    raw = made(rows, {})
    twice = io.BytesIO(raw)
    with zipfile.ZipFile(twice, "a") as more:
        more.writestr(name, zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml"))
        more.writestr("a.txt", b"")
    assert [fault.code for fault in handed_in(tmp_path, twice.getvalue())[1]] == ["workbook_part_twice"]


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

    opened._KEPT.clear()
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
    book = package.opened(raws[-1])
    assert set(cells.grid(book, book.sheets[0]).cells) == set(range(1, 242))
    monkeypatch.setattr(limits, "CELLS", 2_000)
    frame, faults, _ = handed_in(tmp_path, raws[-1])
    assert not faults and worth(frame) == worth(clean)


def test_a_sheet_of_a_million_empty_rows_is_within_all_measure() -> None:
    row = '<row r="1048576" s="0" customFormat="1"><c r="D1048576" s="0"/></row>'
    for sign, most in (("", limits.UNPACKED_BYTES), ("<", limits.TAGS), ("=", limits.ATTRIBUTES)):
        assert 1_048_576 * (row.count(sign) if sign else len(row)) < most


def test_a_column_formatted_and_hidden_to_the_end_is_no_data(rows: Rows, clean: pd.DataFrame, tmp_path: Path) -> None:
    raw = repacked(made(rows, {}), lambda name, data: data.replace(
        b"<sheetData>", b'<cols><col min="9" max="16384" width="0" hidden="1"/></cols><sheetData>') if "sheet1" in name else data)
    frame, faults, _ = handed_in(tmp_path, raw)
    assert not faults and worth(frame) == worth(clean)


def test_a_sheet_beyond_all_measure_is_refused(rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most, kind in (("UNPACKED_BYTES", 10_000, "bytes"), ("CELLS", 100, "cells")):
        with monkeypatch.context() as patched:
            patched.setattr(limits, name, most)
            opened._KEPT.clear()
            _, faults, _ = handed_in(tmp_path, made(rows, {}))
        assert [(fault.code, dict(fault.values)) for fault in faults] == [
            ("workbook_too_large", {"kind": kind, "most": f"{most:,}"})]
    opened._KEPT.clear()


def wide(count: int) -> bytes:
    """So many rows of forty cells, most of them beside the table."""
    names = ["unit", "indicator", "period", "value", "target", "last_year", "status", "note"]
    told = [[*names, *(f"x{i}" for i in range(32))]]
    told += [[f"u{r}", "A1.1", 2020, r * 1.1, r / 7, r, "", "注", *(r + i / 3 for i in range(32))] for r in range(count)]
    return made(told, {})


def test_a_cell_takes_as_much_work_in_a_large_sheet_as_in_a_small_one(tmp_path: Path) -> None:
    """In lines run and functions called; the seconds of 5,000 rows are in benchmarks/bench_reading.py."""
    few, some, many = (steps(tmp_path, wide(count)) for count in (50, 100, 200))
    assert some - few <= 50 * 40 * 110
    assert many - some <= 1.3 * 2 * (some - few)
    _, faults, _ = handed_in(tmp_path, wide(100))
    assert {fault.code for fault in faults} == {"column_unknown"} and len(faults) == 32


def test_five_thousand_rows_are_read_into_a_frame(tmp_path: Path) -> None:
    told = [["unit", "indicator", "period", "value"], *([f"u{r}", "A1.1", 2020, r * 1.1] for r in range(5000))]
    frame, faults, _ = handed_in(tmp_path, made(told, {}))
    assert not faults and len(frame) == 5000
    assert frame["value"][3].number == 3.3
