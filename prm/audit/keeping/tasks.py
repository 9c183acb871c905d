"""Removing, every night, what the trail need not keep any longer."""

from celery import shared_task

from prm.audit.keeping import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.rules import SLICE_SECONDS
from prm.tenancy.work.states import Queue, Slice


@tenant_task(name="audit.forget_old", queue=Queue.NIGHTLY)
def forget_old() -> Slice:
    """Remove a tenant's events whose years are over, a slice at a time."""
    return service.forget_old(SLICE_SECONDS)


@shared_task(name="audit.forget_nightly")
def forget_everywhere() -> None:
    """Ask for it in each tenant, so that one does not wait for another."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="audit.forget_nightly")):
            send_task("audit.forget_old")
