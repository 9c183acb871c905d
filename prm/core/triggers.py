"""Statement triggers that follow declarations made in code, not migrations.

An app may declare that it wants to hear of another app's tables, and a migration of one app cannot
depend on all. So each *family* of triggers is installed after every `migrate`, which changes only what
differs, and a system check compares what is installed with what is declared.

A table gets one function and three triggers (insert, update, delete) with transition tables: work is
done once per statement, so a change of 500,000 rows costs the same three calls as a change of one, and
bulk SQL is heard like anything else. The body of the function finds the rows in `new_rows` and
`old_rows` and the kind of change in `TG_OP`. TRUNCATE is not heard; the application's role may not
truncate.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $prm$
BEGIN
  {body}
  RETURN NULL;
END
$prm$
"""

_REFERENCING = {
    "INSERT": "REFERENCING NEW TABLE AS new_rows",
    "UPDATE": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "REFERENCING OLD TABLE AS old_rows",
}


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class TriggerFamily:
    """All triggers of one purpose; their functions' names begin with `prefix`.

    `needs` are the tables that the bodies use: without them (a partial migration) nothing is installed,
    and the migration that makes them is followed by another call.
    """

    prefix: str
    needs: frozenset[str]

    def function_name(self, table: str) -> str:
        """Return the name of a table's function, which its triggers share."""
        return f"{self.prefix}{table}"[:55]

    def function_sql(self, table: str, body: str) -> str:
        """Return the statement that makes the function of one table."""
        return _FUNCTION.format(name=self.function_name(table), body=body.strip())

    def mark(self, table: str, body: str) -> str:
        """Return the comment by which an installed function is known to be current."""
        digest = hashlib.sha256(self.function_sql(table, body).encode()).hexdigest()
        return f"{self.prefix.strip('_').replace('_', ' ')} {digest[:16]}"

    def installed(self, connection: BaseDatabaseWrapper) -> dict[str, str]:
        """Return the marks of the functions in the database that have all three triggers, by name."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.proname, coalesce(obj_description(p.oid, 'pg_proc'), '') FROM pg_proc p"
                " JOIN pg_trigger t ON t.tgfoid = p.oid AND t.tgenabled <> 'D'"
                " WHERE starts_with(p.proname, %s) GROUP BY p.oid, p.proname HAVING count(*) = 3",
                [self.prefix],
            )
            return dict(cursor.fetchall())

    def outdated(self, connection: BaseDatabaseWrapper, bodies: Mapping[str, str]) -> list[str]:
        """List the tables in the database whose triggers are not those declared in `bodies`, by table."""
        with connection.cursor() as cursor:
            present = set(connection.introspection.table_names(cursor))
        if not self.needs <= present:
            return []
        installed = self.installed(connection)
        return [
            table
            for table, body in bodies.items()
            if table in present and installed.get(self.function_name(table)) != self.mark(table, body)
        ]

    def install(self, connection: BaseDatabaseWrapper, bodies: Mapping[str, str]) -> list[str]:
        """Make the triggers those declared in `bodies`, by table; return the tables that changed.

        Needs the role that owns the tables. Functions of this family that nobody declares any more go.
        """
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            changed = self.outdated(connection, bodies)
            for table in changed:
                self._replace(cursor, table, bodies[table])
            self._drop_others(cursor, {self.function_name(table) for table in bodies})
        return changed

    def _replace(self, cursor: CursorWrapper, table: str, body: str) -> None:
        name = self.function_name(table)
        cursor.execute(self.function_sql(table, body))
        for event, referencing in _REFERENCING.items():
            trigger = f"{name}_{event[:3].lower()}"
            cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"')
            cursor.execute(
                f'CREATE TRIGGER "{trigger}" AFTER {event} ON "{table}" {referencing}'
                f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
        cursor.execute(f"COMMENT ON FUNCTION {name}() IS {literal(self.mark(table, body))}")

    def _drop_others(self, cursor: CursorWrapper, names: set[str]) -> None:
        cursor.execute("SELECT proname FROM pg_proc WHERE starts_with(proname, %s)", [self.prefix])
        for (name,) in cursor.fetchall():
            if name not in names:
                cursor.execute(f"DROP FUNCTION {name}() CASCADE")
