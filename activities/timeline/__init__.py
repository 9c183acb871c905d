"""A partner's timeline: a fragment of the partner page and a page of its own.

It knows no kind of entry: each app says in `timeline_entries.py` what it tells (the shapes are those
of `partners.directory.timeline`). Called from outside: `queries.story`.
"""
