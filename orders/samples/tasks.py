"""Background work of samples."""

from uuid import UUID

from celery import shared_task

from orders.samples import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import tenant_task
from prm.tenancy.work.states import Queue


@tenant_task(name="orders.study_sample", scope="bound", queue=Queue.IMPORTS)
def study_sample(*, sample_id: str) -> None:
    """Read a kept sample over all its lines."""
    service.study_sample(UUID(sample_id))


@shared_task(name="orders.forget_samples")
def forget_samples() -> None:
    """Remove the samples that nobody has decided about."""
    for tenant in list(Tenant.objects.all()):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="orders.forget_samples")):
            service.forget_old()
