"""The sheet of a form: keys filled in and protected, what is known already beside what is asked for, each told in words too.

A sheet whose rows nobody can foresee has no keys and is not protected: in a protected one no table grows. One with keys is not
to be sorted: the rules of its cells do not move with its rows. Where its rows differ in what is to be filled in, a column says
so row by row, else a line above the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from txlib.base.text import harmless
from txlib.intake import tables
from txlib.intake.blanks import Form, Origin
from txlib.intake.table import wanted
from txlib.methods.words import word
from txlib.report.excel.book import LINES, CellValue, TableArea, Workbook, laid_out
from txlib.report.excel.called import codes_of, for_the_eye, heading_of, kind_of, meaning_of, name_of, title_of
from txlib.report.excel.typed import STATUS, Typed
from txlib.report.kit.shown import TableColumn
from txlib.report.kit.words import Words
from txlib.rules.category import Category, Node

INPUT, KNOWN, LOCKED = "#FFF7CC", "#DDEEFF", "#EEF1F4"
BESIDE = {"unit": ("unit",), "indicator": ("indicator", "measure", "clause"), "group": ("group",), "grade": ("grade",),
          "item": ("item",)}
ALLOWED = {name: True for name in ("select_locked_cells", "select_unlocked_cells", "format_columns", "format_rows", "autofilter")}


class FormSheet:
    """The sheet of one form; `lists`: where drop-downs take their entries from, by column, table and category."""

    def __init__(self, file: Workbook, words: Words, names: Mapping[str, str], form: Form, lists: Mapping[str, str]) -> None:
        self.file, self.words, self.form, self.names = file, words, form, names
        self.category: Category | None = words.book.categories.get(form.category)
        self.row, self.keyed = tables.named()[form.table], not form.free
        beside = {column: [f"({each}" for each in more if each != "measure" or wanted(self.row).measured]
                  for column, more in (BESIDE.items() if self.keyed else ())}
        self.columns = [name for column in form.columns for name in (column, *beside.get(column, ()))]
        self.to_do = [self.in_words(i) for i in range(len(form.rows))] if self.keyed else []
        if len(set(self.to_do)) > 1:
            asked = next(i for i, name in enumerate(self.columns) if not for_the_eye(name) and name not in self.row.preset)
            self.columns.insert(asked, "(to_do")
        self.typed = Typed(words, form, self.columns, lists)

    def node(self, row: Mapping[str, Any]) -> Node | None:
        """The leaf that a row is of."""
        return self.category.node(str(row["indicator"])) if self.category and self.keyed else None

    def write(self) -> None:
        """Write the sheet: cells locked or free, validation rules, comments on heads; protected where it has keys."""
        form, words = self.form, self.words
        rows = [[self.content(name, i) for name in self.columns] for i in range(len(form.rows))]
        rows += [[None] * len(self.columns)] * form.free
        category = words.name(self.category) if self.category else words.say("handin.whole_year")
        title = words.say("handin.sheet_title", table=title_of(form.table, words.lang), category=category)
        heads = [TableColumn(heading_of(self.row, name, words.lang)) for name in self.columns]
        page, place = laid_out(self.file, name_of(form, words.lang), title, heads, rows, fixed=4 if self.keyed else 1,
                               hints=self.hints(), least=self.room())
        self.cells(page, place, rows)
        for i, name in enumerate(self.columns):
            if not for_the_eye(name):
                page.write_comment(place.head, i, harmless(meaning_of(self.row, name, words.lang)),
                                   {"author": "", "x_scale": 1.6, "y_scale": 0.6})
        self.typed.set(page, place)
        if self.keyed:
            page.protect("", ALLOWED)

    # ── what is asked for, in words ──

    def hints(self) -> list[str]:
        """The lines above the table that say how to fill it in, and in which columns."""
        words, key = self.words, "here" if self.keyed else "year" if self.form.rows and not self.form.category else "rows"
        lines = [words.say(f"handin.fill_{self.row.hint or key}")]
        if self.keyed:
            alike = [] if "(to_do" in self.columns else self.to_do[:1]
            return [*lines, *(words.say("handin.every_row", what=each) for each in alike)]
        years = {source.place for row in self.form.sources for source in row.values() if source.kind == "year"}
        lines += [words.say("handin.all_from", year=year) for year in sorted(years)]
        required = [name for name in self.form.columns if self.row.model_fields[name].is_required()]
        return [*lines, words.say("handin.required", columns=self.named(required))]

    def in_words(self, i: int) -> str:
        """What is to be done in a row: which columns are to be filled in, what stands there already and where it is from."""
        row, sources, words = self.form.rows[i], self.form.sources[i], self.words
        node = self.node(row)
        assert node is not None
        fill = [name for name in self.row.to_fill(node) if row.get(name) is None]
        told = [words.say("handin.do_fill", columns=self.named(fill))] if fill else []
        for source in dict.fromkeys(sources[name] for name in self.row.to_fill(node) if name in sources):
            mine = [name for name in self.row.to_fill(node) if sources.get(name) == source]
            place = source.place.removeprefix(f"data/{words.book.year}/")
            told.append(words.say(f"handin.do_{source.kind}", columns=self.named(mine), place=place))
        if "status" in self.columns and node.not_applicable.rule == "not_allowed":
            told.append(words.say("handin.do_all"))
        return words.semicolons(told)

    def named(self, columns: Sequence[str]) -> str:
        """Columns by their headings."""
        return self.words.joined(heading_of(self.row, name, self.words.lang) for name in columns)

    # ── cells ──

    def room(self) -> dict[int, float]:
        """The least width of the columns that are to be filled in, by their number."""
        return {i: 26.0 if name in self.row.wide else 12.0 for i, name in enumerate(self.columns)
                if not for_the_eye(name) and name not in self.row.preset}

    def content(self, name: str, i: int) -> CellValue:
        """What stands in a cell before anybody fills it in."""
        row = self.form.rows[i]
        node, codes = self.node(row), codes_of(self.row, name)
        if name == "(to_do":
            return self.to_do[i]
        if name == "(unit":
            return self.names.get(str(row["unit"]), "")
        if node and name in ("(indicator", "(measure", "(clause"):
            of = self.row.of_row(node, row)
            measure = self.words.text(of.measured_in) if of.measured_in else ""
            return {"(indicator": self.words.name(node), "(measure": measure, "(clause": ", ".join(node.clause)}[name]
        if name in ("(group", "(grade", "(item"):
            return word(str(row[name[1:]]), self.words.lang, self.row.codes(node).get(name[1:], ()) if node else ())
        value = row.get(name)
        if codes and self.words.lang == "zh" and value is not None:
            return codes.get(str(value), str(value))
        if name == "status":
            return STATUS[self.words.lang][1] if value == "not_applicable" else None
        return value

    def free(self, name: str, row: Mapping[str, Any], source: Origin | None, value: CellValue) -> tuple[bool, str]:
        """Whether a cell may be changed, and its colour."""
        if not self.keyed:
            needed = bool(row) and self.row.model_fields[name].is_required()
            if value is not None:
                return True, KNOWN
            return True, INPUT if needed else ""
        node = self.node(row)
        if node is None or name in self.row.preset or for_the_eye(name) or (source and source.kind == "rules"):
            return False, LOCKED
        if name == "status":
            return (False, LOCKED) if node.not_applicable.rule == "not_allowed" else (True, "")
        if name in self.row.as_ruled and name not in self.row.to_fill(node):
            return False, LOCKED
        if name == "note":
            return True, ""
        return True, KNOWN if value is not None else INPUT

    def cells(self, page: Any, place: TableArea, rows: Sequence[Sequence[CellValue]]) -> None:
        """Write each cell again, locked or free and in its colour; in a table of free rows texts stay texts below it too."""
        empty: Mapping[str, Any] = {}
        for i, row in enumerate(rows):
            known, sources = (self.form.rows[i], self.form.sources[i]) if i < len(self.form.rows) else (empty, empty)
            for j, (name, value) in enumerate(zip(self.columns, row, strict=True)):
                free, colour = self.free(name, known, sources.get(name), value)
                kind = kind_of(self.row, name)
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
