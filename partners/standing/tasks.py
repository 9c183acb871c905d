"""Background work of standings: they follow what happened, and every night all of them."""

from celery import shared_task

from partners.standing import service
from partners.standing.models import StandingRequest
from partners.standing.triggers import TASK
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task


@tenant_task(name=TASK, scope="bound")
def recompute_requested() -> None:
    """Recompute the standings of a tenant that the database has noted; woken by the note."""
    service.recompute_requested()


@shared_task(name="partners.sweep_requested")
def sweep_requested() -> None:
    """Send the recomputation of every tenant that has notes: their own wake-up may have been lost."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=_actor("partners.sweep_requested")):
            if StandingRequest.objects.exists():
                send_task("partners.recompute_requested")


@shared_task(name="partners.recompute_everybody")
def recompute_everybody() -> None:
    """Ask every night for everybody of each tenant, so that one tenant does not wait for another."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=_actor("partners.recompute_everybody")):
            service.request_everybody()


def _actor(name: str) -> Actor:
    return Actor(kind="task", door="task", label=name)
