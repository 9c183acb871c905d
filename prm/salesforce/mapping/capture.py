"""Change capture: database triggers that make records dirty, in the transaction of the change.

Each table named by a mapping gets statement triggers (see `prm.core.triggers`), which work set-wise.

* Nothing is captured for a tenant without a connection; connecting makes all records dirty once.
* An update counts when a watched column differs between the old and the new row.
* Rows are written in the order of their ids, so that two transactions cannot deadlock here.

The check `salesforce.E002` compares the installed triggers with the declarations.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

from prm.core.triggers import TriggerFamily, literal
from prm.mapping import Mapping, Touch

TRIGGERS = TriggerFamily(
    prefix="prm_capture_", needs=frozenset({"salesforce_outbox", "salesforce_connection"})
)

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

_BODY = """
  IF NOT EXISTS (SELECT 1 FROM salesforce_connection WHERE state <> 'disconnected') THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN{inserts}
  ELSIF TG_OP = 'DELETE' THEN{deletes}
  ELSE{updates}
  END IF;
"""


def by_table(mappings: Iterable[Mapping]) -> dict[str, list[tuple[str, Touch]]]:
    """Return what each table makes dirty: (mapping key, touch) by table."""
    tables: dict[str, list[tuple[str, Touch]]] = {}
    for one in mappings:
        for touch in one.touched_by:
            tables.setdefault(touch.table, []).append((one.key, touch))
    return tables


def _plain(touch: Touch, rows: str) -> str:
    where = f" WHERE {touch.only}" if touch.only else ""
    return f"SELECT DISTINCT r.tenant_id, r.{touch.record} AS record_id FROM {rows} r{where}"  # nosec B608 # names are our own, values are parameters


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


def bodies(mappings: Iterable[Mapping]) -> dict[str, str]:
    """Return what the triggers of each table do."""
    return {table: _body(touches) for table, touches in by_table(mappings).items()}


def _body(touches: list[tuple[str, Touch]]) -> str:
    parts = {"inserts": "", "deletes": "", "updates": ""}
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
    """Make every record of the tenant in scope dirty, as a first connection needs; return how many."""
    total = 0
    with connection.cursor() as cursor:
        for one in mappings:
            touch = one.touched_by[0]
            rows = _plain(touch, f'"{touch.table}"')
            cursor.execute(_INSERT.format(mapping=literal(one.key), rows=rows))
            total += cursor.rowcount
    return total
