"""A folder of outputs: who writes there, what appears whole or not at all, from which inputs, and the proof of it.

In: files that were made, inputs to be hashed. Out: files under their names, and `manifest.json`, which says what each holds.
"""
