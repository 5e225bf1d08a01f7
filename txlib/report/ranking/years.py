"""A category beside the year before: places, and the branches that moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from txlib.assess import assess
from txlib.base.faults import FaultsError
from txlib.base.labels import counted
from txlib.base.printing import MISSING, number, place
from txlib.editions.years import behind, branch_moves, compare_years
from txlib.intake import data
from txlib.report.facts import NOTHING
from txlib.report.kit.shown import Display, TableRow, columns, joined, label, named, note_of, nothing, table
from txlib.rules.book import load_rulebook
from txlib.scoring.result import Result

if TYPE_CHECKING:
    from txlib.rules.book import RuleBook



def last_year(book: RuleBook, category: str, lang: str = "zh") -> Result | Display:
    """The category's result of the year before, or a line that says why there is none.

    Faults in that year's rules or data are no fault of this year's: the first is told, and how many there are.
    """
    year = book.rules.last_year
    if not year:
        return nothing(label("no_last_year", lang))
    try:
        before = load_rulebook(year, book.root, [category])
        return assess(before, data.load_data(before, [category]), category)
    except FaultsError as error:
        if any(fault.code == "category_unknown" for fault in error.faults):
            return note_of(label("no_category_then", lang, year=year))
        values = {"year": year, "first": error.faults[0].message(lang)}
        return note_of(counted("tables.last_year_faulty", lang, len(error.faults), **values))


def _before(name: str, codes: Sequence[str], then: Result, lang: str) -> str:
    """Who stood for the unit last year and at which place, where it is not the unit of the same name."""
    if not codes:
        return label("new_unit", lang)
    old = [next(then.ranking[then.ranking["unit"] == code].itertuples()) for code in codes]
    if [named(row, lang) for row in old] == [name]:
        return ""
    earlier = joined((label("at_place", lang, unit=named(row, lang), place=place(row.rank)) for row in old), lang)
    return label("merged" if len(codes) > 1 else "renamed", lang, before=earlier)


def against_last_year(now: Result, then: Result | Display, lang: str = "zh") -> Display:
    """Places then and now, predecessors followed; one line where there is nothing to compare with."""
    if isinstance(then, Display):
        return then
    forebears = behind(now, then)
    rows: list[TableRow] = [[place(row.rank), named(row, lang), place(row.rank_then),
                             number(row.moved, 0 if row.moved % 1 == 0 else 1, signed=True),
                             _before(named(row, lang), forebears[str(row.unit)], then, lang)]
                            for row in compare_years(now, then).itertuples()]
    followed = {code for codes in forebears.values() for code in codes}
    gone = [named(row, lang) for row in then.ranking.itertuples() if row.unit not in followed]
    note = label("last_year_note", lang) + (label("gone", lang, units=joined(gone, lang)) if gone else "")
    caption = label("last_year", lang, category=now.category.name[lang], year=then.book.year, units=len(now.ranking),
                    units_then=len(then.ranking))
    return table("last-year", caption, columns(lang, "#place", "unit", "#place_then", "#moved", "~remark"), rows, note)


def _furthest(rows: pd.DataFrame, sign: int, lang: str) -> str:
    """The branches that moved furthest up (1) or down (-1), with their places; — where none did."""
    moved = rows["moved"] * sign
    if moved.empty or moved.max() <= 0:
        return MISSING
    furthest = rows[moved == moved.max()].itertuples()
    return joined((label("branch_moved", lang, branch=named(row, lang, "branch"), then=place(row.place_then),
                         now=place(row.place)) for row in furthest), lang)


def branches_moved(now: Result, then: Result | Display, lang: str = "zh") -> Display:
    """For each unit there in both years, the branches of level 2 in which it rose and fell furthest."""
    moves = None if isinstance(then, Display) else branch_moves(now, then)
    if moves is None or isinstance(then, Display) or moves.empty:
        return NOTHING
    places = compare_years(now, then).set_index("unit")
    rows: list[TableRow] = []
    for unit, group in moves.groupby("unit", sort=False):
        row = places.loc[unit]
        name = str(row["name_en" if lang == "en" and row["name_en"] else "name"])
        rows.append([name, label("from_to", lang, then=place(row["rank_then"]), now=place(row["rank"])),
                     _furthest(group, 1, lang), _furthest(group, -1, lang)])
    caption = label("branches_moved", lang, year=then.book.year)
    return table("branches-moved", caption, columns(lang, "unit", "place_moved", "~risen", "~fallen"), rows,
                 label("branches_moved_note", lang))
