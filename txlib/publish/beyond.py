"""What lies beyond a year's own ranking, in tables: last year, and the indicators of the province and prefecture (1.1a)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.lastyear import branch_moves, compare_years, forebears
from txlib.publish.shown import MISSING, Row, Shown, columns, named, number, table
from txlib.publish.shown import joined as _joined
from txlib.publish.shown import note_of as _note
from txlib.publish.shown import told as _say
from txlib.superior import superior_losses

if TYPE_CHECKING:
    from txlib.scoring import Result

FEW = 3  # so many units with the same share are named, more of them counted
NOTHING = Shown("", "")


# ── against last year ───────────────────────────────────────────────────────────────────────────────────────────────


def lineage(now: Result, then: Result) -> dict[str, str]:
    """The one unit of last year that stands behind each of this year's; not those that are new or made of several."""
    before = dict(zip(now.units["unit"], now.units["predecessor"], strict=True))
    found = {unit: forebears(unit, before[unit], then) for unit in now.ranking["unit"]}
    return {unit: codes[0] for unit, codes in found.items() if len(codes) == 1}


def _before(row: Any, lang: str) -> str:
    """Who stood for the unit last year, where it is not the unit of the same name."""
    told = row.before_en if lang == "en" else row.before
    if not told:
        return _say("new_unit", lang) if row.rank_then != row.rank_then else ""
    return _say("merged" if row.rank_then != row.rank_then else "renamed", lang, before=told)


def _place(place: float) -> str:
    return MISSING if place != place else f"{place:g}"


def against_last_year(now: Result, then: Result | None, lang: str = "zh") -> Shown:
    """Places then and now, predecessors followed; one line where there is nothing to compare with."""
    year = now.book.rules.last_year
    if then is None:
        return _note(_say("no_category_then" if year else "no_last_year", lang, year=year))
    rows: list[Row] = [[_place(row.rank), named(row, lang), _place(row.rank_then),
                        number(row.moved, 0 if row.moved % 1 == 0 else 1, signed=True), _before(row, lang)]
                       for row in compare_years(now, then).itertuples()]
    lines = dict(zip(now.units["unit"], now.units["predecessor"], strict=True))
    followed = {code for unit in now.ranking["unit"] for code in forebears(unit, lines[unit], then)}
    gone = [named(row, lang) for row in then.ranking.itertuples() if row.unit not in followed]
    note = _say("last_year_note", lang) + (_say("gone", lang, units=_joined(gone, lang)) if gone else "")
    caption = _say("last_year", lang, category=now.category.name[lang], year=then.book.year, units=len(now.ranking),
                   units_then=len(then.ranking))
    return table("last-year", caption, columns(lang, "#place", "unit", "#place_then", "#moved", "remark"), rows, note)


def _furthest(rows: pd.DataFrame, sign: int, lang: str) -> str:
    """The branches that moved furthest up (1) or down (-1), with their places; — where none did."""
    moved = rows["moved"] * sign
    if moved.empty or moved.max() <= 0:
        return MISSING
    furthest = rows[moved == moved.max()].itertuples()
    return _joined((_say("branch_moved", lang, branch=named(row, lang, "branch"), then=_place(row.place_then),
                         now=_place(row.place)) for row in furthest), lang)


def branches_moved(now: Result, then: Result | None, lang: str = "zh") -> Shown:
    """For each unit there in both years, the branches of level 2 in which it rose and fell furthest."""
    moves = None if then is None else branch_moves(now, then)
    if moves is None or then is None or moves.empty:
        return NOTHING
    places = compare_years(now, then).set_index("unit")
    rows: list[Row] = []
    for unit, group in moves.groupby("unit", sort=False):
        row = places.loc[unit]
        name = str(row["name_en" if lang == "en" and row["name_en"] else "name"])
        rows.append([name, _say("from_to", lang, then=_place(row["rank_then"]), now=_place(row["rank"])),
                     _furthest(group, 1, lang), _furthest(group, -1, lang)])
    caption = _say("branches_moved", lang, year=then.book.year)
    return table("branches-moved", caption, columns(lang, "unit", "place_moved", "risen", "fallen"), rows,
                 _say("branches_moved_note", lang))


# ── superior indicators ─────────────────────────────────────────────────────────────────────────────────────────────


def _who(rows: pd.DataFrame, lang: str) -> str:
    """Who answers for a superior indicator: by name, or counted where many have the same share."""
    held = rows[rows["unit"] != ""]
    if held.empty:
        return _say("nobody", lang)
    said = []
    for share, group in held.groupby("share", sort=False):
        names = [named(row, lang, "unit_name") for row in group.itertuples()]
        who = _joined(names, lang) if len(names) <= FEW else _say("so_many_units", lang, count=len(names))
        said.append(_say("with_share" if len(names) == 1 else "with_share_each", lang, who=who, share=f"{share:g}"))
    return _joined(said, lang)


def superior(coverage: pd.DataFrame, lang: str = "zh") -> Shown:
    """The superior indicators by the places the city is behind, and who answers for each; one line where there are none."""
    if coverage.empty:
        return _note(_say("no_superior", lang))
    rows: list[Row] = []
    for _, group in coverage.groupby("superior", sort=False):
        row = next(group.itertuples())
        rows.append([named(row, lang), _say(f"set_by_{row.set_by}", lang), f"{row.place:g}", f"{row.peers:g}", f"{row.behind:g}",
                     _who(group, lang)])
    heads = columns(lang, "superior", "set_by", "#city_place", "#peers", "#behind", "answers")
    return table("superior", _say("superior_table", lang, count=len(rows)), heads, rows, _say("superior_note", lang))


def losses(coverage: pd.DataFrame, lang: str = "zh") -> Shown:
    """Who answers for how many of the places behind, by its shares."""
    rows = [[named(row, lang), f"{row.indicators:g}", number(row.behind)] for row in superior_losses(coverage).itertuples()]
    if not rows:
        return NOTHING
    heads = columns(lang, "unit", "#n_superior", "#behind_shared")
    return table("losses", _say("losses", lang), heads, rows, _say("losses_note", lang))


def covered(coverage: pd.DataFrame, categories: dict[str, str], lang: str = "zh") -> Shown:
    """Superior indicator → leaf of our trees → categories, units and their shares together; what nobody answers for first."""
    if coverage.empty:
        return NOTHING
    free = coverage[coverage["unit"] == ""]
    rows: list[Row] = [[named(row, lang), _say("uncovered", lang), MISSING, "0", "0"] for row in free.itertuples()]
    for _, group in coverage[coverage["unit"] != ""].groupby(["superior", "indicator", "indicator_name"], sort=False):
        row = next(group.itertuples())
        where = _joined((categories.get(code, code) for code in group["category"].unique()), lang)
        leaf = f"{row.indicator} {named(row, lang, 'indicator_name')}"
        rows.append([named(row, lang), leaf, where, str(group["unit"].nunique()), f"{group['share'].sum():g}"])
    names = [named(row, lang) for row in free.drop_duplicates("superior").itertuples()]
    note = _say("not_covered", lang, names=_joined(names, lang), count=len(names)) if names else _say("all_covered", lang)
    heads = columns(lang, "superior", "leaf", "categories", "#n_units", "#share")
    return table("covered", _say("covered", lang), heads, rows, note)
