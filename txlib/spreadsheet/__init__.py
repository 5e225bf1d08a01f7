"""What an Excel file stores and what it shows.

In: the bytes of a workbook. Out: its sheets, and of each a grid of cells with the value stored, the text shown, formula, format,
strike and hiding, in one pass and bounded memory. Knows nothing of assessment.
"""
