"""Everything a person reads: tables, figures and findings of the notebooks, score cards, pages, workbooks.

In: results, audits and analyses as frames. Out: HTML, figures with their alternative text, XLSX, CSV; nothing is
computed here that a decision rests on.
"""
