"""The categories of a year side by side, and the weights of their trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from txlib.base.printing import MISSING
from txlib.methods import BesideTheTree
from txlib.report.basis import absent
from txlib.report.facts import at_most, decided, firsts, upper, vetoed
from txlib.report.kit.shown import (
    Display,
    TableColumn,
    columns,
    joined,
    label,
    sentences,
    table,
)

if TYPE_CHECKING:

    from txlib.intake.data import Data
    from txlib.rules.book import RuleBook
    from txlib.scoring.result import Result



def overview(book: RuleBook, results: Mapping[str, Result], lang: str = "zh", data: Data | None = None) -> Display:
    """The categories side by side by counts and first places; scores of different categories are never compared."""
    levels = book.tiers.levels if book.tiers else ()
    heads = [*columns(lang, "category", "first_place", "#n_units"),
             *(TableColumn(level.name[lang], "number") for level in levels),
             *columns(lang, "#n_vetoes", "#n_tied", "#n_leaves", "#n_leads", "#n_absent")]
    rows, notes = [], []
    for each in results.values():
        leaves, tiers = each.category.leaves, list(each.ranking.tier_code)
        barred = vetoed(each, data) if data is not None else each.ranking[:0]
        tied, leads = each.ranking["score"].duplicated(keep=False).sum(), {leaf.lead for leaf in leaves if leaf.lead}
        counts = (len(each.ranking), *(tiers.count(level.code) for level in levels), len(barred), tied, len(leaves), len(leads),
                  absent(each))
        rows.append([each.category.name[lang], firsts(each, lang), *map(str, counts)])
        notes += decided(each, data, lang) if data is not None else []
    note = [label("overview_note", lang), *([label("overview_tiers", lang)] if levels else []), *notes]
    return table("overview", label("overview", lang, title=book.title[lang]), heads, rows, sentences(note, lang))


def weights(book: RuleBook, lang: str = "zh") -> Display:
    """Full points of levels 1 and 2 in every category, with the clauses of each; adjustments by their limits."""
    nodes = [(category, node) for category in book.categories.values() for node in (*upper(category), *category.adjustments)]
    rows = [[category.name[lang], MISSING if isinstance(node.rule, BesideTheTree) else str(node.level),
             f"{node.code} {node.name[lang]}", at_most(node), joined(node.clause, lang) or MISSING] for category, node in nodes]
    heads = columns(lang, "category", "#level", "indicator", "#full", "clause")
    return table("weights", label("weights", lang), heads, rows, label("weights_note", lang))
