"""What lies beyond a year's own ranking, in tables: last year, and the indicators of the province and prefecture (1.1a)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.assess import assess
from txlib.audits.superior import superior_losses
from txlib.base.faults import FaultsError
from txlib.base.labels import counted
from txlib.base.printing import MISSING, number, place
from txlib.editions.years import behind, branch_moves, compare_years
from txlib.intake import data
from txlib.report.kit.shown import Display, Flag, TableRow, columns, joined, label, named, note_of, nothing, table
from txlib.rules import book as rulebook
from txlib.scoring.result import Result

if TYPE_CHECKING:
    from txlib.rules.book import RuleBook

FEW = 3  # so many units with the same share are named, more of them counted
NOTHING = Display("", "")


# ── against last year ───────────────────────────────────────────────────────────────────────────────────────────────


def last_year(book: RuleBook, category: str, lang: str = "zh") -> Result | Display:
    """The category's result of the year before, or a line that says why there is none.

    Faults in that year's rules or data are no fault of this year's: the first is told, and how many there are.
    """
    year = book.rules.last_year
    if not year:
        return nothing(label("no_last_year", lang))
    try:
        before = rulebook.load_rulebook(year, book.root, [category])
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


# ── superior indicators ─────────────────────────────────────────────────────────────────────────────────────────────


def places_then(book: RuleBook) -> dict[str, float]:
    """The city's place on each superior indicator last year, by its code; empty where that year cannot be read."""
    year = book.rules.last_year
    before = rulebook.read(year, book.root)[0] if year else None
    if before is None:
        return {}
    tables, faults = data.read(before)
    if any(fault.category is None for fault in faults):
        return {}
    return {str(row.superior): float(row.place) for row in tables.superior.itertuples()}


def categories(book: RuleBook, codes: Sequence[str], lang: str) -> str:
    """The names of categories as one text."""
    return joined((book.categories[code].name[lang] if code in book.categories else code for code in codes), lang)


def who(book: RuleBook, rows: pd.DataFrame, lang: str) -> str:
    """Who answers for a superior indicator: by name, or counted by category where many have the same share."""
    held = rows[rows["unit"] != ""]
    if held.empty:
        return label("nobody", lang)
    sentences = []
    for share, group in held.groupby("share", sort=False):
        names = [named(row, lang, "unit_name") for row in group.itertuples()]
        where = categories(book, list(group["category"].unique()), lang)
        units = joined(names, lang) if len(names) <= FEW else label("so_many_units", lang, categories=where, count=len(names))
        sentences.append(label("with_share" if len(names) == 1 else "with_share_each", lang, who=units, share=f"{share:g}"))
    return joined(sentences, lang)


def superior(book: RuleBook, coverage: pd.DataFrame, then: dict[str, float], lang: str = "zh") -> Display:
    """The superior indicators by the places the city is behind, and who answers for each; one line where there are none."""
    if coverage.empty:
        return nothing(label("no_superior", lang))
    rows: list[TableRow] = []
    for code, group in coverage.groupby("superior", sort=False):
        row, known = next(group.itertuples()), then.get(str(code), float("nan"))
        cells = [named(row, lang), label(f"set_by_{row.set_by}", lang), f"{row.place:g}", *([place(known)] if then else []),
                 f"{row.peers:g}", f"{row.behind:g}", who(book, group, lang)]
        rows.append(cells if row.unit else Flag(cells))
    earlier = ["#city_place_then"] if then else []
    heads = columns(lang, "superior", "set_by", "#city_place", *earlier, "#peers", "#behind", "~answers")
    lost = book.rules.last_year and not then
    note = label("superior_note", lang) + (label("superior_then_unread", lang, year=book.rules.last_year) if lost else "")
    return table("superior", label("superior_table", lang, count=len(rows)), heads, rows, note)


def losses(coverage: pd.DataFrame, lang: str = "zh") -> Display:
    """Who answers for how many of the places behind, by its shares."""
    rows = [[named(row, lang), f"{row.indicators:g}", number(row.behind)] for row in superior_losses(coverage).itertuples()]
    if not rows:
        return NOTHING
    heads = columns(lang, "unit", "#n_superior", "#behind_shared")
    return table("losses", label("losses", lang), heads, rows, label("losses_note", lang))


def covered(book: RuleBook, coverage: pd.DataFrame, lang: str = "zh") -> Display:
    """Superior indicator → leaf of our trees → categories, units and their shares together; what nobody answers for first."""
    if coverage.empty:
        return NOTHING
    free = coverage[coverage["unit"] == ""]
    rows: list[TableRow] = [Flag([named(row, lang), label("uncovered", lang), MISSING, "0", "0"]) for row in free.itertuples()]
    for _, group in coverage[coverage["unit"] != ""].groupby(["superior", "indicator", "indicator_name"], sort=False):
        row = next(group.itertuples())
        leaf = f"{row.indicator} {named(row, lang, 'indicator_name')}"
        rows.append([named(row, lang), leaf, categories(book, list(group["category"].unique()), lang),
                     str(group["unit"].nunique()), f"{group['share'].sum():g}"])
    names = [named(row, lang) for row in free.drop_duplicates("superior").itertuples()]
    note = label("not_covered", lang, names=joined(names, lang), count=len(names)) if names else label("all_covered", lang)
    heads = columns(lang, "superior", "leaf", "categories", "#n_units", "#share")
    return table("covered", label("covered", lang), heads, rows, note)


def moved_places(coverage: pd.DataFrame, then: dict[str, float]) -> pd.DataFrame:
    """The superior indicators known in both years: name, place, place_then, moved (places gained), most first."""
    rows: Any = coverage.drop_duplicates("superior")
    rows = rows.assign(place_then=rows["superior"].map(then)).dropna(subset=["place_then"])
    return rows.assign(moved=rows["place_then"] - rows["place"]).sort_values("moved", ascending=False, kind="stable")
