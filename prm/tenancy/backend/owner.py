"""Owner mode: the connection of the role that owns the tables, for migrations only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from prm.tenancy.audit import TenantEvent

# Nothing that runs in the application may change the trail of the past or the list of migrations.
READ_ONLY = ("django_migrations",)


@contextmanager
def owner_mode() -> Iterator[None]:
    """Reconnect as the owner (`DATABASES["default"]["OWNER"]`) for the length of the block."""
    settings: dict[str, Any] = connection.settings_dict
    before = {key: settings.get(key) for key in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")}
    name = settings["NAME"]
    connection.close()
    settings.update({k: v for k, v in settings["OWNER"].items() if k != "NAME"})
    connection.owner_mode = True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.close()
        connection.owner_mode = False  # type: ignore[attr-defined]
        settings.update(before)
        settings["NAME"] = name


def grant_to_application(role: str) -> None:
    """Let the application's role use every table, and only read and add where history is kept.

    Runs in owner mode after migrations; does nothing when one role is owner and application.
    TRUNCATE is never granted: row-level security does not apply to it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [role])
        if cursor.fetchone()[0]:
            return
        quoted = connection.ops.quote_name(role)
        cursor.execute(
            f"GRANT USAGE ON SCHEMA public TO {quoted};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted};"
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted};"
        )
        # Part of the migrations may have run ("migrate partners 0001", say).
        made = set(connection.introspection.table_names(cursor))
        for table in made & {*READ_ONLY, *_event_tables()}:
            kept = "SELECT" if table in READ_ONLY else "SELECT, INSERT"
            name = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE ALL ON {name} FROM {quoted}; GRANT {kept} ON {name} TO {quoted}")


def _event_tables() -> list[str]:
    return [m._meta.db_table for m in apps.get_models() if issubclass(m, TenantEvent)]
