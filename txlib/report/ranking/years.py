"""A category beside the year before: places, and the branches that moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from txlib.assess import assess
from txlib.base.faults import FaultsError
from txlib.base.printing import MISSING, number, place
from txlib.editions.years import behind, branch_moves, compare_years
from txlib.intake import data
from txlib.report.facts import NOTHING
from txlib.report.kit.shown import Display, TableRow, note_of, nothing, table
from txlib.rules.book import load_rulebook
from txlib.scoring.result import Result

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook


def last_year(book: RuleBook, category: str, words: Words) -> Result | Display:
    """The category's result of the year before, or a line that says why there is none.

    Faults in that year's rules or data are no fault of this year's: the first is told, and how many there are.
    """
    year = book.rules.last_year
    if not year:
        return nothing(words.label("no_last_year"))
    try:
        before = load_rulebook(year, book.root, [category])
        return assess(before, data.load_data(before, [category]), category)
    except FaultsError as error:
        if any(fault.code == "category_unknown" for fault in error.faults):
            return note_of(words.label("no_category_then", year=year))
        values = {"year": year, "first": error.faults[0].message(words.lang)}
        return note_of(words.counted("tables.last_year_faulty", len(error.faults), **values))


def _before(name: str, codes: Sequence[str], then: Result, words: Words) -> str:
    """Who stood for the unit last year and at which place, where it is not the unit of the same name."""
    if not codes:
        return words.label("new_unit")
    old = [next(then.ranking[then.ranking["unit"] == code].itertuples()) for code in codes]
    if [words.row(row) for row in old] == [name]:
        return ""
    earlier = words.joined(words.label("at_place", unit=words.row(row), place=place(row.rank)) for row in old)
    return words.label("merged" if len(codes) > 1 else "renamed", before=earlier)


def against_last_year(now: Result, then: Result | Display, words: Words) -> Display:
    """Places then and now, predecessors followed; one line where there is nothing to compare with."""
    if isinstance(then, Display):
        return then
    forebears = behind(now, then)
    rows: list[TableRow] = [[place(row.rank), words.row(row), place(row.rank_then),
                             number(row.moved, 0 if row.moved % 1 == 0 else 1, signed=True),
                             _before(words.row(row), forebears[str(row.unit)], then, words)]
                            for row in compare_years(now, then).itertuples()]
    followed = {code for codes in forebears.values() for code in codes}
    gone = [words.row(row) for row in then.ranking.itertuples() if row.unit not in followed]
    note = words.label("last_year_note") + (words.label("gone", units=words.joined(gone)) if gone else "")
    caption = words.label("last_year", category=words.name(now.category), year=then.book.year, units=len(now.ranking),
                          units_then=len(then.ranking))
    return table("last-year", caption, words.columns("#place", "unit", "#place_then", "#moved", "~remark"), rows, note)


def _furthest(rows: pd.DataFrame, sign: int, words: Words) -> str:
    """The branches that moved furthest up (1) or down (-1), with their places; — where none did."""
    moved = rows["moved"] * sign
    if moved.empty or moved.max() <= 0:
        return MISSING
    furthest = rows[moved == moved.max()].itertuples()
    return words.joined(words.label("branch_moved", branch=words.row(row, "branch"), then=place(row.place_then),
                                    now=place(row.place)) for row in furthest)


def branches_moved(now: Result, then: Result | Display, words: Words) -> Display:
    """For each unit there in both years, the branches of level 2 in which it rose and fell furthest."""
    moves = None if isinstance(then, Display) else branch_moves(now, then)
    if moves is None or isinstance(then, Display) or moves.empty:
        return NOTHING
    places = {row.unit: row for row in compare_years(now, then).itertuples()}
    rows: list[TableRow] = []
    for unit, group in moves.groupby("unit", sort=False):
        row = places[unit]
        rows.append([words.row(row), words.label("from_to", then=place(row.rank_then), now=place(row.rank)),
                     _furthest(group, 1, words), _furthest(group, -1, words)])
    caption = words.label("branches_moved", year=then.book.year)
    return table("branches-moved", caption, words.columns("unit", "place_moved", "~risen", "~fallen"), rows,
                 words.label("branches_moved_note"))
