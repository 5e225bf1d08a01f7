"""The report on what changed in the rules from a year to the next (notebook 08), and what last year's data give under them.

In: two editions, changes between them, last year's data carried. Out: sentences and tables that a notebook shows.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "rule_changes.years": "editions compared what_if",
    "rule_changes.sentences": "cover findings",
    "rule_changes.tables": "changes summary moved left_out sources",
})
