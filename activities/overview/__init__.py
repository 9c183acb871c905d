"""The manager's overview: how we stand, what moved, what waits; every figure leads to its rows.

`rules.py` says which days are compared, `queries.py` counts (a fixed number of queries), `words.py` makes the sentence, `report.py` has all of
it for the page, the API and the command.
"""
