"""Workbooks: the results of a year, and the sheets that departments fill in.

In: results, and what is asked for. Out: the bytes of XLSX files.
"""
