"""Indicators of the province and the prefecture in tables: places behind, who answers, what nobody answers for (1.1a)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from txlib.audits.superior import superior_losses
from txlib.base.printing import MISSING, number, place
from txlib.intake import data
from txlib.report.facts import NOTHING, category_names
from txlib.report.kit.shown import Display, Flag, TableRow, columns, joined, label, named, nothing, table
from txlib.rules.book import read

if TYPE_CHECKING:
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
    return {str(row.superior): float(row.place) for row in tables.superior.itertuples()}


def who(book: RuleBook, rows: pd.DataFrame, lang: str) -> str:
    """Who answers for a superior indicator: by name, or counted by category where many have the same share."""
    held = rows[rows["unit"] != ""]
    if held.empty:
        return label("nobody", lang)
    sentences = []
    for share, group in held.groupby("share", sort=False):
        names = [named(row, lang, "unit_name") for row in group.itertuples()]
        where = category_names(book, list(group["category"].unique()), lang)
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
        rows.append([named(row, lang), leaf, category_names(book, list(group["category"].unique()), lang),
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
