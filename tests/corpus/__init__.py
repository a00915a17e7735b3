"""A corpus of model artifacts with made-up secrets and personal data in every hiding place, made anew for each seed.

`make.py` has the table of families, each a file of its own here; `items.py` says what an item is.
"""
