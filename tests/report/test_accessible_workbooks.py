"""Workbooks for whoever hears them, or sees no colours: what the checklists for accessible spreadsheets ask (UK Government
Analysis Function, "Accessible spreadsheets: a checklist of the basics"; Microsoft's accessibility checker), a promise a test,
held by every workbook in both languages.

Some points are not kept: notes of results stand below their table, and a line above it says so; heads stay in sight, and rows
can be filtered, since people work with these sheets.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from handouts import NEXT, head, lines
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet
from shared import assessed, edition, words_of

import txlib as tx
from txlib.base import labels
from txlib.intake import asked, blanks, tables
from txlib.report.excel import handout, results
from txlib.report.excel.form import INPUT
from txlib.report.kit.shown import wide

TWO = ("towns_1", "depts_3")
Raw = dict[str, bytes]


@cache
def raw_books(lang: str, root: Path) -> Raw:
    """A year's results and hand-outs by name: 2020's of two categories, and what is asked for in 2021."""
    book, data = edition("2020")
    found = {code: assessed("2020", code) for code in TWO}
    later = tx.load_rulebook(NEXT, root)
    units = asked.units_known(later)[0]
    words = words_of(later, lang)
    return {"results": results.workbook(book, data, found, {"x": "lacking"}, words_of(book, lang, data))} | {
        lead or "office": handout.workbook(later, units, lead, forms, words)
        for lead, forms in blanks.forms(later, units).items()}


@cache
def opened(lang: str, root: Path) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return {name: openpyxl.load_workbook(io.BytesIO(raw)) for name, raw in raw_books(lang, root).items()}


@pytest.fixture(params=labels.LANGS)
def lang(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def books(lang: str, year_of_two: Path) -> dict[str, Any]:
    """All workbooks by name."""
    return opened(lang, year_of_two)


def pages(books: dict[str, Any]) -> Iterator[Worksheet]:
    return (page for book in books.values() for page in book.worksheets)


def marked(books: dict[str, Any]) -> Iterator[tuple[Worksheet, Table]]:
    return ((page, table) for page in pages(books) for table in page.tables.values())


def rows_of(page: Worksheet, table: Table) -> list[tuple[Any, ...]]:
    left, top, right, bottom = range_boundaries(table.ref)
    return list(page.iter_rows(top, bottom, left, right))


def keyed(books: dict[str, Any]) -> Iterator[Worksheet]:
    """The sheets of hand-outs whose rows are known beforehand."""
    return (page for name, book in books.items() if name != "results" for page in book.worksheets[1:] if page.protection.sheet)


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_sheet_has_its_table_marked_and_named_after_what_it_holds(books: dict[str, Any]) -> None:
    assert len(books) > 10
    for book in books.values():
        names = [table.displayName for page in book.worksheets for table in page.tables.values()]
        assert len({name.lower() for name in names}) == len(names)
        assert not [name for name in names if re.match(r"(?i)table\d*$|[a-z]{1,3}\d+$|r\d*c\d*$", name)]
        assert all(re.fullmatch(r"[\w.]+", name) for name in names)
        assert all(page.tables for page in book.worksheets)


def test_a_table_has_one_head_of_different_texts_the_same_as_in_its_cells(books: dict[str, Any]) -> None:
    for page, table in marked(books):
        told, shown = [column.name for column in table.tableColumns], [cell.value for cell in rows_of(page, table)[0]]
        assert told == shown and all(told) and len({name.lower() for name in told}) == len(told), page.title
        assert table.headerRowCount == 1 and all(cell.font.b for cell in rows_of(page, table)[0])


def test_all_that_stands_in_columns_beside_one_another_stands_in_a_table(books: dict[str, Any]) -> None:
    """Outside of tables there are lines of text in column A, in the order in which they are read."""
    for page in pages(books):
        inside = {cell.coordinate for table in page.tables.values() for row in rows_of(page, table) for cell in row}
        beside = [cell.coordinate for row in page.iter_rows() for cell in row if cell.value is not None and cell.column > 1]
        assert not set(beside) - inside, page.title


def test_no_cells_are_merged(books: dict[str, Any]) -> None:
    assert [page.title for page in pages(books) if page.merged_cells.ranges] == []


def test_no_table_has_an_empty_row_or_column_but_to_be_filled_in(books: dict[str, Any]) -> None:
    for name, book in books.items():
        for page in book.worksheets:
            for table in page.tables.values():
                rows = [[cell.value for cell in row] for row in rows_of(page, table)]
                empty = [i for i, row in enumerate(rows) if not any(value is not None for value in row)]
                form = name != "results" and page != book.worksheets[0]
                if form and not page.protection.sheet:  # rows that nobody can foresee
                    assert empty == list(range(len(rows) - len(empty), len(rows))) and len(empty) == blanks.FREE
                    continue
                without = [column[0] for column in zip(*rows, strict=True) if not any(value is not None for value in column[1:])]
                assert not empty and (form or not without), page.title


def test_nothing_is_hidden(books: dict[str, Any]) -> None:
    for page in pages(books):
        assert page.sheet_state == "visible"
        assert not [key for key, each in (*page.row_dimensions.items(), *page.column_dimensions.items()) if each.hidden]


def test_a_text_that_is_wider_than_its_column_is_wrapped(books: dict[str, Any]) -> None:
    for page, table in marked(books):
        for row in rows_of(page, table):
            for cell in row:
                width = page.column_dimensions[get_column_letter(cell.column)].width
                fits = not isinstance(cell.value, str) or wide(cell.value) <= width
                assert fits or cell.alignment.wrap_text or cell.hyperlink, (page.title, cell.coordinate)


# ── sheets and documents ────────────────────────────────────────────────────────────────────────────────────────────


def test_every_sheet_begins_with_its_title_in_a1_and_has_a_name_that_says_something(books: dict[str, Any]) -> None:
    for book in books.values():
        titles = [page["A1"] for page in book.worksheets]
        assert all(isinstance(cell.value, str) and cell.font.b and cell.font.sz >= 14 for cell in titles)
        assert len({cell.value for cell in titles}) == len(titles)
        assert not [page.title for page in book.worksheets if re.match(r"(?i)sheet|工作表", page.title)]


def test_a_document_has_its_title_and_who_made_it(books: dict[str, Any]) -> None:
    for book in books.values():
        assert book.properties.title.startswith(book.worksheets[0]["A1"].value) and book.properties.creator


def test_a_document_says_which_language_its_texts_are_in(lang: str, books: dict[str, Any]) -> None:
    assert {book.properties.language for book in books.values()} == {{"zh": "zh-CN", "en": "en"}[lang]}


def test_it_opens_where_reading_begins(books: dict[str, Any]) -> None:
    """On the first sheet, in A1; Ctrl+Home leads to the first cell below a head that stays in sight."""
    for book in books.values():
        assert book.active == book.worksheets[0]
        for page in book.worksheets:
            assert page.sheet_view.selection[-1].activeCell == "A1"  # of the pane that is active
            (first, *_) = page.tables.values()
            if page.freeze_panes:
                assert int(re.sub(r"\D", "", page.freeze_panes)) == range_boundaries(first.ref)[1] + 1


def test_there_is_no_picture_and_every_table_says_what_it_is(lang: str, year_of_two: Path, books: dict[str, Any]) -> None:
    for page in pages(books):
        assert not page._images and not page._charts  # type: ignore[attr-defined]
    for name, raw in raw_books(lang, year_of_two).items():
        archive = zipfile.ZipFile(io.BytesIO(raw))
        parts = [part for part in archive.namelist() if part.startswith("xl/tables/")]
        told = [re.search('altText="([^"]+)"', archive.read(part).decode()) for part in parts]
        assert parts and all(told), name


def test_heads_are_repeated_on_paper_and_pages_are_as_wide_as_the_table(books: dict[str, Any]) -> None:
    for page in pages(books):
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        if page.freeze_panes:
            (table,) = page.tables.values()
            assert int(page.print_title_rows.split("$")[-1]) == range_boundaries(table.ref)[1]


# ── colours ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def light(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[-6:][i:i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_texts_stand_out_from_their_ground(books: dict[str, Any]) -> None:
    """By 4.5 to 1 at the least, as WCAG 2.2 asks at level AA."""
    pairs = {(cell.font.color.rgb, cell.fill.fgColor.rgb if cell.fill.fill_type else "FFFFFFFF")
             for page in pages(books) for row in page.iter_rows() for cell in row if cell.value is not None}
    assert len(pairs) > 3
    for ink, ground in pairs:
        low, high = sorted((light(ink), light(ground)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_what_is_to_be_filled_in_is_told_in_words_as_well_as_by_colour(lang: str, books: dict[str, Any]) -> None:
    """Row by row, or in a line above the table where all rows are alike: the columns whose cells are yellow."""
    seen = 0
    for page in keyed(books):
        top, columns = head(page)
        table = next(row for name, row in tables.named().items() if page.title.split(" ")[0] in (name, row.model_config["title"]))
        called = {name: str(field.title) if lang == "zh" else name for name, field in table.model_fields.items()}
        hint = str(page.cell(top - 1, 1).value)
        beside = columns.get(labels.say("handin.beside_to_do", lang))
        for row, _ in lines(page):
            told = str(page.cell(row, beside).value) if beside else hint
            yellow = [word for name, word in called.items() if name in columns
                      and page.cell(row, columns[name]).fill.fgColor.rgb[-6:] == INPUT[1:]]
            fill = labels.say("handin.do_fill", lang, columns=labels.say("tables.comma", lang).join(yellow))
            others = [labels.say("handin.do_fill", lang, columns=word) for word in called.values()]
            assert (fill in told) if yellow else not [each for each in others if each in told], (page.title, row)
            seen += len(yellow)
    assert seen > 500


def test_what_is_required_of_free_rows_is_told_in_words(lang: str, books: dict[str, Any]) -> None:
    begins = labels.say("handin.required", lang, columns="").rstrip("。.")
    handed = [page for name, book in books.items() if name != "results" for page in book.worksheets[1:]]
    free = [page for page in handed if not page.protection.sheet]
    assert len(free) > 5
    for page in free:
        assert str(page.cell(head(page)[0] - 1, 1).value).startswith(begins), page.title


def test_what_is_taken_from_the_year_before_is_told_in_words(lang: str, books: dict[str, Any]) -> None:
    page = books["office"].worksheets[1]
    hints = [page.cell(row, 1).value for row in range(1, head(page)[0])]
    assert {labels.say("handin.all_from", lang, year="2020"), labels.say("handin.fill_year", lang)} <= {*hints}


# ── what a clerk can do ─────────────────────────────────────────────────────────────────────────────────────────────


def test_rows_can_be_filtered_and_where_there_are_no_keys_tables_grow(books: dict[str, Any]) -> None:
    """A sheet with keys is protected, without a password, and lets filter, not sort, since rules of cells stay where they are; in
    one that is protected no table grows."""
    for name, book in books.items():
        for page in book.worksheets[1:] if name != "results" else ():
            (table,) = page.tables.values()
            assert table.autoFilter.ref == table.ref
            assert not page.protection.password and not (page.protection.sheet and page.protection.autoFilter)
            assert page.protection.sort or not page.protection.sheet
            locked = any(cell.protection.locked for cell in rows_of(page, table)[1])
            assert locked == page.protection.sheet
