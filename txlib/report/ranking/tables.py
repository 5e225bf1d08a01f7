"""The ranking of a category in tables: places, points by branch, tiers, and what differs from a published list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txlib.base.printing import MISSING, number, plainly
from txlib.report.facts import decided, decimals, in_points, out_of, points, ranking_note, unlike, upper
from txlib.report.kit.shown import Bar, Display, TableRow, UnitName, note_of, nothing, table

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.scoring.result import Result


def ranking(result: Result, words: Words, data: Data | None = None) -> Display:
    """Place, unit, score, tier, the points of level 1 and of adjustments; from `data`, who is not ranked and why."""
    nodes, adjusted = result.category.roots, result.category.adjusting
    parts, beside = points(result, nodes), points(result, adjusted).sum(axis=1)
    full, pointed = float(result.category.total), in_points(result)
    tier = ["tier"] if result.book.tiers else []
    heads = [*words.columns("#place", "unit", "#score", *tier), *out_of(result, nodes, words),
             *(words.columns("#adjusted") if adjusted else [])]
    rows: list[TableRow] = [[f"{row.rank:g}", UnitName(words.row(row), str(row.unit)),
                             Bar(number(row.score, decimals(result)), row.score / full),
                             *(words.row(row, each) or MISSING for each in tier), *map(pointed, parts.loc[row.unit]),
                             *([pointed(beside[row.unit], signed=True)] if adjusted else [])]
                            for row in result.ranking.itertuples()]
    if data is not None:
        everyone = data.units_of(result.category.code)
        rows += [[MISSING, words.row(row), *[MISSING] * (len(heads) - 2)] for row in everyone.itertuples()
                 if row.unit not in set(result.ranking.unit)]
    note = words.sentences([ranking_note(result, words), *filter(None, [unlike(result, nodes, words)]),
                            *(decided(result, data, words) if data is not None else [])])
    return table("ranking", words.label("ranking", category=words.name(result.category)), heads, rows, note)


def parts(result: Result, words: Words) -> Display:
    """Each unit's points at level 2; nothing where the tree has no such level."""
    nodes = [node for node in upper(result.category) if node.level == 2]
    if not nodes:
        return Display()
    held = points(result, nodes)
    rows = [[f"{row.rank:g}", words.row(row), *map(in_points(result), held.loc[row.unit])] for row in result.ranking.itertuples()]
    heads = [*words.columns("#place", "unit"), *out_of(result, nodes, words)]
    return table("parts", words.label("parts", category=words.name(result.category)), heads, rows, unlike(result, nodes, words))


def tiers(result: Result, words: Words) -> Display:
    """The tier that the rules give each unit, with the reason: a proposal until it is determined."""
    if not result.book.tiers:
        return nothing(words.label("no_tiers"))
    rows = [[f"{row.rank:g}", words.row(row), number(row.score, decimals(result)), words.row(row, "tier"),
             str(getattr(row, f"tier_reason_{words.lang}"))] for row in result.ranking.itertuples()]
    caption = words.label("tiers", category=words.name(result.category))
    heads = words.columns("#place", "unit", "#score", "tier", "~reason")
    cited = result.book.tiers.clause
    clause = words.label("in_brackets", text=words.joined(cited)) if cited else ""
    return table("tiers", caption, heads, rows, words.label("tiers_note", clause=clause))


def tolerance(result: Result) -> float:
    """How far a computed score may lie from the published one."""
    return float(ruled.tolerance) if (ruled := result.book.rules.comparison) else 0.0


def verdict_on(result: Result, differences: pd.DataFrame, published: pd.DataFrame, words: Words) -> str:
    """Whether a published ranking is reproduced, in a sentence."""
    limit = tolerance(result)
    beyond = sum(row.column != "score" or abs(row.difference) > limit for row in differences.itertuples())
    values = {"units": len(published), "tolerance": plainly(limit)}
    return words.label("differs" if beyond else "reproduced", beyond=beyond, **values)


def comparison(result: Result, differences: pd.DataFrame, published: pd.DataFrame, words: Words) -> Display:
    """Every difference from a published ranking, those beyond the tolerance marked; of a note `中文 | English`, one half."""
    if published.empty:
        return nothing(words.label("nothing_published"))
    limit = tolerance(result)
    beyond = [row.column != "score" or abs(row.difference) > limit for row in differences.itertuples()]
    verdict = verdict_on(result, differences, published, words)
    if differences.empty:
        return note_of(verdict)
    units = words.by_unit(result.ranking)
    rows = []
    for row, far in zip(differences.itertuples(), beyond, strict=True):
        shown = 0 if row.column == "rank" else decimals(result)
        rows.append([units.get(row.unit, words.row(row)), words.label(row.column), number(row.published, shown),
                     number(row.computed, shown), number(row.difference, shown, signed=True),
                     words.label("beyond" if far else "within"), words.half(row.note)])
    heads = words.columns("unit", "what", "#published", "#computed", "#difference", "tolerance", "~note")
    return table("comparison", words.label("comparison", units=len(published), tolerance=plainly(limit)), heads, rows, verdict)
