"""The categories of a year side by side, and the weights of their trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from txlib.base.printing import MISSING
from txlib.report.basis import absent
from txlib.report.facts import at_most, beside, decided, firsts, upper, vetoed
from txlib.report.kit.shown import Display, TableColumn, table

if TYPE_CHECKING:
    from txlib.intake.data import Data
    from txlib.report.kit.words import Words
    from txlib.rules.book import RuleBook
    from txlib.scoring.result import Result


def overview(book: RuleBook, results: Mapping[str, Result], words: Words, data: Data | None = None) -> Display:
    """The categories side by side by counts and first places; scores of different categories are never compared."""
    levels = book.tiers.levels if book.tiers else ()
    heads = [*words.columns("category", "first_place", "#n_units"),
             *(TableColumn(words.name(level), "number") for level in levels),
             *words.columns("#n_vetoes", "#n_tied", "#n_leaves", "#n_leads", "#n_absent")]
    rows, notes = [], []
    for each in results.values():
        leaves, tiers = each.category.leaves, list(each.ranking.tier_code)
        barred = vetoed(each, data) if data is not None else each.ranking[:0]
        tied, leads = each.ranking["score"].duplicated(keep=False).sum(), {leaf.lead for leaf in leaves if leaf.lead}
        counts = (len(each.ranking), *(tiers.count(level.code) for level in levels), len(barred), tied, len(leaves), len(leads),
                  absent(each))
        rows.append([words.name(each.category), firsts(each, words), *map(str, counts)])
        notes += decided(each, data, words) if data is not None else []
    note = [words.label("overview_note"), *([words.label("overview_tiers")] if levels else []), *notes]
    return table("overview", words.label("overview", title=words.text(book.title)), heads, rows, words.sentences(note))


def weights(book: RuleBook, words: Words) -> Display:
    """Full points of levels 1 and 2 in every category, with the clauses of each; adjustments by their limits."""
    nodes = [(category, node) for category in book.categories.values() for node in (*upper(category), *beside(category))]
    rows = [[words.name(category), MISSING if node.adjusts else str(node.level),
             words.coded(node), at_most(node), words.joined(node.clause) or MISSING] for category, node in nodes]
    heads = words.columns("category", "#level", "indicator", "#full", "clause")
    return table("weights", words.label("weights"), heads, rows, words.label("weights_note"))
