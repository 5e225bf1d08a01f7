"""How a leaf or an adjustment is scored: the rule that a rule-book writes, its formula, its limits.

In: a rule and columns of what was observed, exact or float. Out: points, which of them are capped or do not apply, and why.
"""
