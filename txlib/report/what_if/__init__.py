"""What if the weights were others (notebook 09), to be tried by hand: tables of an example, sliders with the ranking they give.

In: a rule-book, data, weights asked for. Out: tables and widgets that a notebook shows.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "basis": "cover",
    "what_if.tables": "example weights ranking",
    "what_if.sliders": "Sliders",
})
