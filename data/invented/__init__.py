"""How the figures of the sample are invented: one module a table, the story's numbers in story.py and ranges.py.

In: the story, and the rule-books of `params`, which say what is measured, asked and handed in by whom. Out: the rows of each
table, as CSV files and as workbooks. A table's module has its columns, `COLUMNS`, and its rows of a year or of a category.
"""
