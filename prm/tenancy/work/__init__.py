"""Background work that waits, and whose turn it is.

A piece of work is a row in PostgreSQL, written in the transaction that asks for it; the broker only carries
wake-ups. So a broker that is down loses nothing, a worker that is killed loses nothing (its lease runs
out), and which tenant comes next is decided with all that waits in view, not by who came first. README.md has
the reasons.

Others use `prm.tenancy.tasks`. Here: `service` (add, claim, finish, hold a lease), `broker` (wake-ups, and whether
it answers), `rules` (how long a slice is, how many run at once), `courtesy` (large work steps aside for small).
"""
