"""The report on a whole year (notebook 00): categories side by side, superior indicators, marks by lead department, weights.

In: a rule-book, data, results by category. Out: sentences, tables and figures that a notebook shows.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "basis": "cover clauses assumptions sources",
    "overview.sentences": "findings",
    "overview.tables": "overview weights",
    "overview.superiors": "places_then superior losses covered",
    "overview.figures": "superior_figure weights_figure",
    "marks.audit": "audited",
    "marks.outcomes": "in_short by_lead consequences",
})
