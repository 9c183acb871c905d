"""Background work of lists."""

from uuid import UUID

from celery import shared_task

from activities.lists.runs import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue, Slice


@tenant_task(name="bringing.read_list", scope="bound", queue=Queue.IMPORTS)
def read_list(*, run_id: str) -> None:
    """Read the file of a list for its preview."""
    service.look(UUID(run_id))


@tenant_task(name="bringing.write_list", scope="bound", queue=Queue.IMPORTS)
def write_list(*, run_id: str) -> Slice:
    """Write a slice of a list."""
    return Slice.MORE if service.write(UUID(run_id)) else Slice.DONE


@tenant_task(name="bringing.take_back_list", scope="bound", queue=Queue.IMPORTS)
def take_back_list(*, run_id: str) -> Slice:
    """Take a slice of a list back."""
    return Slice.MORE if service.give_back(UUID(run_id)) else Slice.DONE


@shared_task(name="bringing.forget_lists")
def forget_lists() -> None:
    """Remove the lists that nobody has decided about."""
    for tenant in list(Tenant.objects.all()):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="bringing.forget_lists")):
            service.forget_old()
