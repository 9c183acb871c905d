"""Change capture: database triggers that make records dirty, in the transaction of the change.

Each table named by a mapping gets statement triggers (see `prm.core.triggers`), which work set-wise.

* Nothing is captured for a tenant whose connection nobody has started; starting makes all records dirty once.
* An update counts when a watched column differs between the old and the new row.
* Rows are written in the order of their ids, so that two transactions cannot deadlock here.
* A table above the tenants (an account's name, a tenant's time zone) has rows of several tenants rest on it:
  its updates visit the scope of each connected tenant in turn, and come back to the one they came from.

The check `salesforce.E002` compares the installed triggers with the declarations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from prm.core.triggers import TriggerFamily, literal
from prm.mapping import Mapping, Touch

TRIGGERS = TriggerFamily(
    prefix="prm_capture_",
    needs=frozenset({"salesforce_outbox", "salesforce_connection", "salesforce_syncschedule"}),
)

# As the scope of the change has set it for the audit trail.
_ACTOR = "left(coalesce(nullif(current_setting('pghistory.context_metadata', true), '')::jsonb ->> 'label', ''), 120)"

_INSERT = """
    INSERT INTO salesforce_outbox (id, tenant_id, mapping, record_id, version, since, made_by)
    SELECT gen_random_uuid(), d.tenant_id, {mapping}, d.record_id, 1, clock_timestamp(), {actor}
    FROM ({rows}) d
    WHERE d.record_id IS NOT NULL
    ORDER BY d.record_id
    ON CONFLICT (tenant_id, mapping, record_id) DO UPDATE
      SET version = salesforce_outbox.version + 1, cause = EXCLUDED.cause, made_by = EXCLUDED.made_by,
          attempts = 0, not_before = NULL, waits_mapping = '', waits_id = NULL;
""".replace("{actor}", _ACTOR)  # nosec B608 # names are our own, values are parameters

_BODY = """
  IF NOT EXISTS (SELECT 1 FROM salesforce_connection WHERE state NOT IN ('disconnected', 'resting')) THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN{inserts}
  ELSIF TG_OP = 'DELETE' THEN{deletes}
  ELSE{updates}
  END IF;
"""

# A row above the tenants concerns each of them alone: within its scope the walls show nothing else.
_SHARED = """
  IF TG_OP <> 'UPDATE' THEN
    RETURN NULL;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {differs}) THEN
    RETURN NULL;
  END IF;
  DECLARE
    scope text := coalesce(current_setting('prm.tenant', true), '');
    sweep text := coalesce(current_setting('prm.sweep', true), '');
    connected uuid[];
    one uuid;
  BEGIN
    PERFORM set_config('prm.sweep', 'on', true);
    SELECT array_agg(tenant_id) INTO connected FROM salesforce_syncschedule;
    PERFORM set_config('prm.sweep', sweep, true);
    FOREACH one IN ARRAY coalesce(connected, ARRAY[]::uuid[]) LOOP
      PERFORM set_config('prm.tenant', one::text, true);
      IF EXISTS (SELECT 1 FROM salesforce_connection WHERE state NOT IN ('disconnected', 'resting')) THEN{updates}
      END IF;
    END LOOP;
    PERFORM set_config('prm.tenant', scope, true);
  END;
"""
_SCOPE = "current_setting('prm.tenant')::uuid"


def by_table(mappings: Iterable[Mapping]) -> dict[str, list[tuple[str, Touch]]]:
    """Return what each table makes dirty: (mapping key, touch) by table."""
    tables: dict[str, list[tuple[str, Touch]]] = {}
    for one in mappings:
        for touch in one.touched_by:
            tables.setdefault(touch.table, []).append((one.key, touch))
    return tables


def _plain(touch: Touch, rows: str) -> str:
    where = f" WHERE {touch.only}" if touch.only else ""
    tenant = _SCOPE if touch.shared else "r.tenant_id"
    if touch.records:
        named = f"CROSS JOIN LATERAL ({touch.records}) p (record_id)"
        return f"SELECT DISTINCT {tenant} AS tenant_id, p.record_id FROM {rows} r {named}{where}"  # nosec B608 # names are our own, values are parameters
    return f"SELECT DISTINCT {tenant} AS tenant_id, r.{touch.record} AS record_id FROM {rows} r{where}"  # nosec B608 # names are our own, values are parameters


def _watched(touch: Touch) -> list[str]:
    asked = re.findall(r"\br\.(\w+)", touch.records) if touch.records else [touch.record]
    return [name for name in dict.fromkeys((*asked, *touch.watch)) if name not in ("id", "tenant_id")]


def _differs(watched: Iterable[str]) -> str:
    names = list(watched)
    new, old = (", ".join(f"{alias}.{name}" for name in names) for alias in ("n", "o"))
    return f"ROW({new}) IS DISTINCT FROM ROW({old})"


def _updated(touch: Touch) -> str:
    """Both the old and the new owner of a changed row are dirty, and each only if it qualifies."""
    changed = f"FROM new_rows n JOIN old_rows o ON o.id = n.id WHERE {_differs(_watched(touch))}"
    parts = []
    for alias in ("n", "o"):
        rows = f"(SELECT {alias}.* {changed})"
        parts.append(_plain(touch, rows).replace("SELECT DISTINCT", "SELECT"))
    return " UNION ".join(parts)


def bodies(mappings: Iterable[Mapping]) -> dict[str, str]:
    """Return what the triggers of each table do."""
    return {table: _body(touches) for table, touches in by_table(mappings).items()}


def _body(touches: list[tuple[str, Touch]]) -> str:
    parts = {"inserts": "", "deletes": "", "updates": ""}
    if touches[0][1].shared:
        for key, touch in touches:
            parts["updates"] += _INSERT.format(mapping=literal(key), rows=_updated(touch))
        watched = dict.fromkeys(name for _, touch in touches for name in _watched(touch))
        return _SHARED.format(differs=_differs(watched), updates=parts["updates"])
    for key, touch in touches:
        mapping = literal(key)
        parts["inserts"] += _INSERT.format(mapping=mapping, rows=_plain(touch, "new_rows"))
        parts["deletes"] += _INSERT.format(mapping=mapping, rows=_plain(touch, "old_rows"))
        parts["updates"] += _INSERT.format(mapping=mapping, rows=_updated(touch))
    return _BODY.format(**parts)


def install(connection: BaseDatabaseWrapper, mappings: Iterable[Mapping]) -> list[str]:
    """Make the triggers those that the mappings ask for; return the tables that changed."""
    return TRIGGERS.install(connection, bodies(mappings))


def enqueue_all(connection: BaseDatabaseWrapper, mappings: Iterable[Mapping]) -> int:
    """Make every record of the tenant in scope dirty, as starting needs; return how many."""
    total = 0
    with connection.cursor() as cursor:
        for one in mappings:
            touch = one.touched_by[0]
            rows = _plain(touch, f'"{touch.table}"')
            cursor.execute(_INSERT.format(mapping=literal(one.key), rows=rows))
            total += cursor.rowcount
    return total


def records_sql(one: Mapping) -> str:
    """Return SQL for the records of a mapping that the tenant in scope has, as `record_id`."""
    touch = one.touched_by[0]
    return _plain(touch, f'"{touch.table}"')


def all_ids(connection: BaseDatabaseWrapper, one: Mapping) -> list[UUID]:
    """Return the ids of all records of a mapping that the tenant in scope has, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT d.record_id FROM ({records_sql(one)}) d ORDER BY d.record_id")  # nosec B608 # names are our own
        return [row[0] for row in cursor]


def has_records(connection: BaseDatabaseWrapper, one: Mapping) -> bool:
    """Return whether the tenant in scope has any record of a mapping."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS ({records_sql(one)})")  # nosec B608 # names are our own
        return bool(cursor.fetchone()[0])


def those_of(connection: BaseDatabaseWrapper, one: Mapping, ids: Iterable[str]) -> list[UUID]:
    """Return which of these ids, given as text, are records of a mapping that the tenant in scope has."""
    wanted = list(ids)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.record_id FROM ({records_sql(one)}) d WHERE d.record_id::text = ANY(%s)",  # nosec B608 # names are our own
            [wanted],
        )
        return [row[0] for row in cursor]
