"""The first sheet of a hand-out: what to do, which sheets there are, what codes mean, and the lists of drop-downs among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from txlib.intake import tables
from txlib.intake.blanks import Form
from txlib.intake.checks import OFFICE
from txlib.intake.folders import workbook_of
from txlib.methods.words import word
from txlib.report.excel.book import LINES, WARM, CellValue, Workbook, height
from txlib.report.excel.called import name_of
from txlib.report.kit.shown import TableColumn
from txlib.report.kit.words import Words
from txlib.rules.book import Category, Node, RuleBook

WIDTHS = (24, 60, 40)
STEPS = ("fill", "none", "unit", "send", "filter")

NotesBlock = tuple[str, list[tuple[CellValue, ...]]]


class NotesPart(NamedTuple):
    """A table of the notes: what it is, its headings, and blocks of rows, each under the key of the list that its first column
    is; empty where it is none."""

    title: str
    heads: tuple[str, str, str]
    blocks: list[NotesBlock]

    @property
    def rows(self) -> list[tuple[CellValue, ...]]:
        """The rows of all blocks."""
        return [line for _, lines in self.blocks for line in lines]


def write(file: Workbook, book: RuleBook, units: pd.DataFrame, lead: str, forms: Sequence[Form], words: Words) -> dict[str, str]:
    """Write the notes; the lists in them as formulas name them, by column, table and category."""
    page, total = file.sheet(words.say("handin.notes"), upright=True), sum(WIDTHS)
    for column, width in enumerate(WIDTHS):
        page.set_column(column, column, width)
    row = file.line(page, 0, file.title, total, bold=True, font_size=16)
    if book.sample:
        row = file.line(page, row, words.label("sample"), total, bold=True, font_color=WARM)
    for key in STEPS:
        row = file.line(page, row, words.say(f"handin.step_{key}", file=workbook_of(lead), year=book.year), total)
    lists: dict[str, str] = {}
    for part in _parts(book, units, lead, forms, words):
        if not part.rows:
            continue
        row = file.part(page, row, part.title, total)
        file.head(page, row, [TableColumn(head) for head in part.heads], row + len(part.rows), part.title, called=part.title)
        for key, lines in part.blocks:
            if key and lines:
                lists[key] = f"='{file.names[-1]}'!$A${row + 2}:$A${row + 1 + len(lines)}"
            for line in lines:
                row += 1
                for column, cell in enumerate(line):
                    file.put(page, row, column, cell, text_wrap=True, indent=1, border=1, border_color=LINES,
                             align="right" if isinstance(cell, float) else "left")
                page.set_row(row, height([str(cell or "") for cell in line], WIDTHS))
        row += 1
    page.protect("", {"select_locked_cells": True, "format_columns": True, "format_rows": True})
    return lists


def _parts(book: RuleBook, units: pd.DataFrame, lead: str, forms: Sequence[Form], words: Words) -> Iterator[NotesPart]:
    """The tables of the notes."""
    year = words.say("handin.whole_year")
    sheets: list[tuple[CellValue, ...]] = [(name_of(form, words.lang), _category(book, form.category, words) or year,
                                        float(form.due) if form.due else None) for form in forms]
    yield NotesPart(words.say("handin.part_sheets"),
                    (words.say("handin.sheets"), words.say("handin.meaning"), words.say("handin.due")), [("", sheets)])
    used = {form.category for form in forms if form.category}
    inside = units[units["category"].isin(used)] if all(form.category for form in forms) else units
    groups = inside.groupby("category", sort=False) if any(form.free and "unit" in form.columns for form in forms) else ()
    listed: list[NotesBlock] = [
        (f"unit {code}" if code else "",
         [(str(row.unit), words.row(row), _category(book, str(code), words)) for row in group.itertuples()])
        for code, group in groups]
    yield NotesPart(words.say("handin.listed_units"), (words.say("handin.codes"), words.say("handin.meaning"),
                                                       words.label("category")), listed)
    nodes = [(form, node) for form in forms if form.category for node in _nodes(book.categories[form.category], form)]
    rows = {(node.code, words.name(node)): (node.code, words.name(node), _about(node, words)) for _, node in nodes}
    yield NotesPart(words.say("handin.listed_indicators"), (words.say("handin.codes"), words.say("handin.meaning"),
                                                            words.say("handin.measure_and_clause")),
                    [("", list(rows.values())), *_chosen(book, lead, forms, words)])


def _category(book: RuleBook, code: str, words: Words) -> str:
    return words.name(book.categories[code]) if code in book.categories else ""


def _nodes(category: Category, form: Form) -> list[Node]:
    """The leaves whose rows a form holds."""
    codes = dict.fromkeys(str(row["indicator"]) for row in form.rows) if not form.free else {}
    return [category.node(code) for code in codes]


def _about(node: Node, words: Words) -> str:
    """An indicator's unit of measure, and the clauses that it rests on."""
    measure = [words.text(node.measured_in)] if node.measured_in else []
    return "; ".join([*measure, *map(words.clause, node.clause)])


def _chosen(book: RuleBook, lead: str, forms: Sequence[Form], words: Words) -> Iterator[NotesBlock]:
    """Lists that sheets of unforeseen rows choose from: events' adjustments and levels, the items that detailed rules are for."""
    for form in [form for form in forms if form.free and form.category]:
        category, row = book.categories[form.category], tables.named()[form.table]
        name, nodes = words.name(category), [node for node in row.chosen(category) if (node.lead or OFFICE) == lead]
        yield f"indicator {form.table} {form.category}", [(node.code, words.name(node), name) for node in nodes]
        known = [row.codes(node) for node in row.scored(category)]
        for column in dict.fromkeys(column for each in known for column in each):
            pairs = [(code, word(code, words.lang, each[column]), code in each[column].names)
                     for each in known for code in each.get(column, ())]
            entries = [(said, code) if named else (code, said) for code, said, named in dict.fromkeys(pairs)]
            yield f"{column} {form.table} {form.category}", [(*entry, name) for entry in dict.fromkeys(entries)]
