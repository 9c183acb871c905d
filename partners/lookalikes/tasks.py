"""Looking for partners that look like one: every night, and after somebody was added by hand."""

from celery import shared_task

from partners.lookalikes import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.rules import SLICE_SECONDS
from prm.tenancy.work.states import Queue, Size, Slice


@tenant_task(name="partners.look_for_look_alikes", scope="bound", queue=Queue.NIGHTLY, size=Size.LARGE)
def look() -> Slice:
    """Look at the partners of a tenant that changed since the last time."""
    return service.look_for(SLICE_SECONDS)


@shared_task(name="partners.look_alikes_nightly")
def look_everywhere() -> None:
    """Ask for it in each tenant, so that one does not wait for another."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        actor = Actor(kind="task", door="task", label="partners.look_alikes_nightly")
        with tenant_scope(tenant, actor=actor):
            send_task("partners.look_for_look_alikes")
