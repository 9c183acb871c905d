"""What goes wrong around tenants.

NoTenant        a tenant-owned model was touched while no tenant is in scope (wall 1)
NoTransaction   a tenant is bound but no transaction is open, so wall 2 would show nothing
WrongTenant     a row of one tenant was about to be saved in the scope of another
"""


class NoTenant(RuntimeError):
    """No tenant is in scope."""


class NoTransaction(RuntimeError):
    """A tenant is bound, but the statement would run outside a transaction."""


class WrongTenant(RuntimeError):
    """A row belongs to another tenant than the one in scope."""
