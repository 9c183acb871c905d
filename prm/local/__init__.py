"""What a newcomer's machine needs to run PRM without installing a server first.

`postgres` keeps one PostgreSQL per checkout, `roles` makes the database roles (there and on any
other server), `bootstrap` installs packages, `supervisor` is `make demo`.
"""
