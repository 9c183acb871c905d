"""Reading the trail: which kinds of rows there are, lines of all of them, and lines in words.

`events.py` finds the kinds, `sql.py` asks all tables at once, `queries.py` gives lines with what was before, `words.py` says
them, `registry.py` takes what apps know of their own values, `asking.py` looks rows up by their names.
"""
