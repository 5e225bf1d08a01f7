"""The sheets that lead departments get to fill in: keys and what is known already stand in them, the rest is asked for (3.2a).

A department's own workbook of the year comes back as a whole: what it holds stands in the new one too, so that one takes the
other's place. What is complete in other files is not asked for again; of a row that is not, what they tell stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import pandas as pd

from txlib.intake import tables
from txlib.intake.asked import asked, complete, handed, of_year, reports
from txlib.intake.checks import OFFICE
from txlib.intake.folders import workbook_of
from txlib.intake.sheets.cells import Quantity
from txlib.intake.table import empty
from txlib.intake.tables.units import forebears
from txlib.rules import book as rulebook
from txlib.rules.book import RuleBook
from txlib.rules.category import Category

FREE = 30  # empty rows of a table whose rows nobody can foresee


class Origin(NamedTuple):
    """Where what stands in a cell beforehand comes from: the department's `own` workbook, another `file`, the `year` before, or
    the `rules`, which leave no choice; `place`: which file, which year."""

    kind: Literal["own", "file", "year", "rules"]
    place: str = ""


@dataclass(frozen=True)
class Form:
    """A sheet to be handed in: its table and category (empty: of the year), its columns, its rows with what is known of them.

    `rows`: one a row asked for, by column text or number; `sources`: of each row, where its cells' contents come from, but for
    keys; `due`: how many of them are still to be filled in; `awaited`: how many have not come back; `free`: so many empty rows
    for what nobody can foresee.
    """

    table: str
    category: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...] = field(repr=False)
    sources: tuple[Mapping[str, Origin], ...] = field(repr=False)
    due: int
    awaited: int
    free: int = 0


def forms(book: RuleBook, units: pd.DataFrame) -> dict[str, list[Form]]:
    """The sheets to be handed in by lead department, the office's last; who has nothing left to hand in has none."""
    make = _Maker(book, units)
    found: dict[str, list[Form]] = {}
    for (lead, category, table), rows in asked(book, units).groupby(["lead", "category", "table"], sort=False):
        if form := make.keyed(str(lead), book.categories[str(category)], str(table), rows):
            found.setdefault(str(lead), []).append(form)
            if beside := make.beside(tables.named()[str(table)].with_it, str(lead), book.categories[str(category)]):
                found[str(lead)].append(beside)
    of_the_year = list(make.of_year())
    asking = {OFFICE}
    if any(form.awaited for form in (*of_the_year, *(form for sheets in found.values() for form in sheets))):
        found[OFFICE] = [*of_the_year, *found.get(OFFICE, [])]
        for who, form in make.unforeseen():
            found.setdefault(who, []).append(form)
            asking.add(who)
    leads = sorted(found, key=lambda lead: (lead == OFFICE, lead))
    return {lead: found[lead] for lead in leads
            if found[lead] and (lead in asking or any(form.awaited for form in found[lead]))}


class _Maker:
    """Makes the forms of a year; each table is read once."""

    def __init__(self, book: RuleBook, units: pd.DataFrame) -> None:
        self.book, self.units = book, units
        self.read: dict[tuple[str, str], pd.DataFrame] = {}
        self.values = last_values(book, units)
        self.before_it = Origin("year", book.rules.last_year or "")

    def rows(self, table: str, category: str, lead: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What is handed in: in the department's own workbook, and in other files."""
        if (table, category) not in self.read:
            self.read[table, category] = handed(self.book, table, category)
        frame = self.read[table, category]
        mine = frame["file"].str.startswith(f"data/{self.book.year}/{workbook_of(lead)}[").astype(bool)
        return frame[mine], frame[~mine]

    def keyed(self, lead: str, category: Category, table: str, asks: pd.DataFrame) -> Form | None:
        """The sheet of a table whose rows are known beforehand; None where other files hold them all, complete."""
        own, others = self.rows(table, category.code, lead)
        row_of, codes = tables.named()[table], set(asks["indicator"])
        nodes = {node.code: node for row, node in reports(category) if row is row_of and node.code in codes}
        fields = row_of.model_fields
        key = [name for name in row_of.preset if name in fields and name != "lead"]
        known, there = (_by_key(each, key) for each in (own, others))
        given = _by_key(row_of.given(others), key)
        settled = {code: complete(row_of, others, node) for code, node in nodes.items()}
        done = {code: complete(row_of, own, node) for code, node in nodes.items()}
        to_fill = {code: row_of.to_fill(node) for code, node in nodes.items()}
        rows, sources, due, awaited, used = [], [], 0, 0, set[str]()
        for row in asks.to_dict("records"):
            place, unit, leaf = tuple(row[name] for name in key), row["unit"], row["indicator"]
            if unit in settled[leaf] or (place in given and not empty(given[place], to_fill[leaf])):
                continue
            must = row_of.as_must_be(nodes[leaf], unit)
            last = self.values.get((category.code, unit, leaf)) if "last_year" in to_fill[leaf] else None
            layers = [(self.before_it, {} if last is None else {"last_year": last}),
                      *((Origin("file", each["file"]), filled(each, fields)) for each in [there.get(place)] if each),
                      *((Origin("own"), filled(each, fields)) for each in [known.get(place)] if each), (Origin("rules"), must)]
            awaited += int(unit not in done[leaf])
            due += int(unit not in done[leaf] and not must)
            mine = {name: row[name] for name in key} | ({"lead": lead} if "lead" in fields else {})
            rows.append(mine | {name: cell for _, told in layers for name, cell in told.items() if name not in mine})
            sources.append({name: source for source, told in layers for name in told if name not in mine})
            used |= {*to_fill[leaf], *rows[-1]}
        unused = set(row_of.as_ruled) - used
        shown = tuple(name for name in fields if name not in unused)
        return Form(table, category.code, shown, tuple(rows), tuple(sources), due, awaited) if rows else None

    def beside(self, table: str, lead: str, category: Category) -> Form | None:
        """The sheet of a table that goes with another, for a lead department's items; None where other files hold them all."""
        if not table:
            return None
        own, others = self.rows(table, category.code, lead)
        items = {leaf.code for leaf in tables.named()[table].chosen(category) if leaf.lead == lead}
        return None if len(others) and items <= set(others["indicator"]) else _free(table, category, own)

    def of_year(self) -> Iterator[Form]:
        """The tables of the year that no other file holds, filled in from the year before as far as it tells."""
        for table in of_year(self.book):
            own, others = self.rows(table, "", OFFICE)
            fields = tables.named()[table].model_fields
            if others.empty:
                rows = tuple(filled(row, fields) for row in own.to_dict("records")) or self.before(table)
                source = self.before_it if own.empty else Origin("own")
                yield Form(table, "", tuple(fields), rows, _all_from(source, rows), int(own.empty), int(own.empty), FREE)

    def before(self, table: str) -> tuple[Mapping[str, Any], ...]:
        """A table of the year as the year before had it."""
        frame, then = self.units, last_book(self.book)
        if table != "units":
            frame = pd.DataFrame() if then is None else handed(then, table, "")
        fields = set(tables.named()[table].model_fields)
        period = {"period": self.book.period} if "period" in fields else {}
        return tuple(filled(row, fields - tables.named()[table].anew) | period for row in frame.to_dict("records"))

    def unforeseen(self) -> Iterator[tuple[str, Form]]:
        """By lead department, sheets for what nobody can foresee, such as decisions and events, where no other file holds any."""
        rows, leads = tables.named().values(), dict[tuple[str, str, str], None]()
        leads |= {(OFFICE, row.table, ""): None for row in rows if row.of_year and row.offered_in(self.book)}
        leads |= {(node.lead or OFFICE, row.table, code): None for code, category in self.book.categories.items()
                  for row in rows if not row.of_year for node in row.offered(category)}
        for lead, table, category in leads:
            own, others = self.rows(table, category, lead)
            if category:
                mine = tables.named()[table].offered(self.book.categories[category])
                others = others[others["indicator"].isin([node.code for node in mine if (node.lead or OFFICE) == lead])]
            if others.empty:
                yield lead, _free(table, self.book.categories.get(category), own)


def _by_key(frame: pd.DataFrame, key: list[str]) -> dict[tuple[Any, ...], dict[Any, Any]]:
    """The rows of a table by their keys."""
    return {tuple(row[name] for name in key): row for row in frame.to_dict("records")}


def _free(table: str, category: Category | None, own: pd.DataFrame) -> Form:
    """A sheet of empty rows, below those that the department's own workbook holds."""
    row = tables.named()[table]
    rows = tuple(filled(each, row.model_fields) for each in own.to_dict("records"))
    used = {name for each in (*(row.codes(node) for node in (row.scored(category) if category else ())), *rows) for name in each}
    shown = tuple(name for name in row.model_fields if name in used or name not in row.as_ruled)
    return Form(table, category.code if category else "", shown, rows, _all_from(Origin("own"), rows), 0, 0, FREE)


def _all_from(source: Origin, rows: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Origin], ...]:
    """One source of all that rows hold."""
    return tuple(dict.fromkeys(row, source) for row in rows)


def filled(row: Mapping[Any, Any], fields: Iterable[str]) -> dict[str, Any]:
    """What a row holds, as cells take it, without what is empty."""
    cells = {name: row[name] for name in fields}
    cells = {name: (each.said or each.number) if isinstance(each, Quantity) else each for name, each in cells.items()}
    return {name: ";".join(each) if isinstance(each, tuple) else each
            for name, each in cells.items() if each not in (None, "", ()) and each == each}


# ── the year before ─────────────────────────────────────────────────────────────────────────────────────────────────


def last_book(book: RuleBook) -> RuleBook | None:
    """The rule-book of the year before, where there is one that can be read."""
    return rulebook.read(book.rules.last_year, book.root)[0] if book.rules.last_year else None


def last_values(book: RuleBook, units: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """Values of the year before by category, unit and indicator, where the indicator has the same code, name and measure.

    A unit that was made of several has none.
    """
    then, found = last_book(book), dict[tuple[str, str, str], float]()
    for code in [code for code in book.categories if then and code in then.categories]:
        assert then is not None
        old = {leaf.code: (leaf.name.zh, leaf.measured_in) for leaf in then.categories[code].measured}
        same = {leaf.code for leaf in book.categories[code].measured if old.get(leaf.code) == (leaf.name.zh, leaf.measured_in)}
        values = {(row.unit, row.indicator): row.value.number for row in handed(then, "observations", code).itertuples()
                if row.indicator in same}
        before = {unit for unit, _ in values}
        for unit, line in zip(units["unit"], units["predecessor"], strict=True):
            mine = forebears(unit, line, before)
            found |= {(code, unit, leaf): number for (each, leaf), number in values.items()
                      if [each] == mine and number is not None}
    return found
