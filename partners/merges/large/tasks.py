"""Background work of merges."""

from uuid import UUID

from partners.merges.large import service
from prm.core.errors import Refused
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size


@tenant_task(name="partners.merge", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def merge(*, task_id: str) -> None:
    """Merge two partners of very many rows, or take such a merge back."""
    try:
        service.perform(UUID(task_id))
    except Refused as refused:
        if refused.code != "over":
            raise
