"""The ranking of a category in tables: places, points by branch, tiers, and what differs from a published list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txlib.base.printing import MISSING, number, plainly
from txlib.report.facts import decided, decimals, half, out_of, points, ranking_note, upper
from txlib.report.kit.shown import (
    Bar,
    Display,
    TableRow,
    UnitName,
    columns,
    joined,
    label,
    named,
    note_of,
    nothing,
    sentences,
    table,
)

if TYPE_CHECKING:
    import pandas as pd

    from txlib.intake.data import Data
    from txlib.scoring.result import Result



def ranking(result: Result, lang: str = "zh", data: Data | None = None) -> Display:
    """Place, unit, score, tier, the points of level 1 and of adjustments; from `data`, who is not ranked and why."""
    nodes, adjusted = result.category.roots, result.category.adjustments
    parts, beside = points(result, nodes), points(result, adjusted).sum(axis=1)
    full = float(sum(root.full for root in nodes))
    tier = ["tier"] if result.book.tiers else []
    heads = [*columns(lang, "#place", "unit", "#score", *tier), *out_of(nodes, lang),
             *(columns(lang, "#adjusted") if adjusted else [])]
    rows: list[TableRow] = [[f"{row.rank:g}", UnitName(named(row, lang), str(row.unit)),
                             Bar(number(row.score, decimals(result)), row.score / full),
                             *(named(row, lang, each) or MISSING for each in tier), *map(number, parts.loc[row.unit]),
                             *([number(beside[row.unit], signed=True)] if adjusted else [])]
                            for row in result.ranking.itertuples()]
    if data is not None:
        everyone = data.units_of(result.category.code)
        rows += [[MISSING, named(row, lang), *[MISSING] * (len(heads) - 2)] for row in everyone.itertuples()
                 if row.unit not in set(result.ranking.unit)]
    note = sentences([ranking_note(result, lang), *(decided(result, data, lang) if data is not None else [])], lang)
    return table("ranking", label("ranking", lang, category=result.category.name[lang]), heads, rows, note)


def parts(result: Result, lang: str = "zh") -> Display:
    """Each unit's points at level 2; nothing where the tree has no such level."""
    nodes = [node for node in upper(result.category) if node.level == 2]
    if not nodes:
        return Display()
    held = points(result, nodes)
    rows = [[f"{row.rank:g}", named(row, lang), *map(number, held.loc[row.unit])] for row in result.ranking.itertuples()]
    heads = [*columns(lang, "#place", "unit"), *out_of(nodes, lang)]
    return table("parts", label("parts", lang, category=result.category.name[lang]), heads, rows)


def tiers(result: Result, lang: str = "zh") -> Display:
    """The tier that the rules give each unit, with the reason: a proposal until it is determined."""
    if not result.book.tiers:
        return nothing(label("no_tiers", lang))
    rows = [[f"{row.rank:g}", named(row, lang), number(row.score, decimals(result)), named(row, lang, "tier"),
             str(getattr(row, f"tier_reason_{lang}"))] for row in result.ranking.itertuples()]
    caption = label("tiers", lang, category=result.category.name[lang])
    heads = columns(lang, "#place", "unit", "#score", "tier", "~reason")
    cited = result.book.tiers.clause
    clause = label("in_brackets", lang, text=joined(cited, lang)) if cited else ""
    return table("tiers", caption, heads, rows, label("tiers_note", lang, clause=clause))


def tolerance(result: Result) -> float:
    """How far a computed score may lie from the published one."""
    return float(ruled.tolerance) if (ruled := result.book.rules.comparison) else 0.0


def verdict_on(result: Result, differences: pd.DataFrame, published: pd.DataFrame, lang: str = "zh") -> str:
    """Whether a published ranking is reproduced, in a sentence."""
    limit = tolerance(result)
    beyond = sum(row.column != "score" or abs(row.difference) > limit for row in differences.itertuples())
    values = {"units": len(published), "tolerance": plainly(limit)}
    return label("differs" if beyond else "reproduced", lang, beyond=beyond, **values)


def comparison(result: Result, differences: pd.DataFrame, published: pd.DataFrame, lang: str = "zh") -> Display:
    """Every difference from a published ranking, those beyond the tolerance marked; of a note `中文 | English`, one half."""
    if published.empty:
        return nothing(label("nothing_published", lang))
    limit = tolerance(result)
    beyond = [row.column != "score" or abs(row.difference) > limit for row in differences.itertuples()]
    verdict = verdict_on(result, differences, published, lang)
    if differences.empty:
        return note_of(verdict)
    units = {row.unit: named(row, lang) for row in result.ranking.itertuples()}
    rows = []
    for row, far in zip(differences.itertuples(), beyond, strict=True):
        shown = 0 if row.column == "rank" else decimals(result)
        rows.append([units.get(row.unit, str(row.name)), label(row.column, lang), number(row.published, shown),
                     number(row.computed, shown), number(row.difference, shown, signed=True),
                     label("beyond" if far else "within", lang), half(row.note, lang)])
    heads = columns(lang, "unit", "what", "#published", "#computed", "#difference", "tolerance", "~note")
    return table("comparison", label("comparison", lang, units=len(published), tolerance=plainly(limit)), heads, rows, verdict)
