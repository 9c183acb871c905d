"""Change capture: database triggers that make records dirty, in the transaction of the change.

Each table named by a mapping gets one function and three statement triggers (insert, update,
delete) with transition tables. They work set-wise: an import of 500,000 rows costs three statements
per COPY or UPDATE, and bulk SQL is captured like anything else. TRUNCATE is not captured; the
application's role may not truncate.

* Nothing is captured for a tenant without a connection; connecting makes all records dirty once.
* An update counts when a watched column differs between the old and the new row.
* Rows are written in the order of their ids, so that two transactions cannot deadlock here.

The triggers follow the declarations, not a migration: a mapping may watch another app's table, and
a migration of one app cannot depend on all. `install` runs after every `migrate` and changes only
what differs; the check `salesforce.E002` compares the installed ones with the declarations.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from prm.mapping import Mapping, Touch

PREFIX = "prm_capture_"

_INSERT = """
    INSERT INTO salesforce_outbox (id, tenant_id, mapping, record_id, version, since)
    SELECT gen_random_uuid(), d.tenant_id, {mapping}, d.record_id, 1, clock_timestamp()
    FROM ({rows}) d
    WHERE d.record_id IS NOT NULL
    ORDER BY d.record_id
    ON CONFLICT (tenant_id, mapping, record_id) DO UPDATE
      SET version = salesforce_outbox.version + 1,
          attempts = 0, not_before = NULL, waits_mapping = '', waits_id = NULL;
"""

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $capture$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM salesforce_connection WHERE state <> 'disconnected') THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN{inserts}
  ELSIF TG_OP = 'DELETE' THEN{deletes}
  ELSE{updates}
  END IF;
  RETURN NULL;
END
$capture$
"""

_TRIGGERS = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def by_table(mappings: Iterable[Mapping]) -> dict[str, list[tuple[str, Touch]]]:
    """Return what each table makes dirty: (mapping key, touch) by table."""
    tables: dict[str, list[tuple[str, Touch]]] = {}
    for one in mappings:
        for touch in one.touched_by:
            tables.setdefault(touch.table, []).append((one.key, touch))
    return tables


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _plain(touch: Touch, rows: str) -> str:
    where = f" WHERE {touch.only}" if touch.only else ""
    return f"SELECT DISTINCT r.tenant_id, r.{touch.record} AS record_id FROM {rows} r{where}"


def _updated(touch: Touch) -> str:
    """Both the old and the new owner of a changed row are dirty, and each only if it qualifies."""
    watched = dict.fromkeys((touch.record, *touch.watch))
    new = ", ".join(f"n.{column}" for column in watched)
    old = ", ".join(f"o.{column}" for column in watched)
    differs = f"ROW({new}) IS DISTINCT FROM ROW({old})"
    changed = f"FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {differs}"
    parts = []
    for alias in ("n", "o"):
        rows = f"(SELECT {alias}.* {changed})"
        parts.append(_plain(touch, rows).replace("SELECT DISTINCT", "SELECT"))
    return " UNION ".join(parts)


def function_sql(name: str, touches: list[tuple[str, Touch]]) -> str:
    """Return the statement that makes the trigger function of one table."""
    bodies = {"inserts": "", "deletes": "", "updates": ""}
    for key, touch in touches:
        mapping = _literal(key)
        bodies["inserts"] += _INSERT.format(mapping=mapping, rows=_plain(touch, "new_rows"))
        bodies["deletes"] += _INSERT.format(mapping=mapping, rows=_plain(touch, "old_rows"))
        bodies["updates"] += _INSERT.format(mapping=mapping, rows=_updated(touch))
    return _FUNCTION.format(name=name, **bodies)


def function_name(table: str) -> str:
    """Return the name of a table's function, which its triggers share."""
    return f"{PREFIX}{table}"[:55]


def fingerprint(sql: str) -> str:
    """Return the mark by which an installed function is known to be current."""
    return "prm capture " + hashlib.sha256(sql.encode()).hexdigest()[:16]


def wanted(mappings: Iterable[Mapping]) -> dict[str, tuple[str, str]]:
    """Return (function name, statement) by table."""
    return {
        table: (function_name(table), function_sql(function_name(table), touches))
        for table, touches in by_table(mappings).items()
    }


def installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the fingerprints of the functions in the database that have all three triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname, obj_description(p.oid, 'pg_proc') FROM pg_proc p"
            " JOIN pg_trigger t ON t.tgfoid = p.oid AND t.tgenabled <> 'D'"
            " WHERE p.proname LIKE %s GROUP BY p.oid, p.proname HAVING count(*) = 3",
            [PREFIX.replace("_", r"\_") + "%"],
        )
        return {name: mark or "" for name, mark in cursor.fetchall()}


def install(connection: BaseDatabaseWrapper, mappings: Iterable[Mapping]) -> list[str]:
    """Make the triggers those that the mappings ask for; return the tables that changed.

    Needs the role that owns the tables. Tables that are not there yet (a partial migration) are
    left out: the migration that makes them is followed by another call.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        if not {"salesforce_outbox", "salesforce_connection"} <= present:
            return []
        functions = wanted(mappings)
        current = installed(connection)
        changed = []
        for table, (name, sql) in functions.items():
            if table in present and current.get(name) != fingerprint(sql):
                _replace(cursor, table, name, sql)
                changed.append(table)
        _drop_others(cursor, {name for name, _ in functions.values()})
    return changed


def _replace(cursor: CursorWrapper, table: str, name: str, sql: str) -> None:
    cursor.execute(sql)
    for event, referencing in _TRIGGERS.items():
        trigger = f"{name}_{event[:3].lower()}"
        cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"')
        cursor.execute(
            f'CREATE TRIGGER "{trigger}" AFTER {event} ON "{table}" {referencing}'
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
    cursor.execute(f"COMMENT ON FUNCTION {name}() IS {_literal(fingerprint(sql))}")


def _drop_others(cursor: CursorWrapper, names: set[str]) -> None:
    cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE %s", [PREFIX.replace("_", r"\_") + "%"])
    for (name,) in cursor.fetchall():
        if name not in names:
            cursor.execute(f"DROP FUNCTION {name}() CASCADE")


def enqueue_all(connection: BaseDatabaseWrapper, mappings: Iterable[Mapping]) -> int:
    """Make every record of the tenant in scope dirty, as a first connection needs; return how many."""
    total = 0
    with connection.cursor() as cursor:
        for one in mappings:
            touch = one.touched_by[0]
            rows = _plain(touch, f'"{touch.table}"')
            cursor.execute(_INSERT.format(mapping=_literal(one.key), rows=rows))
            total += cursor.rowcount
    return total
