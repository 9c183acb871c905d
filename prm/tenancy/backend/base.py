"""Django's PostgreSQL backend with the tenant announced to every transaction.

Adds three things to the stock engine. The tenant bound in `prm.tenancy.context` is set with
`SET LOCAL` at the start of each outermost transaction. A statement while a tenant is bound but no
transaction is open raises instead of quietly showing no rows. A connection whose role row-level
security does not bind (`rights.py`) is refused, except in owner mode (migrations).
What triggers say about work they have noted is heard (`prm.tenancy.backend.wake`).
Moments far from UTC are written so that PostgreSQL reads them (`moments`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Connection

from prm.tenancy.backend import wake
from prm.tenancy.backend.moments import MomentDumper
from prm.tenancy.backend.rights import rights_of_role
from prm.tenancy.backend.schema import DatabaseFeatures, DatabaseSchemaEditor
from prm.tenancy.context import announcement, has_tenant, transactions_around
from prm.tenancy.errors import NoTransaction


class DatabaseWrapper(base.DatabaseWrapper):
    """See the module's docstring."""

    owner_mode = False
    _marks_a_block = False
    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        """Connect, listen to what triggers say, and write moments so that they can be read."""
        connection: Connection = super().get_new_connection(conn_params)
        connection.add_notice_handler(partial(wake.hear, self))
        connection.adapters.register_dumper(datetime, MomentDumper)
        return connection

    def init_connection_state(self) -> None:
        """Refuse a role that the policies would not bind."""
        super().init_connection_state()
        if self.owner_mode:
            return
        with self.connection.cursor() as cursor:
            rights = rights_of_role(cursor)
        if reason := rights.walls_do_not_hold:
            raise ImproperlyConfigured(
                f"The database role {rights.name!r} {reason}: row-level security would not keep tenants apart. "
                "Use a plain role in DATABASE_URL (docs/operations.md says how to make it)."
            )

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        """Begin a transaction with the tenant's settings made in it."""
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if not autocommit and has_tenant():
            with self.connection.cursor() as cursor:
                cursor.execute(*announcement())

    def _savepoint(self, sid: str) -> None:
        with self._marking():
            super()._savepoint(sid)  # type: ignore[misc]

    def _savepoint_commit(self, sid: str) -> None:
        with self._marking():
            super()._savepoint_commit(sid)  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        with self._marking():
            super()._savepoint_rollback(sid)  # type: ignore[misc]

    @contextmanager
    def _marking(self) -> Iterator[None]:
        """Let a block's own statements through: they stand just outside of it."""
        self._marks_a_block = True
        try:
            yield
        finally:
            self._marks_a_block = False

    def _has_transaction(self) -> bool:
        return self._marks_a_block or len(self.atomic_blocks) > transactions_around()

    def _cursor(self, name: str | None = None) -> CursorWrapper:
        if has_tenant() and not self.owner_mode and not self._has_transaction():
            raise NoTransaction(
                "A tenant is bound but no transaction is open: row-level security would show "
                "nothing. Wrap the statements in transaction.atomic(), or use tenant_scope()."
            )
        cursor: CursorWrapper = super()._cursor(name)  # type: ignore[misc]
        return cursor
