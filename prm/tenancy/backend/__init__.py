"""The database engine of `DATABASES`: the tenant in each transaction, and in each key."""
