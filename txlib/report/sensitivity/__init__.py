"""The report on how firmly a ranking stands (notebook 03): other data, other weights, other rules.

In: a result, draws and what else was tried. Out: sentences, tables and figures that a notebook shows.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "basis": "cover assumptions sources",
    "ranking.years": "last_year",
    "sensitivity.standing": "spread findings neighbours singly swaps",
    "sensitivity.figures": "intervals heatmap tornado swaps_figure shares_figure",
    "sensitivity.consultation": "alike indicators",
    "sensitivity.deciding": "shares left_out alternatives choices asked what_if",
})
