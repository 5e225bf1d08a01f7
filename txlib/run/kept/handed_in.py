"""What tables that nobody can foresee held at the last run: a table that is gone, or rows, would be missed by nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from txlib.base.faults import Remark
from txlib.intake import tables
from txlib.intake.data import Data
from txlib.rules.book import RuleBook

RowCounts = Mapping[str, Mapping[str, int]]  # rows by table and category, "" of a table of the year


def counts(data: Data, codes: Iterable[str]) -> RowCounts:
    """How many rows the tables hold that nobody can foresee, of these categories and of the year."""
    found: dict[str, dict[str, int]] = {}
    for row in (row for row in tables.named().values() if row.unforeseen and row.frame):
        frame = data.tables[row.frame]
        found[row.table] = {"": len(frame)} if row.of_year else {code: int((frame["category"] == code).sum()) for code in codes}
    return found


def merged(before: RowCounts, now: RowCounts) -> RowCounts:
    """What the next run reads: what is known now, and of other categories what was known."""
    return {table: {**before.get(table, {}), **now.get(table, {})} for table in {**before, **now}}


def lost(book: RuleBook, before: RowCounts, now: RowCounts) -> list[Remark]:
    """A remark for each table that holds fewer rows than at the last run."""
    found = []
    for table, held in now.items():
        for code, count in held.items():
            if count < before.get(table, {}).get(code, 0):
                place = f"data/{book.year}/{code}/{table}" if code else f"data/{book.year}/{table}"
                found.append(Remark.of("rows_lost", place, count=count, before=before[table][code], category=code or None))
    return found
