"""What tables and figures of all reports are made of.

In: frames, numbers, names. Out: escaped HTML, plain text, drawings.
"""
