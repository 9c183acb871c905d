"""The database engine of `DATABASES`: the tenant in each transaction, and in each key.

`database_roles` makes the two roles, `owner` is the connection of the one that owns the tables, `schema` writes the
primary keys, and `migration_state` keeps migrations quick.
"""
