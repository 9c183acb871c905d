"""What a database role may do that the application must not, asked of PostgreSQL on every new connection."""

from dataclasses import dataclass
from typing import Protocol

import psycopg
from django.db import connection

# A role owns what the roles own that it is a member of: it may become them (SET ROLE).
_QUESTION = """
    SELECT current_user::text, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
        EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(current_user, datdba, 'MEMBER'))
        OR EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('public.tenancy_tenant')
                   AND pg_has_role(current_user, relowner, 'MEMBER'))
    FROM pg_roles WHERE rolname = current_user
"""


class Asks(Protocol):
    """A cursor or connection of psycopg."""

    def fetchone(self) -> tuple[object, ...] | None: ...


class Executes(Protocol):
    """What takes a statement."""

    def execute(self, query: str, /) -> Asks: ...


@dataclass(frozen=True, slots=True)
class RoleRights:
    """The dangerous rights of one role."""

    name: str
    superuser: bool
    bypasses: bool
    creates_roles: bool
    creates_databases: bool
    owns: bool

    @property
    def walls_do_not_hold(self) -> str:
        """Why row-level security does not keep tenants apart for this role; empty when it does."""
        if self.superuser or self.bypasses:
            return "is a superuser or has BYPASSRLS"
        if self.creates_roles:
            return "may create roles, and so become another one"
        return "owns the tables, and so may change them" if self.owns else ""


def rights_of_role(signed_in: Executes) -> RoleRights:
    """Return the rights of the role that a connection signed in as; one statement."""
    row = signed_in.execute(_QUESTION).fetchone()
    assert row is not None
    name, *rights = row
    return RoleRights(str(name), *map(bool, rights))


def application_role() -> RoleRights | None:
    """Return the rights of DATABASE_URL's role, past the connection that would refuse it; `None` without an answer."""
    own = ("context", "cursor_factory", "client_encoding", "prepare_threshold")
    parameters = {key: value for key, value in connection.get_connection_params().items() if key not in own}
    try:
        with psycopg.connect(**{"connect_timeout": 5, **parameters}) as asked:
            return rights_of_role(asked)
    except psycopg.Error:
        return None
