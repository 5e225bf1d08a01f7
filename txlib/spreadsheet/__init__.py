"""What an Excel file stores and what it shows.

In: the bytes of a workbook. Out: its sheets, and of each a grid of cells with the value stored, the text shown, formula, format,
strike and hiding, in one pass and bounded memory. Knows nothing of assessment.

Why not openpyxl, which is the other opinion in the tests (3.1.5, in processor time; benchmarks/bench_reading.py measures again):

- It keeps either formulas or the values last computed: to see a formula that was never computed takes two openings. Those of
  5,000 × 40 cells took 4.4 to 6.1 times as long as the one pass here, opened read-only 2.5 to 3.3 times.
- Opened read-only it knows no hidden rows or columns and no merged cells, and believes the size that a sheet claims: rows
  beyond it vanish in silence. Opened in full it keeps every cell that has a format: a million empty rows of one cell took
  1.2 GB and 34 s, here under 1 MB and 5 s.
- What can be read in two ways it passes: of two cells at one place it keeps the last. Here that is a fault.
"""
