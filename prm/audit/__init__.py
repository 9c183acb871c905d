"""The audit trail as people read it: who changed what, by which door, before and after; how long it is kept.

The trail itself is written by the database (`prm.tenancy.audit`): one table of events per kind of row. `events.py` says
which kinds there are, `sql.py` asks all of them at once, `queries.py` gives lines with what was before, `words.py` turns
them into words, `registry.py` takes what apps know of their own values. Other rooms call `history.recent`.
"""
