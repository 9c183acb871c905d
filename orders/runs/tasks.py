"""Background work of imports."""

from uuid import UUID

from celery import shared_task

from orders.runs import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue


@tenant_task(name="orders.import_run", scope="bound", queue=Queue.IMPORTS)
def import_run(*, run_id: str) -> None:
    """Import the kept files of a run."""
    service.perform(UUID(run_id))


@tenant_task(name="orders.preview_run", scope="bound", queue=Queue.IMPORTS)
def preview_run(*, run_id: str) -> None:
    """Read the kept files of a run for its preview."""
    service.look(UUID(run_id))


@shared_task(name="orders.forget_uploads")
def forget_uploads() -> None:
    """Remove the files that nobody has decided about, and those that belong to no import."""
    for tenant in list(Tenant.objects.all()):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="orders.forget_uploads")):
            service.forget_old()
            service.remove_strays()
