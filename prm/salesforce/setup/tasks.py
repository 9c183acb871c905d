"""Background work that people ask for on the pages of the connection."""

from __future__ import annotations

import logging

from celery import shared_task

from prm.salesforce.adoption import newcomers
from prm.salesforce.engine.models import SyncSchedule
from prm.salesforce.setup import errands
from prm.salesforce.setup.models import Errand
from prm.salesforce.wire import errors
from prm.tenancy.context import as_sweep, current_tenant, tenant_scope
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work.states import Queue

logger = logging.getLogger(__name__)


@shared_task(name="salesforce.look_everywhere", ignore_result=True)
def look_everywhere() -> None:
    """Have every connected tenant looked through for records that were made there, every quarter of an hour."""
    with as_sweep():
        every = SyncSchedule.objects.unscoped("what is new is looked for at all connected tenants")
        found = list(every.select_related("tenant").filter(is_active=True, tenant__is_active=True))
    for schedule in found:
        with tenant_scope(schedule.tenant):
            send_task("salesforce.newcomers")


@tenant_task(name="salesforce.newcomers", scope="bound", queue=Queue.SYNC)
def look_for_newcomers() -> None:
    """Find what was made there since the last look; trouble with Salesforce is met, and said, by the next sync too."""
    try:
        newcomers.look()
    except errors.SalesforceError as error:
        logger.warning("salesforce: what is new for %s was not read: %s", current_tenant().slug, error)


@tenant_task(name="salesforce.errand", scope="bound", queue=Queue.SYNC)
def errand(*, kind: str) -> None:
    """Connect, look what is missing, or set up."""
    errands.perform(Errand.Kind(kind))
