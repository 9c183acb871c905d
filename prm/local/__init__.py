"""What a newcomer's machine needs to run PRM without installing a server first; production imports nothing of it.

`environment` writes the variables of production for the embedded servers, `server` and `keeper` keep
one PostgreSQL (`postgres`) and one Valkey (`valkey`) per checkout, `bootstrap` installs packages,
`prepare` makes tables and static files, `supervisor` is `make demo`.
"""
