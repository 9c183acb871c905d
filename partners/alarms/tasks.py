"""Watching the orders of a tenant: every night, and after everybody's standing was computed."""

from partners.alarms import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size


@tenant_task(name="partners.watch_orders", scope="bound", queue=Queue.NIGHTLY, size=Size.LARGE)
def watch() -> None:
    """Judge everybody's whole months."""
    service.watch_orders()
