"""What may be typed into the cells of a form: rules that Excel holds it to, with what it says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from txlib.base.text import harmless
from txlib.intake import tables
from txlib.intake.blanks import Form
from txlib.intake.checks import assessed_year
from txlib.intake.table import wanted
from txlib.methods import Method
from txlib.report.excel.book import TableArea
from txlib.report.excel.called import codes_of, for_the_eye, kind_of
from txlib.report.kit.words import Words
from txlib.rules.category import Node
from txlib.spreadsheet.number_formats import decimal

STATUS = {"zh": ("已报", "不适用"), "en": ("reported", "not_applicable")}
LONGEST, PROMPT, TITLE = 255, 250, 32  # of a list, of a message, of its title


class Typed:
    """The rules of one form's columns; `lists`: where drop-downs take their entries from, by column, table and category."""

    def __init__(self, words: Words, form: Form, columns: Sequence[str], lists: Mapping[str, str]) -> None:
        self.words, self.form, self.columns, self.lists = words, form, columns, lists
        self.row, self.keyed = tables.named()[form.table], not form.free
        self.year = assessed_year(words.book)

    def set(self, page: Any, place: TableArea) -> None:
        """Set the validation rules of every column; in a table of leaves, for each leaf's rows apart."""
        for j, name in enumerate(self.columns):
            if for_the_eye(name):
                continue
            if not self.keyed:
                self.rule(page, place.first, place.last, j, self.by_column(name))
            elif name not in self.row.preset:
                rows = enumerate(self.form.rows, start=place.first)
                for _, group in groupby(rows, key=lambda each: self.node(each[1]).code):
                    same = list(group)
                    self.rule(page, same[0][0], same[-1][0], j, self.by_leaf(name, self.node(same[0][1]), same[0][0]))

    def node(self, row: Mapping[str, Any]) -> Node:
        """What a row tells."""
        return self.row.of_row(self.words.book.categories[self.form.category].node(str(row["indicator"])), row)

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
            return self.listed([self.words.book.period])
        known = self.lists.get(f"{name} {self.form.table} {self.form.category}")
        if name == "unit" and known is None and (self.form.category or self.row.unforeseen):
            known = self.lists.get(f"unit {self.form.category}")
        if self.row.others and name == self.row.others:
            known = self.lists.get("unit ")
        offered = {"show_error": False} if name in ("clause", self.row.others) else {}  # while a cell may hold more, or none
        error = self.words.say("handin.stop_list")
        return None if known is None else {"validate": "list", "source": known, "error_message": error, **offered}

    def by_kind(self, name: str) -> dict[str, Any] | None:
        """The rule of a column that holds whole numbers, shares, days or choices, whatever its row is of."""
        kind, codes = kind_of(self.row, name), codes_of(self.row, name)
        if kind == "whole":
            return self.least("integer", 0, "stop_whole")
        if kind == "percent":
            return self.between(0, 100)
        if kind == "day" and self.year and name in self.row.days:
            first, last = f"{self.year}-01-01", self.row.last_day(self.words.book)
            said = "stop_days" if last[:4] != self.year else "stop_day"
            return {"validate": "date", "criteria": "between", "minimum": pd.Timestamp(first).to_pydatetime(),
                    "maximum": pd.Timestamp(last).to_pydatetime(),
                    "error_message": self.words.say(f"handin.{said}", year=self.year, first=first, last=last)}
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
        scored = [(each.rule, each.full) for each in node.scorings if isinstance(each.rule, Method)]
        limits = [limit for rule, full in scored if (limit := rule.limits(full).get(name)) is not None]
        most = float(min(limits)) if limits else None
        if name in wanted(self.row).measured and "status" not in self.row.model_fields:
            bound = self.mark(row, name, most, none=allowed)
        elif most is not None:
            bound = self.between(0, int(most) if most.is_integer() else most)
        elif name == "value" and any(rule.never_negative for rule, _ in scored):
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
