"""The report on the data themselves (notebook 11): who has handed in what, what blocks, what stands out; and reminders.

In: what there is of a year, whatever is wrong with it. Out: sentences and tables that a notebook shows, and pages.
"""

from txlib.report.kit.public import public

__getattr__, __all__ = public(__name__, {
    "kit.words": "Words",
    "basis": "sources",
    "submissions.sentences": "cover findings",
    "submissions.tables": "read figures handed_in faults remarks spread assumed",
})
