"""Celery entries: a sweep over all connected tenants, and one run per tenant.

The sweep looks, tenant by tenant, whether something is dirty or a poll is due, and sends a run if
so. A run that finds its lane taken ends at once; a paused tenant is not looked at.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.db import transaction
from django.db.models import Q

from prm.core.clock import now
from prm.salesforce.engine import queue
from prm.salesforce.engine.models import SyncSchedule
from prm.salesforce.runs import run, tokens
from prm.salesforce.wire import errors
from prm.tenancy.context import as_sweep, current_tenant, tenant_scope
from prm.tenancy.tasks import send_task, tenant_task
from prm.tenancy.work import courtesy
from prm.tenancy.work.states import Queue, Size, Slice

logger = logging.getLogger(__name__)

SLICE_SECONDS = 5.0
"""Longer than of other work: each slice begins with a few calls, which count against the organisation's limit."""

FIRST_SECONDS = 1.0
"""Of work that nobody knows to be long yet, so that the backlogs of some do not take all threads at once."""

QUEUED_SECONDS = 60
"""A run that was sent and never began (a lost message) is sent again after this time."""


LONGEST_PAUSE = timedelta(minutes=30)
"""Longer than any pause of a tenant: what lies beyond was set by a clock that has jumped back since."""


@shared_task(name="salesforce.sweep", ignore_result=True)
def sweep() -> None:
    """Send a run for every tenant that has something to send or is due to be read."""
    for schedule in _due():
        try:
            _look_at(schedule)
        except Exception:
            # One tenant's trouble must not keep the others waiting.
            logger.exception("salesforce: looking at tenant %s failed", schedule.tenant_id)


@shared_task(name="salesforce.audit_everybody", ignore_result=True)
def audit_everybody() -> None:
    """Have every connected tenant compared, and what is decided repaired, once a day and one after the other."""
    with as_sweep():
        every = SyncSchedule.objects.unscoped("the audit goes through all connected tenants")
        found = list(every.select_related("tenant").filter(is_active=True, tenant__is_active=True))
    for schedule in found:
        with tenant_scope(schedule.tenant):
            send_task("salesforce.audit")


@tenant_task(name="salesforce.audit", scope="bound", queue=Queue.NIGHTLY)
def audit_tenant() -> None:
    """Compare everything of a tenant and repair what is decided, within its ordinary share of calls."""
    report = run.sync(run.Wish(audit=True, repair=True, door="audit"))
    if report.failed:
        logger.warning("salesforce: the audit of %s: %s", current_tenant().slug, report.message)


@shared_task(name="salesforce.keep_everybody_signed_in", ignore_result=True)
def keep_everybody_signed_in() -> None:
    """Have what people allowed used once a week, also of tenants that exchange nothing: unused for 30 days it ends."""
    with as_sweep():
        every = SyncSchedule.objects.unscoped("what people allowed is kept for all connected tenants")
        found = list(
            every.select_related("tenant").exclude(organization_id="").filter(tenant__is_active=True)
        )
    for schedule in found:
        with tenant_scope(schedule.tenant):
            if tokens.is_idle():
                send_task("salesforce.keep_signed_in")


@tenant_task(name="salesforce.keep_signed_in", scope="bound", queue=Queue.NIGHTLY)
def keep_signed_in() -> None:
    """Renew the session of a tenant. Trouble is noted beside it; a run that needs the session says it to people."""
    try:
        tokens.use_what_was_allowed()
    except errors.SalesforceError as error:
        logger.warning("salesforce: %s is not kept signed in: %s", current_tenant().slug, error)


def _due() -> list[SyncSchedule]:
    """Return the schedules of all tenants that are not paused and for which no run is on its way."""
    moment = now()
    with as_sweep():
        every = SyncSchedule.objects.unscoped("the sweep sees whose turn it is")
        return list(
            every.select_related("tenant").filter(
                Q(not_before__isnull=True)
                | Q(not_before__lte=moment)
                | Q(not_before__gt=moment + LONGEST_PAUSE),
                Q(queued_until__isnull=True)
                | Q(queued_until__lte=moment)
                | Q(queued_until__gt=moment + timedelta(seconds=2 * QUEUED_SECONDS)),
                is_active=True,
                tenant__is_active=True,
            )
        )


def _look_at(schedule: SyncSchedule) -> None:
    moment = now()
    interval = timedelta(seconds=schedule.poll_seconds)
    # A reading that is due later than one interval from now was set by a clock that has jumped back since.
    pulls = schedule.pull_at <= moment or schedule.pull_at > moment + 2 * interval
    saving = schedule.saving_until is not None and moment < schedule.saving_until < moment + LONGEST_PAUSE
    with tenant_scope(schedule.tenant):
        if saving and not queue.has_work(edits=True):
            return
        if not saving and not pulls and not queue.has_work():
            return
        values = {"queued_until": moment + timedelta(seconds=QUEUED_SECONDS)}
        if pulls and not saving:
            # From when it was due, not from when it was seen: else every reading comes a little later than asked for.
            on_time = timedelta(0) <= moment - schedule.pull_at < interval
            values["pull_at"] = (schedule.pull_at if on_time else moment) + interval
        mine = SyncSchedule.objects.filter(pk=schedule.pk, queued_until=schedule.queued_until)
        # Of two sweeps at once only one changes the row as it was read.
        if mine.update(**values):
            if saving:
                send_task("salesforce.sync", pull=False, saving=True)
            else:
                send_task("salesforce.sync", pull=pulls)


@tenant_task(name="salesforce.sync", scope="bound", queue=Queue.SYNC)
def sync_tenant(*, pull: bool = True, door: str = "task", saving: bool = False) -> Slice:
    """Bring one tenant in step, a slice at a time."""
    tenant = current_tenant()
    with transaction.atomic():
        SyncSchedule.objects.update(queued_until=None)
    seconds = FIRST_SECONDS if courtesy.size_of_own() is Size.SMALL else SLICE_SECONDS
    report = run.sync(run.Wish(push=True, pull=pull, door=door, saving=saving, seconds=seconds))
    if report.failed:
        logger.warning("salesforce: %s: %s", tenant.slug, report.message)
    return Slice.MORE if report.more and not report.failed else Slice.DONE
