"""A lead department's reminder: what it has not handed in yet, where to fill it in and by when, on one sheet of A4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from txlib.base.text import harmless
from txlib.intake.folders import workbook_of
from txlib.intake.read import sheet_of
from txlib.report import basis
from txlib.report.kit.shown import Display, table, wide
from txlib.report.page.html import css_string, write_page
from txlib.report.page.typeset import Typesetter
from txlib.report.submissions.tables import title_of

if TYPE_CHECKING:
    from txlib.intake.submitted import Submitted
    from txlib.report.kit.words import Words

ROOM, WIDTHS = 42, (24, 28, 30, 18)  # lines that a sheet has for its table, and signs of a line by column, two for a Chinese one
NAMED, CODES = 3, 8  # so many units are named, so many indicators of a table


def render_reminder(there: Submitted, lead: str, above: Iterable[str], words: Words) -> str:
    """The sheet of a lead department that owes something, as a page; `above`: the addresses of reports that lead to it."""
    book, mine = there.book, there.owed[there.owed["lead"] == lead]
    due, name, title = book.rules.due, harmless(words.unit(lead)), words.text(book.title)
    heading = words.say("submissions.named", lead=name, title=title)
    ask = (words.counted("submissions.by_day", len(mine), day=due.day) if due
           else words.counted("submissions.by_none", len(mine)))
    how = words.say("submissions.workbook", file=workbook_of(lead), office=words.text(book.office))
    still = Typesetter(words.lang, sorts=False)
    ways = [*((address, words.say("submissions.page")) for address in above), ("../index.html", words.say("submissions.index"))]
    return write_page(
        "reminder.html", words.lang, title=heading, running=css_string(heading), office=words.text(book.office), heading=name,
        words={key: words.say(f"report.{key}") for key in ("filter", "shown", "sideways")},
        under=words.say("submissions.under", title=title), facts=_about(there, words), keys=_keys(mine, there, words),
        sample=css_string(words.say("report.sample")) if book.sample else "", ask=ask, how=how,
        table=Markup(still.write(owed(there, mine, words).blocks)),
        notes=[words.say("submissions.none"), words.say("submissions.counted_as")],
        above=ways,
    )


def _about(there: Submitted, words: Words) -> list[tuple[str, str]]:
    """The line under the name: period and status."""
    when = basis.period(there.book.year, there.book.period, words)
    return [(words.label("meta_year" if when == there.book.year else "meta_period"), when),
            (words.label("meta_status"), words.text(there.book.status))]


def _keys(mine: pd.DataFrame, there: Submitted, words: Words) -> list[tuple[str, str]]:
    """The figures at the head: how much is owed, in how many categories, by when."""
    due = there.book.rules.due
    return [(words.say("submissions.key_missing"), str(len(mine))),
            (words.say("submissions.key_categories"), str(mine["category"].nunique())),
            (words.say("submissions.key_due"), due.day if due else words.say("submissions.not_ruled"))]


def owed(there: Submitted, mine: pd.DataFrame, words: Words) -> Display:
    """What is owed: a row an indicator while the sheet has room, else a table of a category; what has no room is counted."""
    heads = words.columns("category", "indicator", "~units_missing", "sheet", labels="submissions")
    rows = [_row(there, each, words) for _, each in mine.groupby(["category", "table", "indicator"], sort=False)]
    if _lines(rows) > ROOM:
        rows = [_row(there, each, words) for _, each in mine.groupby(["category", "table"], sort=False)]
    most = next((count for count in range(len(rows), 0, -1) if _lines(rows[:count]) <= ROOM), 1)
    more = words.counted("submissions.more_rows", len(rows) - most) if len(rows) > most else ""
    return table("owed", words.say("submissions.owed"), heads, rows[:most], more)


def _lines(rows: Sequence[Sequence[str]]) -> int:
    """How many lines rows take on paper, at most."""
    return sum(max(-(-wide(cell) // width) for cell, width in zip(row, WIDTHS, strict=True)) for row in rows)


def _row(there: Submitted, rows: pd.DataFrame, words: Words) -> list[str]:
    """A row of items that stand in one table of one category."""
    code, name = str(rows["category"].iloc[0]), str(rows["table"].iloc[0])
    leaves = [str(leaf) for leaf in rows["indicator"].unique()]
    what = words.indicator(code, leaves[0])
    if len(leaves) > 1:
        what = words.joined(leaves[:CODES])
        what = words.say("submissions.more_indicators", names=what, count=len(leaves)) if len(leaves) > CODES else what
    units = list(rows["unit"].unique())
    who = _units(there, code, units, words)
    unread = [unit for unit in units if any((code, leaf, unit) in there.unread for leaf in leaves)]
    if unread:
        who += words.say("submissions.unread", units=_units(there, code, unread, words))
    return [words.category(code), what, who, sheet_of(title_of(name, words), code)]


def _units(there: Submitted, category: str, units: list[str], words: Words) -> str:
    """The units that something is missing of: all, a few by name, or the first of them and how many."""
    if len(units) == int((there.units["category"] == category).sum()):
        return words.counted("submissions.all_units", len(units))
    names = words.units(units[:NAMED])
    return names if len(units) <= NAMED else words.say("submissions.many_units", units=names, count=len(units))
