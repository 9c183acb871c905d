"""Background work of imports."""

from uuid import UUID

from orders.runs import service
from prm.tenancy.tasks import tenant_task


@tenant_task(name="orders.import_run", scope="bound")
def import_run(*, run_id: str) -> None:
    """Import the kept files of a run."""
    service.perform(UUID(run_id))
