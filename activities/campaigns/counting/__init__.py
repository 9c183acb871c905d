"""Counting honestly: what of all that is asked of `/c/` was a partner who looked, and what was not, with its reason.

`door` answers before any session is read: it writes in one short transaction, then answers. `rules` says what is not counted (pure),
`sql` has the one statement of the door, `settle` turns a minute's requests into days (`WebDay`) and finds link scanners. `staff`
knows our own people. Called from outside: `queries`, `service`.
"""
