"""The report on a category's marks (notebook 02): quotas, what it would take, shares, rule text, signs, what follows.

In: an audit, a rule-book, data (1.3e–1.3i). Out: sentences, tables and figures that a notebook shows.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "basis": "sources",
    "marks.audit": "audited",
    "marks.sentences": "cover findings clauses assumptions",
    "marks.strips": "strip",
    "marks.tables": "quotas remedies shares rule_text signs",
    "marks.outcomes": "choices consequences",
})
