"""Reviews by the calendar: opened with the quarter, in force on their day."""

from celery import shared_task

from partners.reviews.cycle import service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.states import Size, Slice


@tenant_task(name="partners.put_reviews_in_force", scope="bound", size=Size.LARGE)
def put_in_force() -> Slice:
    """Put what is signed and due in force, a chunk at a time."""
    return Slice.MORE if service.apply_due() else Slice.DONE


@shared_task(name="partners.reviews_nightly")
def every_night() -> None:
    """Open what a tenant has arranged, and put in force whose day has come."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="partners.reviews_nightly")):
            service.open_due()
            send_task("partners.put_reviews_in_force")
