"""What is handed in becomes valid tables, or faults with their cell.

In: a rule-book and the CSV and Excel files of its year. Out: `Data`, a frame a table; workbooks that ask for what is missing.
"""
