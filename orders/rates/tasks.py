"""Background work of rates."""

from celery import shared_task

from orders.rates import queries, service
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task


@tenant_task(name="orders.convert_anew", scope="bound")
def convert_anew() -> None:
    """Convert the orders that are not converted as the rates say, slice by slice."""
    service.convert_all()


@shared_task(name="orders.sweep_rates")
def sweep_rates() -> None:
    """Send the conversion of every tenant that has orders in other currencies: a task of theirs may be lost."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="orders.sweep_rates")):
            if queries.has_foreign_orders():
                send_task("orders.convert_anew")
