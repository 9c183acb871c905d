"""Background work of standings: they follow what happened, and every night all of them."""

from celery import shared_task

from partners.policy.service import begin_due
from partners.standing import service
from partners.standing.models import StandingRequest
from partners.standing.triggers import TASK
from prm.tenancy.context import Actor, as_sweep, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.rules import SLICE_SECONDS
from prm.tenancy.work.service import is_asked
from prm.tenancy.work.states import Queue, Size, Slice


@tenant_task(name=TASK, scope="bound")
def recompute_requested() -> Slice:
    """Recompute the standings of a tenant that the database has noted; woken by the note."""
    return service.recompute_for(SLICE_SECONDS)


@tenant_task(name="partners.recompute_night", scope="bound", queue=Queue.NIGHTLY, size=Size.LARGE)
def recompute_night() -> Slice:
    """Recompute everybody's standings as the night has asked for."""
    return service.recompute_for(SLICE_SECONDS, by_night=True)


@shared_task(name="partners.sweep_requested")
def sweep_requested() -> None:
    """Send the recomputation of every tenant that has notes and no work for them: a wake-up may have been lost."""
    for tenant, by_night in _noted():
        with tenant_scope(tenant, actor=_actor("partners.sweep_requested")):
            if by_night and not is_asked("partners.recompute_night", {}):
                send_task("partners.recompute_night")
            elif not by_night and not is_asked("partners.recompute_requested", {}):
                send_task("partners.recompute_requested")


def _noted() -> list[tuple[Tenant, bool]]:
    """Return the tenants that have notes, by whether the night made them."""
    with as_sweep():
        notes = StandingRequest.objects.unscoped("the sweep sees which tenants have notes")
        noted = list(notes.values_list("tenant_id", "by_night").distinct().order_by("tenant_id", "by_night"))
        tenants = Tenant.objects.filter(is_active=True).in_bulk({pk for pk, _ in noted})
    return [(tenants[pk], by_night) for pk, by_night in noted if pk in tenants]


@shared_task(name="partners.recompute_everybody")
def recompute_everybody() -> None:
    """Ask every night for everybody of each tenant, so that one tenant does not wait for another."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=_actor("partners.recompute_everybody")):
            begin_due()
            service.request_everybody(by_night=True)
            send_task("partners.recompute_night")


def _actor(name: str) -> Actor:
    return Actor(kind="task", door="task", label=name)
