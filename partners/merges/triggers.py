"""Rows that name a partner who was merged meanwhile are sent on to the survivor, by the database.

Somebody logs a visit at the moment in which its partner is merged: the merge has moved all it could see, and the visit
comes after it. A row trigger of each table that takes such rows (`MovedTable.sends_on`) waits for the merge, as
the foreign key does anyway, and follows it. Orders need none: they come under the order lock.
"""

from typing import Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from partners.merges.registry import moved_tables

NAME: Final = "prm_send_on"

_FUNCTION: Final = """
CREATE OR REPLACE FUNCTION prm_send_on() RETURNS trigger LANGUAGE plpgsql AS $prm$
DECLARE
  survivor uuid;
BEGIN
  LOOP
    SELECT merged_into_id INTO survivor FROM partners_partner
    WHERE tenant_id = NEW.tenant_id AND id = NEW.partner_id FOR KEY SHARE;
    EXIT WHEN survivor IS NULL;
    NEW.partner_id := survivor;
  END LOOP;
  RETURN NEW;
END
$prm$
"""
_LACKING: Final = """
SELECT c.relname FROM pg_class c
WHERE c.relname = ANY (%s) AND c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = %s AND t.tgenabled <> 'D')
"""


def lacking(connection: BaseDatabaseWrapper) -> list[str]:
    """List tables in the database that take rows about partners and do not send them on."""
    wanted = [table.table for table in moved_tables() if table.sends_on]
    with connection.cursor() as cursor:
        if "partners_partnermerge" not in connection.introspection.table_names(cursor):
            return []
        cursor.execute(_LACKING, [wanted, NAME])
        return [name for (name,) in cursor]


def install(connection: BaseDatabaseWrapper) -> list[str]:
    """Make the triggers that are missing, in the role that owns the tables; return their tables."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        missing = lacking(connection)
        if missing:
            cursor.execute(_FUNCTION)
        for table in missing:
            cursor.execute(
                f'CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE OF partner_id ON "{table}"'
                f" FOR EACH ROW EXECUTE FUNCTION {NAME}()"
            )
    return missing
