"""Insights: what was observed of the competition, because of what, and the ratio of won cases.

Called from outside: `service` (every write, with its input), `queries`, the QuerySets of `models`; `pickers` says how
competitors and differentiators are chosen by typing.
"""
