"""Background work of shared credit."""

from orders.shares import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size


@tenant_task(name="orders.share_by_rules", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def share_by_rules() -> None:
    """Share all orders by the rules as they are now."""
    service.share_by_rules()
