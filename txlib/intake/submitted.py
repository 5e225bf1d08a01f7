"""What has been handed in of a year, whatever is wrong with it: who owes what, what blocks, and the numbers leaf by leaf.

A category whose tree cannot be read asks for nothing; a row that cannot be read counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from txlib.base.faults import Fault
from txlib.intake import asked
from txlib.intake.checks import OFFICE
from txlib.intake.data import Data
from txlib.intake.data import read as read_data
from txlib.intake.table import HandedRow
from txlib.rules.book import RuleBook
from txlib.rules.book import read as read_book
from txlib.rules.category import Category, Node

ITEMS = ["lead", "category", "table", "indicator", "unit", "there"]
SPREAD = ["category", "table", "indicator", "units", "there", "absent", "zeros", "distinct", "least", "greatest", "then",
          "least_then", "greatest_then"]


@dataclass(frozen=True)
class Submitted:
    """What there is of a year.

    `data`: what is without fault, with the `units` of the year, else of the year before (`units_of` says which; empty: there are
    none). `faults`: of rules and data. `items`: all that is asked for, one row a unit and leaf, or a table of the year with an
    empty unit (columns ITEMS).
    """

    book: RuleBook
    data: Data
    faults: tuple[Fault, ...]
    units: pd.DataFrame = field(repr=False)
    units_of: str
    items: pd.DataFrame = field(repr=False)

    @cached_property
    def owed(self) -> pd.DataFrame:
        """The items that are not there yet."""
        return self.items[~self.items["there"]]

    @cached_property
    def owing(self) -> tuple[str, ...]:
        """The lead departments that owe something, by code; the office reminds and is not reminded."""
        return tuple(sorted({*self.owed["lead"]} - {OFFICE}))

    @cached_property
    def unread(self) -> frozenset[tuple[str, str, str]]:
        """Category, indicator and unit of the rows that came in and cannot be read for what stands in a cell."""
        told = ((fault.category or "", dict(fault.values)) for fault in self.faults if fault.code.startswith("cell_"))
        return frozenset((code, row["row_indicator"], row["row_unit"]) for code, row in told
                         if {"row_indicator", "row_unit"} <= {*row})

    @property
    def unreadable(self) -> tuple[str, ...]:
        """The categories whose trees cannot be read."""
        return tuple(code for code in self.book.rules.categories if code not in self.book.categories)


def read(book: RuleBook) -> Submitted:
    """What there is of a book's year; the book may lack categories, whose faults are told."""
    data, faults = read_data(book)
    return beside(book, data, [*read_book(book.year, book.root)[1], *faults])


def beside(book: RuleBook, data: Data, faults: Iterable[Fault]) -> Submitted:
    """The same of data that have been read."""
    units, of, _ = asked.units_known(book)
    return Submitted(book, data.replaced(units=units), tuple(sorted(set(faults))), units, of, items(book, units))


def items(book: RuleBook, units: pd.DataFrame) -> pd.DataFrame:
    """All that is asked for, and whether it is there (columns ITEMS)."""
    key = ITEMS[:-1]
    every = [asked.asked(book, units)[key].drop_duplicates(),
             pd.DataFrame([(OFFICE, "", table, "", "") for table in asked.of_year(book)], columns=key)]
    gone = asked.missing(book, units, book.categories)[key].assign(there=False)
    found = pd.concat(every, ignore_index=True).merge(gone, how="left", on=key)
    return found.assign(there=found["there"].isna())


# ── the numbers leaf by leaf ────────────────────────────────────────────────────────────────────────────────────────


def spread(there: Submitted) -> pd.DataFrame:
    """Of every leaf that units have numbers at how they lie, one row each (columns SPREAD).

    `units`: those assessed; `there`: those with a number; `absent`: those that it does not apply to; `zeros` and `distinct` of
    the numbers. `least_then`, `greatest_then`: those of the year before, as the table tells them, else (`then` is that year) as
    its edition does where it has the leaf by the same code, name and unit of measure; NaN where neither is there.
    """
    before, found = _year_before(there.book), []
    for category in there.book.categories.values():
        everybody = there.units.loc[there.units["category"] == category.code, "unit"]
        frames: dict[str, pd.DataFrame] = {}
        for row, leaf in ((row, node) for row, node in asked.reports(category) if row.figure):
            if row.table not in frames:
                read_now = asked.handed(there.book, row.table, category.code, there.units)
                frames[row.table] = row.figures(read_now).drop_duplicates(["unit", "indicator"], keep="last")
            now, mine = frames[row.table], [unit for unit in everybody if leaf.is_of(unit)]
            now = now[(now["indicator"] == leaf.code) & now["unit"].isin(mine)]
            values = now.loc[now["applies"].astype(bool), "value"].dropna()
            then, last = ("", now["before"].dropna()) if now["before"].notna().any() else before.values(category, row, leaf)
            found.append((category.code, row.table, leaf.code, len(mine), len(values), int((~now["applies"].astype(bool)).sum()),
                          int((values == 0).sum()), values.nunique(), values.min(), values.max(), then, last.min(), last.max()))
    return pd.DataFrame(found, columns=SPREAD)


class _Before:
    """The edition of the year before as far as it can be read; None where there is none."""

    def __init__(self, book: RuleBook | None) -> None:
        self.book = book
        self.units = asked.units_known(book)[0] if book else pd.DataFrame()
        self.frames: dict[tuple[str, str], pd.DataFrame] = {}

    def values(self, category: Category, row: type[HandedRow], leaf: Node) -> tuple[str, Any]:
        """The year, and the numbers that units had at a leaf then; none where it was another."""
        nothing = "", pd.Series(dtype=float)
        if self.book is None or category.code not in self.book.categories:
            return nothing
        same = [each for of, each in asked.reports(self.book.categories[category.code])
                if of.table == row.table and _told(each) == _told(leaf)]
        if not same:
            return nothing
        key = (category.code, row.table)
        if key not in self.frames:
            self.frames[key] = row.figures(asked.handed(self.book, key[1], key[0], self.units))
        rows = self.frames[key]
        rows = rows[(rows["indicator"] == leaf.code) & rows["applies"].astype(bool)]
        return self.book.year, rows["value"].dropna()


def _told(leaf: Node) -> tuple[object, ...]:
    return leaf.code, leaf.name.zh, leaf.measured_in


def _year_before(book: RuleBook) -> _Before:
    last = book.rules.last_year
    return _Before(read_book(last, book.root)[0] if last and last != book.year else None)
