"""What everything stands on: exact numbers and how they are written, texts, faults, labels.

In: values and texts as they are found. Out: fractions and float arrays, checked fields, faults with their place, sentences in two
languages. Knows nothing of assessment, files or frames.
"""
