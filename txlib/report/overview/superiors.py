"""Indicators of the province and the prefecture in tables: places behind, who answers, what nobody answers for (1.1a)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.audits.superior import superior_losses
from txlib.base.printing import MISSING, number, place
from txlib.intake import data
from txlib.report.facts import NOTHING
from txlib.report.kit.shown import Display, Flag, TableRow, nothing, table
from txlib.rules.book import read

if TYPE_CHECKING:
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook

FEW = 3  # so many units with the same share are named, more of them counted


def places_then(book: RuleBook) -> dict[str, float]:
    """The city's place on each superior indicator last year, by its code; empty where that year cannot be read."""
    year = book.rules.last_year
    before = read(year, book.root)[0] if year else None
    if before is None:
        return {}
    tables, faults = data.read(before)
    if any(fault.category is None for fault in faults):
        return {}
    return {str(row.superior): float(row.place) for row in tables.superior.itertuples() if row.place == row.place}


def who(rows: pd.DataFrame, words: Words) -> str:
    """Who answers for a superior indicator: by name, or counted by category where many have the same share."""
    held = rows[rows["unit"] != ""]
    if held.empty:
        return words.label("nobody")
    sentences = []
    for share, group in held.groupby("share", sort=False):
        names = [words.row(row, "unit_name") for row in group.itertuples()]
        where = words.categories(list(group["category"].unique()))
        units = words.joined(names) if len(names) <= FEW else words.label("so_many_units", categories=where, count=len(names))
        sentences.append(words.label("with_share" if len(names) == 1 else "with_share_each", who=units, share=f"{share:g}"))
    return words.joined(sentences)


def superior(book: RuleBook, coverage: pd.DataFrame, then: dict[str, float], words: Words) -> Display:
    """The superior indicators by the places the city is behind, and who answers for each; one line where there are none."""
    if coverage.empty:
        return nothing(words.label("no_superior"))
    rows: list[TableRow] = []
    for code, group in coverage.groupby("superior", sort=False):
        row, known = next(group.itertuples()), then.get(str(code), float("nan"))
        cells = [words.row(row), words.label(f"set_by_{row.set_by}"), f"{row.place:g}", *([place(known)] if then else []),
                 f"{row.peers:g}", f"{row.behind:g}", who(group, words)]
        rows.append(cells if row.unit else Flag(cells))
    earlier = ["#city_place_then"] if then else []
    heads = words.columns("superior", "set_by", "#city_place", *earlier, "#peers", "#behind", "~answers")
    lost = book.rules.last_year and not then
    note = words.label("superior_note") + (words.label("superior_then_unread", year=book.rules.last_year) if lost else "")
    return table("superior", words.label("superior_table", count=len(rows)), heads, rows, note)


def losses(coverage: pd.DataFrame, words: Words) -> Display:
    """Who answers for how many of the places behind, by its shares."""
    rows = [[words.row(row), f"{row.indicators:g}", number(row.behind)] for row in superior_losses(coverage).itertuples()]
    if not rows:
        return NOTHING
    heads = words.columns("unit", "#n_superior", "#behind_shared")
    return table("losses", words.label("losses"), heads, rows, words.label("losses_note"))


def covered(coverage: pd.DataFrame, words: Words) -> Display:
    """Superior indicator → leaf of our trees → categories, units and their shares together; what nobody answers for first."""
    if coverage.empty:
        return NOTHING
    free = coverage[coverage["unit"] == ""]
    rows: list[TableRow] = [Flag([words.row(row), words.label("uncovered"), MISSING, "0", "0"]) for row in free.itertuples()]
    for _, group in coverage[coverage["unit"] != ""].groupby(["superior", "indicator", "indicator_name"], sort=False):
        row = next(group.itertuples())
        leaf = f"{row.indicator} {words.row(row, 'indicator_name')}"
        rows.append([words.row(row), leaf, words.categories(list(group["category"].unique())),
                     str(group["unit"].nunique()), f"{group['share'].sum():g}"])
    names = [words.row(row) for row in free.drop_duplicates("superior").itertuples()]
    note = words.label("not_covered", names=words.joined(names), count=len(names)) if names else words.label("all_covered")
    heads = words.columns("superior", "leaf", "categories", "#n_units", "#share")
    return table("covered", words.label("covered"), heads, rows, note)


def moved_places(coverage: pd.DataFrame, then: dict[str, float]) -> pd.DataFrame:
    """The superior indicators known in both years: name, place, place_then, moved (places gained), most first."""
    rows: Any = coverage.drop_duplicates("superior")
    rows = rows.assign(place_then=rows["superior"].map(then)).dropna(subset=["place_then"])
    return rows.assign(moved=rows["place_then"] - rows["place"]).sort_values("moved", ascending=False, kind="stable")
