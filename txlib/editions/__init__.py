"""A year beside another: what changed in rules and units, next year's rules, last year's data under other rules.

In: two rule-books, or a rule-book and another year's tables. Out: frames of differences; the files of a new year.
"""
