"""Background work of the orders app."""

from uuid import UUID

from orders.runs import uploads
from prm.tenancy.tasks import tenant_task


@tenant_task(name="orders.import_run", scope="bound")
def import_run(*, run_id: str) -> None:
    """Import the uploaded files of a run."""
    uploads.perform(UUID(run_id))
