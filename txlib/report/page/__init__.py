"""Pages: a notebook as a report, the index of a year, all pages in one file.

In: executed notebooks and what a run found. Out: self-contained HTML.
"""
