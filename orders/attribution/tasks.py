"""Background work of whose orders they are."""

from collections.abc import Sequence
from uuid import UUID

from orders.attribution import service
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Size, Slice


@tenant_task(name="orders.settle_code", scope="bound", queue=Queue.IMPORTS, size=Size.LARGE)
def settle_code(*, code: str, scheme: str, sources: Sequence[str], held_by: str | None) -> Slice:
    """Move the rest of a code's orders, some at a time, to whose the code is now."""
    left = service.settle_code(
        code,
        scheme=scheme,
        sources=[UUID(pk) for pk in sources],
        held_by=UUID(held_by) if held_by else None,
    )
    return Slice.MORE if left else Slice.DONE
