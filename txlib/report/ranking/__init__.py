"""The report on a category's ranking (notebook 01): places, points, a unit explained, the year before, the published list.

In: a result, data, the year before. Out: sentences, tables and figures that a notebook shows.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "basis": "cover clauses assumptions sources",
    "ranking.sentences": "findings",
    "ranking.tables": "ranking parts tiers comparison",
    "ranking.figures": "scores gap_to_mean slope",
    "ranking.multiples": "by_unit",
    "ranking.explained": "explanations everyone",
    "ranking.years": "last_year against_last_year branches_moved",
})
