"""Tables held against the plan: marks, quotas, levelling, superior indicators. A breach is a result, never a refusal.

In: a rule-book and tables. Out: frames of what was counted, what is broken by whom, and what it would take.
"""
