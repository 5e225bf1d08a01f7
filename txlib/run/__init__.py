"""A year's reports made: what is due, workers and kernels, outputs that appear whole or not at all.

In: a workspace (`params/`, `data/`, `notebooks/`) and what is asked for. Out: files below `outputs/`, and what became of each.
"""
