"""Database triggers that note, with every change a standing rests on, whose standing is out of date.

They follow what the apps declare as `SOURCES` (see `registry.py`), so no caller can forget to ask for a
new score: pages, imports, the Salesforce pull and SQL typed by hand all note alike, set-wise, one row
per partner and statement. A statement that concerns more than `NAMED_AT_MOST` partners notes everybody.
Notes wake the task that recomputes (`prm.tenancy.backend.wake`) when their transaction commits.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from partners.standing.models import StandingRequest
from partners.standing.registry import EVERYBODY, ScoreSource
from prm.core.triggers import TriggerFamily
from prm.tenancy.backend.wake import wake_sql

NAMED_AT_MOST = 5_000
TASK = "partners.recompute_requested"
REQUESTS = StandingRequest._meta.db_table
TRIGGERS = TriggerFamily(prefix="prm_score_", needs=frozenset({REQUESTS}))

# While this setting of the transaction is on, changes are the recomputation's own and no news to it.
OWN_CHANGES = "prm.standing_own_changes"

_NOTE = """
    WITH moved AS (
      SELECT DISTINCT r.tenant_id, p.partner_id
      FROM ({rows}) r CROSS JOIN LATERAL ({partners}) p (partner_id){known})
    INSERT INTO {requests} (id, tenant_id, partner_id)
    SELECT gen_random_uuid(), tenant_id, partner_id FROM moved
    WHERE (SELECT count(*) FROM moved) <= {most}
    UNION ALL
    SELECT gen_random_uuid(), tenant_id, NULL FROM moved
    WHERE (SELECT count(*) FROM moved) > {most} GROUP BY tenant_id;"""

_NOTE_CHANGES = """
  IF current_setting('{own_changes}', true) = 'on' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN{insert}
  ELSIF TG_OP = 'DELETE' THEN{delete}
  ELSE{update}
  END IF;
"""

# A row that moves from one partner to another concerns both.
_UPDATED = """SELECT side.* FROM new_rows n JOIN old_rows o ON o.tenant_id = n.tenant_id AND o.id = n.id
      CROSS JOIN LATERAL (SELECT n.* UNION ALL SELECT o.*) side
      WHERE ROW({new}) IS DISTINCT FROM ROW({old})"""

# Two conditions, because `new_rows` is known to an insertion only.
_WAKE = f"""
  IF TG_OP = 'INSERT' THEN
    IF EXISTS (SELECT FROM new_rows WHERE NOT by_night) THEN
      {wake_sql(TASK)}
    END IF;
  END IF;
"""  # nosec B608 # names are our own, values are parameters


def bodies(sources: Iterable[ScoreSource]) -> dict[str, str]:
    """Return what the triggers of each table do."""
    return {**{source.table: _note_changes(source) for source in sources}, REQUESTS: _WAKE}


def _note_changes(source: ScoreSource) -> str:
    return _NOTE_CHANGES.format(
        own_changes=OWN_CHANGES,
        insert=_note(source, "SELECT * FROM new_rows"),
        delete=_note(source, "SELECT * FROM old_rows"),
        update=_note(source, _updated(source)),
    )


def _note(source: ScoreSource, rows: str) -> str:
    return _NOTE.format(
        rows=rows,
        partners=source.partners,
        known="" if source.partners == EVERYBODY else " WHERE p.partner_id IS NOT NULL",
        requests=REQUESTS,
        most=NAMED_AT_MOST,
    )


def _updated(source: ScoreSource) -> str:
    asked = re.findall(r"\br\.(\w+)", source.partners)
    watched = [name for name in dict.fromkeys((*asked, *source.columns)) if name not in ("id", "tenant_id")]
    new = ", ".join(f"n.{column}" for column in watched)
    old = ", ".join(f"o.{column}" for column in watched)
    return _UPDATED.format(new=new, old=old)


def install(connection: BaseDatabaseWrapper, sources: Iterable[ScoreSource]) -> list[str]:
    """Make the triggers those that the sources ask for; return the tables that changed."""
    return TRIGGERS.install(connection, bodies(sources))


@contextmanager
def own_changes() -> Iterator[None]:
    """Note nothing for the length of the block: what it writes has been taken into account already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [OWN_CHANGES])
        yield
        cursor.execute("SELECT set_config(%s, '', true)", [OWN_CHANGES])
