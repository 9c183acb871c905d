"""Running an installation: what production must not be like, whether it starts, and what is cleared by schedule.

`production.py` holds the rules, each with its id, what to do, and whether it stops the start; `checks.py` gives them to
`manage.py check --deploy`, `start.py` to web, worker and beat. docs/operations.md has the same table (a test compares).
`resealing.py` encrypts stored secrets with the newest key. `tasks.py` clears what nobody needs any more: sessions and the lock-out log.
"""
