"""Background work of the partners app: standings follow what happened."""

from uuid import UUID

from celery import shared_task

from partners.standing.service import recompute_standings
from prm.tenancy.context import Actor, bound_tenant
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import tenant_task


@tenant_task(name="partners.recompute", scope="bound")
def recompute(*, partner_ids: list[str] | None) -> None:
    """Recompute the standings of some partners, or of all when `partner_ids` is None."""
    recompute_standings(None if partner_ids is None else [UUID(text) for text in partner_ids])


@shared_task(name="partners.recompute_everybody")
def recompute_everybody() -> None:
    """Every night: send each tenant's recomputation, so that one tenant does not wait for another."""
    actor = Actor(kind="task", door="task", label="partners.recompute_everybody")
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with bound_tenant(tenant, actor=actor):
            recompute.send(partner_ids=None)
