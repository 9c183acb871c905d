"""Background work on rejected lines."""

from uuid import UUID

from orders.rejects import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size


@tenant_task(name="orders.retry_rejects", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def retry_rejects(*, run_id: str, reason: str) -> None:
    """Try all open lines of a run with one reason again."""
    service.retry_all(UUID(run_id), reason)
