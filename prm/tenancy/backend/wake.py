"""A trigger that has noted work wakes the task that does it, once its transaction has committed.

What the database notes with a change, no caller can forget; who sends the task must not be forgotten
either. So the trigger says in the statement's own answer which task has something to do, as a NOTICE
with an SQLSTATE of ours. It costs no query, passes through a pooler in transaction mode, and comes for
bulk SQL as for a model's `save()`. Our database backend hears it and sends the task by name on commit:
once per transaction, and not at all when the change is rolled back.

A wake-up may be lost (the broker is down, the change was made by hand in psql). Therefore a woken task
takes no arguments, works off what is noted, and is swept for by the schedule as well.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import cast
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import Diagnostic

from prm.core.triggers import literal
from prm.tenancy.context import current_tenant_id, tenant_scope

SQLSTATE = "PRM01"


def wake_sql(task: str) -> str:
    """Return the PL/pgSQL statement that wakes a task of the tenant in scope."""
    return f"RAISE NOTICE USING ERRCODE = {literal(SQLSTATE)}, MESSAGE = {literal(task)};"


@lru_cache(maxsize=4096)
def _sender(task: str, tenant_id: str) -> Callable[[], None]:
    """Return what sends one tenant's task; the same function for the same task and tenant."""

    def send() -> None:
        # The database backend, which hears the notices, is loaded before there are models.
        from prm.tenancy.models import Tenant  # noqa: PLC0415 - cycle of apps at start
        from prm.tenancy.tasks import send_task  # noqa: PLC0415 - cycle of apps at start

        with tenant_scope(Tenant(pk=UUID(tenant_id))):
            send_task(task)

    return send


def hear(connection: BaseDatabaseWrapper, notice: Diagnostic) -> None:
    """Send the task that a notice names when the open transaction commits; other notices pass.

    Outside a scope nobody is woken: the sweep finds what was noted.
    """
    tenant_id = current_tenant_id()
    if notice.sqlstate != SQLSTATE or tenant_id is None:
        return
    send = _sender(cast("str", notice.message_primary), str(tenant_id))
    # What was registered before is lost with the open savepoints at most, and so would this be.
    if all(known[1] is not send for known in connection.run_on_commit):
        connection.on_commit(send, robust=True)
