"""Adopt before create: what is there already and whom of ours it is, and what starting would do, before it does it.

Others call `reading.read`, which reads what is there and keeps whom of ours it may be (`sorting.py` says what is certain),
`service`, by which people decide and starting carries it out, `newcomers.look`, which finds what is made there later, and `trying.try_start`, the dry run, with what it found
(`outcome.py`). `checks.py` says which records an organisation would refuse by what it tells of its fields. Nothing here
writes in Salesforce: the engine does.
"""
