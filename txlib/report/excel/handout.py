"""A workbook for a lead department to fill in: keys filled in and protected, rules for what is typed, notes beside it.

Columns whose headings stand in brackets are for the eye: they are not read again. Sheets are protected without a password.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from txlib.base.labels import say, section
from txlib.base.text import harmless
from txlib.intake import tables
from txlib.intake.blanks import Form
from txlib.intake.checks import OFFICE, assessed_year
from txlib.intake.folders import workbook_of
from txlib.intake.read import sheet_of
from txlib.intake.sheets.cells import DayCell, QuantityCell, ShareCell, WholeCell, choices
from txlib.intake.table import HandedRow, wanted
from txlib.methods import Method
from txlib.methods.words import word
from txlib.report.excel.book import HEAD, LINES, WARM, CellValue, TableArea, Workbook, height, laid_out
from txlib.report.kit.shown import TableColumn
from txlib.report.kit.words import Words
from txlib.rules.book import Category, Node, RuleBook
from txlib.spreadsheet.number_formats import decimal

INPUT, KNOWN, LOCKED = "#FFF7CC", "#DDEEFF", "#EEF1F4"
STATUS = {"zh": ("已报", "不适用"), "en": ("reported", "not_applicable")}
BESIDE = {"unit": ("unit",), "indicator": ("indicator", "measure", "clause"), "group": ("group",), "grade": ("grade",)}
LABELS, TEXTS, MORE = 24, 60, 40  # widths of the notes' columns
LONGEST, PROMPT, TITLE = 255, 250, 32  # of a list, of a message, of its title
ALLOWED = {name: True for name in ("select_locked_cells", "select_unlocked_cells", "format_columns", "format_rows", "sort",
                                   "autofilter")}


class ChoiceRange(NamedTuple):
    """A list in the notes that a drop-down takes its entries from."""

    first: int
    last: int

    def source(self, notes: str) -> str:
        """The list as a formula names it."""
        return f"='{notes}'!$A${self.first + 1}:$A${self.last + 1}"


def workbook(book: RuleBook, units: pd.DataFrame, lead: str, forms: Sequence[Form], words: Words) -> bytes:
    """The bytes of a lead department's workbook."""
    names = words.by_unit(units)
    who = names.get(lead, lead) if lead != OFFICE else words.text(book.office)
    title = words.say("handin.title", title=words.text(book.title), lead=who)
    file = Workbook(words.lang, book.as_of, title, words.text(book.office), words.say("excel.sample") if book.sample else "")
    notes = file.sheet(words.say("handin.notes"), upright=True)
    lists = _notes(file, notes, book, units, lead, forms, words)
    for form in forms:
        _Sheet(file, words, names, form, lists).write()
    return file.finished()


def title_of(table: str, lang: str) -> str:
    """A table's name as a sheet has it."""
    return str(tables.named()[table].model_config["title"]) if lang == "zh" else table


def name_of(form: Form, lang: str) -> str:
    """The name of a form's sheet, by which it is read again."""
    return sheet_of(title_of(form.table, lang), form.category) if form.category else title_of(form.table, lang)


@cache
def kind_of(table: type[HandedRow], column: str) -> str:
    """What a column holds: whole, percent, day, number, or text."""
    kinds = {"whole": WholeCell, "percent": ShareCell, "day": DayCell, "number": QuantityCell}
    metadata = table.model_fields[column].metadata
    other = "number" if column in wanted(table).numbers else "text"
    return next((kind for kind, shape in kinds.items() if shape.__metadata__[0] in metadata), other)  # type: ignore[attr-defined]


def meaning_of(table: type[HandedRow], column: str, lang: str) -> str:
    """What a column means: its text, of this table or of all that have it; else its title, and what its field says of it."""
    keys = [key for key in (f"column_{table.table}_{column}", f"column_{column}") if key in section("handin")]
    field = table.model_fields[column]
    return say(f"handin.{keys[0]}", lang) if keys else ": ".join(filter(None, [
        str(field.title) if lang == "zh" else column, field.description]))


class _Sheet:
    """The sheet of one form."""

    def __init__(self, file: Workbook, words: Words, names: Mapping[str, str], form: Form,
                 lists: Mapping[str, ChoiceRange]) -> None:
        self.file, self.words, self.book, self.form = file, words, words.book, form
        self.names, self.lists = names, lists
        self.year = assessed_year(self.book)
        self.category: Category | None = self.book.categories.get(form.category)
        self.row, self.keyed = tables.named()[form.table], not form.free
        beside = {column: [f"({each}" for each in more if each != "measure" or wanted(self.row).measured]
                  for column, more in (BESIDE.items() if self.keyed else ())}
        self.columns = [name for column in form.columns for name in (column, *beside.get(column, ()))]

    def node(self, row: Mapping[str, Any]) -> Node | None:
        """The leaf that a row is of."""
        return self.category.node(str(row["indicator"])) if self.category and self.keyed else None

    def write(self) -> None:
        """Write the sheet: cells locked or free, validation rules, comments on heads; protected without a password."""
        form, words = self.form, self.words
        rows = [[self.content(name, row) for name in self.columns] for row in form.rows]
        rows += [[None] * len(self.columns)] * form.free
        category = words.name(self.category) if self.category else words.say("handin.whole_year")
        title = words.say("handin.sheet_title", table=title_of(form.table, words.lang), category=category)
        heads = [TableColumn(self.label(name)) for name in self.columns]
        page, place = laid_out(self.file, name_of(form, words.lang), title, heads, rows, fixed=4 if self.keyed else 1,
                               hint=words.say(f"handin.fill_{self.hint()}"), least=self.room())
        self.cells(page, place, rows)
        for i, name in enumerate(self.columns):
            if not name.startswith("("):
                page.write_comment(place.head, i, harmless(meaning_of(self.row, name, words.lang)),
                                   {"author": "", "x_scale": 1.6, "y_scale": 0.6})
        self.rules(page, place)
        page.protect("", ALLOWED if self.keyed else {**ALLOWED, "insert_rows": True, "delete_rows": True})

    def hint(self) -> str:
        """The key of the line above the table that says where to fill it in."""
        if self.row.hint:
            return self.row.hint
        if self.keyed:
            return "here"
        return "year" if self.form.rows and not self.form.category else "rows"

    def room(self) -> dict[int, float]:
        """The least width of the columns that are to be filled in, by their number."""
        return {i: 26.0 if name in self.row.wide else 12.0 for i, name in enumerate(self.columns)
                if not name.startswith("(") and name not in self.row.preset}

    def label(self, name: str) -> str:
        """A column's heading."""
        if name.startswith("("):
            return self.words.say(f"handin.beside_{name[1:]}")
        return str(self.row.model_fields[name].title) if self.words.lang == "zh" else name

    def content(self, name: str, row: Mapping[str, Any]) -> CellValue:
        """What stands in a cell before anybody fills it in."""
        node = self.node(row)
        if name == "(unit":
            return self.names.get(str(row["unit"]), "")
        if node and name in ("(indicator", "(measure", "(clause"):
            measure = self.words.text(node.measured_in) if node.measured_in else ""
            return {"(indicator": self.words.name(node), "(measure": measure, "(clause": ", ".join(node.clause)}[name]
        if name in ("(group", "(grade"):
            return word(str(row[name[1:]]), self.words.lang)
        value = row.get(name)
        if self.codes(name) and self.words.lang == "zh" and value is not None:
            return self.codes(name).get(str(value), str(value))
        if name == "status":
            return STATUS[self.words.lang][1] if value == "not_applicable" else None
        return value

    def codes(self, name: str) -> Mapping[str, str]:
        """The codes and words that a column chooses from, whatever the rules are."""
        return {} if name.startswith("(") else choices(self.row.model_fields[name].metadata)

    def free(self, name: str, row: Mapping[str, Any], value: CellValue) -> tuple[bool, str]:
        """Whether a cell may be changed, and its colour."""
        if not self.keyed:
            needed = bool(row) and self.row.model_fields[name].is_required()
            if value is not None:
                return True, KNOWN
            return True, INPUT if needed else ""
        node = self.node(row)
        if node is None or name in self.row.preset or name.startswith("("):
            return False, LOCKED
        if name == "status":
            return (False, LOCKED) if node.not_applicable.rule == "not_allowed" else (True, "")
        if name in self.row.as_ruled and name not in self.row.to_fill(node):
            return False, LOCKED
        if name == "note":
            return True, ""
        return True, KNOWN if value is not None else INPUT

    def cells(self, page: Any, place: TableArea, rows: Sequence[Sequence[CellValue]]) -> None:
        """Write each cell again, locked or free and in its colour; in a table of free rows the columns below stay free too."""
        empty: Mapping[str, Any] = {}
        for i, row in enumerate(rows):
            known = self.form.rows[i] if i < len(self.form.rows) else empty
            for j, (name, value) in enumerate(zip(self.columns, row, strict=True)):
                free, colour = self.free(name, known, value)
                kind = "text" if name.startswith("(") else kind_of(self.row, name)
                look: dict[str, Any] = {"border": 1, "border_color": LINES, "locked": not free}
                look |= {"align": "right"} if kind in ("whole", "percent", "number") else {"text_wrap": True}
                if colour:
                    look["bg_color"] = colour
                if kind == "day" or (kind == "text" and free):
                    look["num_format"] = "yyyy-mm-dd" if kind == "day" else "@"
                self.file.put(page, place.first + i, j, value, **look)
        if not self.keyed:
            for j, name in enumerate(self.columns):
                page.set_column(j, j, place.widths[j], self.file.style(
                    locked=False, **({"num_format": "@"} if kind_of(self.row, name) == "text" else {})))

    # ── rules for what is typed ──

    def rules(self, page: Any, place: TableArea) -> None:
        """Set the validation rules of every column; in a table of leaves, for each leaf's rows apart."""
        for j, name in enumerate(self.columns):
            if name.startswith("("):
                continue
            if not self.keyed:
                self.rule(page, place.first, place.last, j, self.by_column(name))
            elif name not in self.row.preset:
                rows = enumerate(self.form.rows, start=place.first)
                for _, group in groupby(rows, key=lambda each: each[1]["indicator"]):
                    same = list(group)
                    node = self.node(same[0][1])
                    assert node is not None
                    self.rule(page, same[0][0], same[-1][0], j, self.by_leaf(name, node, same[0][0]))

    def rule(self, page: Any, first: int, last: int, column: int, rule: Mapping[str, Any] | None) -> None:
        if rule and last >= first:
            page.data_validation(first, column, last, column, {"error_title": self.words.say("handin.notes"), **rule})

    def by_column(self, name: str) -> dict[str, Any] | None:
        """The rule of a column in a table without known rows."""
        if rule := self.by_kind(name):
            return rule
        if kind_of(self.row, name) == "number":
            return self.any_number()
        if name == "period":
            return self.listed([self.book.period])
        known = self.lists.get(f"{name} {self.form.table} {self.form.category}")
        if name == "unit" and known is None:
            known = self.lists.get(f"unit {self.form.category}")
        return None if known is None else {"validate": "list", "source": known.source(self.file.names[0]),
                                           "error_message": self.words.say("handin.stop_list")}

    def by_kind(self, name: str) -> dict[str, Any] | None:
        """The rule of a column that holds whole numbers, shares, days or choices, whatever its row is of."""
        kind, codes = kind_of(self.row, name), self.codes(name)
        if kind == "whole":
            return self.least("integer", 0, "stop_whole")
        if kind == "percent":
            return self.between(0, 100)
        if kind == "day" and self.year and name in self.row.days:
            return {"validate": "date", "criteria": "between", "minimum": pd.Timestamp(f"{self.year}-01-01").to_pydatetime(),
                    "maximum": pd.Timestamp(f"{self.year}-12-31").to_pydatetime(),
                    "error_message": self.words.say("handin.stop_day", year=self.year)}
        return self.listed(list(codes if self.words.lang == "en" else codes.values())) if codes else None

    def by_leaf(self, name: str, node: Node, row: int) -> dict[str, Any] | None:
        """The rule of a column for a leaf's rows, from `row` on, with the message that Excel shows when a cell is chosen."""
        allowed = node.not_applicable.rule != "not_allowed"
        if name == "status":
            return self.listed(STATUS[self.words.lang]) if allowed else None
        if rule := self.by_kind(name):
            return rule
        if kind_of(self.row, name) != "number" or (name in self.row.as_ruled and name not in self.row.to_fill(node)):
            return None
        bound = self.any_number()
        assert isinstance(node.rule, Method)
        limit = node.rule.limits(node.full).get(name)
        most = None if limit is None else float(limit)
        if name in wanted(self.row).measured and "status" not in self.row.model_fields:
            bound = self.mark(row, name, most, none=allowed)
        elif most is not None:
            bound = self.between(0, int(most) if most.is_integer() else most)
        elif name == "value" and node.rule.never_negative:
            bound = self.least("decimal", 0, "stop_least")
        words = self.words
        prompt = words.say("handin.prompt", measure=words.text(node.measured_in) if node.measured_in else "—",
                           clauses=words.joined(map(words.clause, node.clause)) or words.say("handin.silent"))
        about = harmless(words.coded(node))
        return {**bound, "input_title": about[:TITLE], "input_message": harmless(prompt)[:PROMPT]}

    def any_number(self) -> dict[str, Any]:
        key = "stop_number" if "status" in self.row.model_fields else "stop_plain"
        return {"validate": "decimal", "criteria": "between", "minimum": -10**15, "maximum": 10**15,
                "error_message": self.words.say(f"handin.{key}")}

    def between(self, low: float, high: float) -> dict[str, Any]:
        return {"validate": "decimal", "criteria": "between", "minimum": low, "maximum": high,
                "error_message": self.words.say("handin.stop_between", low=decimal(low), high=decimal(high))}

    def mark(self, row: int, name: str, most: float | None, *, none: bool) -> dict[str, Any]:
        """A number within its limit, a total that is its parts' sum once they are there; or `none`: — for what does not apply."""
        cell, *parts = (xl_rowcol_to_cell(row, self.columns.index(each)) for each in (name, *self.row.sums.get(name, ())))
        added = f",OR(COUNT({','.join(parts)})<{len(parts)},ROUND({cell}-{'-'.join(parts)},9)=0)" if parts else ""
        within = "" if most is None else f",{cell}>=0,{cell}<={decimal(most)}"
        number = f"AND(ISNUMBER({cell}){within}{added})"
        dash = "dash" if self.row.sums else "none"
        said = (self.any_number() if most is None else self.between(0, most))["error_message"]
        more = [self.words.say(f"handin.stop_{key}") for key, there in (("sum", added), (dash, none)) if there]
        return {"validate": "custom", "value": f'=OR({cell}="—",{cell}="——",{number})' if none else f"={number}",
                "error_message": "\n".join([said, *more])}

    def least(self, kind: str, low: int, key: str) -> dict[str, Any]:
        return {"validate": kind, "criteria": ">=", "value": low, "error_message": self.words.say(f"handin.{key}", low=low)}

    def listed(self, words: Sequence[str]) -> dict[str, Any] | None:
        if len(",".join(words)) > LONGEST or any("," in each for each in words):
            return None
        return {"validate": "list", "source": list(words), "error_message": self.words.say("handin.stop_list")}


# ── the notes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _notes(file: Workbook, page: Any, book: RuleBook, units: pd.DataFrame, lead: str,
           forms: Sequence[Form], words: Words) -> dict[str, ChoiceRange]:
    """The first sheet: what to do, what there is to fill in, what codes mean; the lists in it, by column and category."""
    for column, width in enumerate((LABELS, TEXTS, MORE)):
        page.set_column(column, column, width)
    file.line(page, 0, 2, file.title, LABELS + TEXTS + MORE, bold=True, font_size=16)
    row = 1
    if book.sample:
        file.line(page, row, 2, words.label("sample"), LABELS + TEXTS + MORE, bold=True, font_color=WARM)
        row += 1
    for key in ("step_fill", "step_none", "step_unit", "step_send"):
        file.line(page, row, 2, words.say(f"handin.{key}", file=workbook_of(lead), year=book.year), LABELS + TEXTS + MORE)
        row += 1
    lists: dict[str, ChoiceRange] = {}
    for heads, blocks in _blocks(book, units, lead, forms, words):
        if not any(lines for _, lines in blocks):
            continue
        row += 1
        for column, head in enumerate(heads):
            file.put(page, row, column, head, bold=True, bg_color=HEAD, border=1, border_color=LINES)
        for key, lines in blocks:
            for line in lines:
                row += 1
                for column, cell in enumerate(line):
                    file.put(page, row, column, cell, text_wrap=True, border=1, border_color=LINES)
                page.set_row(row, height([str(cell or "") for cell in line], (LABELS, TEXTS, MORE)))
            if key and lines:
                lists[key] = ChoiceRange(row - len(lines) + 1, row)
        row += 1
    page.protect("", ALLOWED)
    return lists


NotesBlock = tuple[str, list[tuple[CellValue, ...]]]


def _blocks(book: RuleBook, units: pd.DataFrame, lead: str, forms: Sequence[Form],
            words: Words) -> Iterator[tuple[tuple[str, str, str], list[NotesBlock]]]:
    """The notes' tables: headings, and blocks of rows, each under the key of the list that its first column is."""
    year = words.say("handin.whole_year")
    sheets: list[tuple[CellValue, ...]] = [(name_of(form, words.lang), _category(book, form.category, words) or year,
                                        float(form.due) if form.due else None) for form in forms]
    yield (words.say("handin.sheets"), words.say("handin.meaning"), words.say("handin.due")), [("", sheets)]
    used = {form.category for form in forms if form.category}
    inside = units[units["category"].isin(used)] if all(form.category for form in forms) else units
    groups = inside.groupby("category", sort=False) if any(form.free and "unit" in form.columns for form in forms) else ()
    listed: list[NotesBlock] = [
        (f"unit {code}" if code else "",
         [(str(row.unit), words.row(row), _category(book, str(code), words)) for row in group.itertuples()])
        for code, group in groups]
    yield (f"{words.say('handin.listed_units')} · {words.say('handin.codes')}", words.say("handin.meaning"),
           words.label("category")), listed
    nodes = [(form, node) for form in forms if form.category for node in _nodes(book.categories[form.category], form)]
    rows = {(node.code, words.name(node)): (node.code, words.name(node), _about(node, words)) for _, node in nodes}
    yield (f"{words.say('handin.listed_indicators')} · {words.say('handin.codes')}", words.say("handin.meaning"),
           words.say("handin.measure_and_clause")), [("", list(rows.values())), *_chosen(book, lead, forms, words)]


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
        for column, codes in row.listed(category).items():
            yield f"{column} {form.table} {form.category}", [(code, word(code, words.lang), name) for code in codes]
