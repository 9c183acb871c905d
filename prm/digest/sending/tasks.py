"""Sending digests in the background."""

from celery import shared_task

from prm.core.clock import now
from prm.digest.sending import service
from prm.digest.sending.queries import due, why_no_mail
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.rules import SLICE_SECONDS
from prm.tenancy.work.states import Queue, Slice


@tenant_task(name="digest.send", scope="bound", queue=Queue.NIGHTLY)
def send() -> Slice:
    """Send what is due in one tenant, a slice at a time."""
    return service.send_due(SLICE_SECONDS)


@shared_task(name="digest.sweep")
def sweep() -> None:
    """Ask for it in each tenant in which somebody is due."""
    if why_no_mail():
        return
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="digest.sweep")):
            if due(now()):
                send_task("digest.send")
