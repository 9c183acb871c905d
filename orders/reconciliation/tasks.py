"""Reconciliation by the clock: each hour counted, once a day counted in Salesforce itself, and told."""

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db import transaction

from orders.reconciliation import queries, service
from orders.reconciliation.telling import mail
from orders.sources.models import OrderSource
from prm.core.calendar import today
from prm.core.clock import now
from prm.tenancy.context import Actor, current_tenant, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.states import Queue

_COUNTED_EACH: Final = timedelta(hours=20)


@tenant_task(name="orders.reconcile", scope="bound", queue=Queue.NIGHTLY)
def reconcile() -> None:
    """Count the days that are recent or changed, ask for a counting in Salesforce once a day, and tell what is open."""
    service.refresh_recent()
    with transaction.atomic():
        last = today(current_tenant())
        first = last - timedelta(days=service.RECENT)
        counted = queries.counted_there(first, last)
        if not counted or max(one.at for one in counted.values()) < now() - _COUNTED_EACH:
            service.count_there(first, last)
    mail.tell()


@shared_task(name="orders.sweep_reconciliation")
def sweep_reconciliation() -> None:
    """Send the counting of every tenant that has an order source."""
    for tenant in list(Tenant.objects.filter(is_active=True)):
        with tenant_scope(tenant, actor=Actor(kind="task", door="task", label="orders.sweep_reconciliation")):
            if OrderSource.objects.exists():
                send_task("orders.reconcile")
