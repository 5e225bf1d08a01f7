"""A file handed in as rows of text under headers: decoded, freed of totals and notes, whatever could mislead told.

In: a file, the columns that are wanted, the names that are known. Out: cells by column with their place, or faults.
"""
