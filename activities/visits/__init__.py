"""Visits: one rep-partner interaction each, with what was learned and what was promised.

A visit is logged with the insight and the budget that came out of it, all or nothing. Called from
outside: `service` (every write, with its input), `queries`, the QuerySets of `models`. The page that
logs one is `activities.quick_log`. `partner_tables` says what becomes of visits when partners are merged, `setup_steps` the
step that the first visit is.

`list_columns.py` adds the last visit to the list of partners.
`own_fields.py` says that visits have some, `pages` is the list of all.
"""
