"""Background work of counting."""

from celery import shared_task

from activities.campaigns.counting import service
from activities.campaigns.counting.models import WebEvent
from activities.campaigns.members.service import forget_letters
from prm.core import clock
from prm.tenancy.context import Actor, as_sweep, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.service import is_asked
from prm.tenancy.work.states import Queue, Slice


@tenant_task(name="campaigns.settle", scope="bound")
def settle() -> Slice:
    """Judge and add up what came."""
    return Slice.MORE if service.settle() else Slice.DONE


@tenant_task(name="campaigns.forget", scope="bound", queue=Queue.NIGHTLY)
def forget() -> Slice:
    """Let go of days that are over."""
    forget_letters()
    return Slice.MORE if service.forget_old() else Slice.DONE


@shared_task(name="campaigns.sweep")
def sweep() -> None:
    """Settle what came, of every tenant that has something to settle."""
    with as_sweep():
        waiting = WebEvent.objects.unscoped("the sweep sees which tenants have something to settle")
        due = waiting.filter(verdict="", at__lt=clock.now() - service.WAIT)
        ids = list(due.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())
        tenants = list(Tenant.objects.filter(pk__in=ids, is_active=True))
    for tenant in tenants:
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="campaigns.sweep")):
            if not is_asked("campaigns.settle", {}):
                send_task("campaigns.settle")


@shared_task(name="campaigns.forget_nightly")
def forget_nightly() -> None:
    """Let go of days that are over, of every tenant."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="campaigns.forget_nightly")):
            send_task("campaigns.forget")
