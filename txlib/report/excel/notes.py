"""The first sheet of a hand-out: what to do, which sheets there are, what codes mean, and the lists of drop-downs among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_range_abs

from txlib.intake import tables
from txlib.intake.blanks import Form
from txlib.intake.checks import OFFICE
from txlib.intake.folders import workbook_of
from txlib.methods.words import word
from txlib.report.excel.book import LINES, WARM, CellValue, Workbook, height
from txlib.report.excel.called import heading_of, name_of
from txlib.report.kit.shown import MISSING, TableColumn
from txlib.report.kit.words import Words
from txlib.rules.book import RuleBook
from txlib.rules.category import Category, Node

WIDTHS = (24, 32, 32, 40)
STEPS = ("fill", "none", "unit", "send", "filter")

NotesRow = tuple[CellValue, ...]


class NotesPart(NamedTuple):
    """A table of the notes: what it is, its headings and rows, and the lists of drop-downs in it by their key: which rows, from
    the first to before the last, of which column."""

    title: str
    heads: tuple[str, ...]
    rows: Sequence[NotesRow]
    lists: Mapping[str, tuple[int, int, int]]


class Offered(NamedTuple):
    """What a drop-down offers in a category: its key, the texts about each entry, and which of them is offered."""

    key: str
    category: str
    entries: list[tuple[str, ...]]
    column: int = 0


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
        for key, (first, end, column) in part.lists.items():
            lists[key] = f"='{file.names[-1]}'!{xl_range_abs(row + 1 + first, column, row + end, column)}"
        for line in part.rows:
            row += 1
            for column, cell in enumerate(line):
                file.put(page, row, column, cell, text_wrap=True, indent=1, border=1, border_color=LINES,
                         align="right" if isinstance(cell, float) else "left")
            page.set_row(row, height([str(cell or "") for cell in line], WIDTHS[:len(line)]))
        row += 1
    page.protect("", {"select_locked_cells": True, "format_columns": True, "format_rows": True})
    return lists


def _parts(book: RuleBook, units: pd.DataFrame, lead: str, forms: Sequence[Form], words: Words) -> Iterator[NotesPart]:
    """The tables of the notes."""
    year = words.say("handin.whole_year")
    sheets: list[NotesRow] = [(name_of(form, words.lang), _category(book, form.category, words) or year,
                                        float(form.due) if form.due else None) for form in forms]
    yield NotesPart(words.say("handin.part_sheets"),
                    (words.say("handin.sheets"), words.say("handin.meaning"), words.say("handin.due")), sheets, {})
    used = {form.category for form in forms if form.category}
    alone = all(form.category and not tables.named()[form.table].others for form in forms)
    inside = units[units["category"].isin(used)] if alone else units
    groups = inside.groupby("category", sort=False) if any(form.free and "unit" in form.columns for form in forms) else ()
    listed, lists = list[NotesRow](), dict[str, tuple[int, int, int]]()
    for code, group in groups:
        listed += [(str(row.unit), words.row(row), _category(book, str(code), words)) for row in group.itertuples()]
        lists |= {f"unit {code}": (len(listed) - len(group), len(listed), 0)} if code else {}
    lists["unit "] = (0, len(listed), 0)
    coded, category, clauses = words.say("handin.codes"), words.label("category"), words.say("handin.clauses")
    yield NotesPart(words.say("handin.listed_units"), (coded, words.say("handin.meaning"), category), listed, lists)
    named = (coded, words.say("handin.named"))
    items = list(_items(book, lead, forms, words))
    nodes = [node for form in forms if form.category for node in _nodes(book.categories[form.category], form)]
    rows = {(node.code, words.name(node)): (node.code, words.name(node), _measure(node, words), _clauses(node, words))
            for node in nodes}
    chosen = {entry[:2] for each in items for entry in each.entries}
    yield NotesPart(words.say("handin.listed_indicators"), (*named, words.say("handin.measure"), clauses),
                    [row for key, row in rows.items() if key not in chosen], {})
    yield _offered(words.say("handin.listed_items"), (*named, clauses, category), items, words)
    for title, codes in _codes(book, lead, forms, words).items():
        yield _offered(words.say("handin.listed_codes", column=title), (*named, category), codes, words)
    citing = [form for form in forms if form.free and "clause" in form.columns]
    cited = [(code, words.text(each.term)) for code, each in book.clauses.items()] if citing else []
    yield NotesPart(words.say("handin.listed_codes", column=clauses), named, cited,
                    {f"clause {form.table} {form.category}": (0, len(cited), 0) for form in citing})


def _category(book: RuleBook, code: str, words: Words) -> str:
    return words.name(book.categories[code]) if code in book.categories else ""


def _nodes(category: Category, form: Form) -> list[Node]:
    """The leaves whose rows a form holds."""
    codes = dict.fromkeys(str(row["indicator"]) for row in form.rows) if not form.free else {}
    return [category.node(code) for code in codes]


def _measure(node: Node, words: Words) -> str:
    return words.text(node.measured_in) if node.measured_in else MISSING


def _clauses(node: Node, words: Words) -> str:
    """The clauses that an indicator rests on."""
    return "; ".join(map(words.clause, node.clause)) or MISSING


def _offered(title: str, heads: tuple[str, ...], wanted: Sequence[Offered], words: Words) -> NotesPart:
    """A table of what drop-downs offer, each row with the categories that it is for: an entry stands once, unless two lists
    have it in another order or among others."""
    rows, lists = list[tuple[str, ...]](), dict[str, tuple[int, int, int]]()
    where: dict[int, dict[str, None]] = {}
    for each in sorted((each for each in wanted if each.entries), key=lambda each: -len(each.entries)):
        size = len(each.entries)
        first = next((i for i in range(len(rows)) if rows[i:i + size] == each.entries), len(rows))
        rows += each.entries if first == len(rows) else []
        lists[each.key] = (first, first + size, each.column)
        for i in range(first, first + size):
            where.setdefault(i, {})[each.category] = None
    return NotesPart(title, heads, [(*row, words.joined(where[i])) for i, row in enumerate(rows)], lists)


def _items(book: RuleBook, lead: str, forms: Sequence[Form], words: Words) -> Iterator[Offered]:
    """What rows of unforeseen sheets are of: events' adjustments, the items that detailed rules are for."""
    for form in [form for form in forms if form.free and form.category]:
        category = book.categories[form.category]
        nodes = [node for node in tables.named()[form.table].chosen(category) if (node.lead or OFFICE) == lead]
        yield Offered(f"indicator {form.table} {form.category}", words.name(category),
                      [(node.code, words.name(node), _clauses(node, words)) for node in nodes])


def _codes(book: RuleBook, lead: str, forms: Sequence[Form], words: Words) -> dict[str, list[Offered]]:
    """The codes of the lead's rules that columns of such sheets hold, as levels of events, by the column's heading; they are
    offered by name where the rules name any of them."""
    found: dict[str, list[Offered]] = {}
    for form in [form for form in forms if form.free and form.category]:
        category, row = book.categories[form.category], tables.named()[form.table]
        known = [row.codes(node) for node in row.scored(category) if (node.lead or OFFICE) == lead]
        for column in dict.fromkeys(column for each in known for column in each):
            coded = [each[column] for each in known if column in each]
            pairs = dict.fromkeys((code, word(code, words.lang, each)) for each in coded for code in each)
            found.setdefault(heading_of(row, column, words.lang), []).append(Offered(
                f"{column} {form.table} {form.category}", words.name(category), list(pairs),
                int(any(code in each.names for each in coded for code in each))))
    return found
