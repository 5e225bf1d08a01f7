"""Another weight in tables: the weights as ruled and as asked for, the ranking that they give."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from txlib.base.printing import MISSING, number, plainly
from txlib.report import facts
from txlib.report.kit.shown import Display, Flag, TableRow, table
from txlib.report.what_if.shares import tree
from txlib.sensitivity.what_if import Weights, reweighted

if TYPE_CHECKING:
    import pandas as pd

    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
from txlib.rules.category import Category


def example(category: Category, indicator: str = "", points: str = "") -> dict[str, float]:
    """Another weight to try: an indicator and its points.

    Where none is named, the last of the highest level that has several; where no points are, twice the ruled, or half way to
    all that it and its siblings have, whichever is less. Nothing in a tree without siblings.
    """
    apart = [node for node in tree(category) if len(category.siblings(node)) > 1]
    if not (indicator or apart):
        return {}
    code = indicator or [node for node in apart if node.level == min(each.level for each in apart)][-1].code
    if points or code not in {node.code for node in tree(category)}:
        return {code: float(points or 0)}
    node = category.node(code)
    together = sum((each.full for each in category.siblings(node)), Fraction(0))
    return {code: float(min(2 * node.full, (node.full + together) / 2))}


def weights(category: Category, asked: Weights, words: Words) -> Display:
    """The weights of levels 1 and 2 as ruled and as asked for, siblings in proportion; what moves is marked."""
    new = {node.code: node.full for node in reweighted(category, asked).nodes}
    rows: list[TableRow] = []
    for node in facts.upper(category):
        full = new.get(node.code, Fraction(0))
        row = (words.coded(node), plainly(float(node.full)), number(float(full)))
        rows.append(Flag(row) if full != node.full else row)
    heads = words.columns("indicator", "#ruled", "#supposed", labels="sliders")
    return table("what-if-weights", words.say("sliders.weights"), heads, rows)


def ranking(moved: pd.DataFrame, book: RuleBook, category: Category, words: Words) -> Display:
    """A table of `tx.what_if`: places, scores and tiers beside those as ruled; a unit whose place moves is marked."""
    shown = ruled if isinstance(ruled := book.rounding.total, int) else 4
    tier_now, tier_then = (["tier"], ["tier_then"]) if book.tiers else ([], [])
    heads = words.columns("#place", "#moved", "unit", "#score", *tier_now, "#place_then", "#score_then", *tier_then,
                          labels="sliders")
    rows: list[TableRow] = []
    for row in moved.itertuples():
        tier, then = ([words.row(row, "tier") or MISSING], [_tier_then(row, words) or MISSING]) if book.tiers else ([], [])
        cells = [f"{row.rank:g}", steps(row.moved), words.row(row), number(row.score, shown), *tier,
                 f"{row.rank_then:g}", number(row.score_then, shown), *then]
        rows.append(Flag(cells) if row.moved else cells)
    return table("what-if", words.say("sliders.ranking", category=words.name(category)), heads, rows, words.say("sliders.note"))


def _tier_then(row: Any, words: Words) -> str:
    return str((row.tier_en_then if words.lang == "en" else "") or row.tier_then)


def steps(moved: float) -> str:
    """Places gained or lost, with a mark that does not hang on colour; — where there are none."""
    if not moved:
        return MISSING
    return f"{number(moved, 0 if moved % 1 == 0 else 1, signed=True)} {'▲' if moved > 0 else '▼'}"
