"""From tables to points, places, tiers, and a sentence for each.

In: a rule-book and tables of one category. Out: a `Result`: frames of scores and ranking, exact points, explanations.
"""
