"""How firmly a ranking stands: with other weights, other data, other rules.

In: a rule-book, tables, a result; a seed where it draws. Out: frames of draws, shares, intervals, smallest changes.
"""
