"""Moving what was noted under a name that was merged or taken apart, where that is much."""

from uuid import UUID

from activities.market.names import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Size, Slice


@tenant_task(name="activities.settle_names", size=Size.LARGE)
def settle(kind: str, name_id: str) -> Slice:
    """Move a slice; there is more while it was a whole one."""
    moved = service.settle_by_id(kind, UUID(name_id), limit=service.MOVED_AT_ONCE)
    return Slice.MORE if moved == service.MOVED_AT_ONCE else Slice.DONE
