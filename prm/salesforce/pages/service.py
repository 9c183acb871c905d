"""What the pages of all rooms of the sync ask for."""

from __future__ import annotations

from django.db import transaction

from prm.accounts.rights import Right
from prm.salesforce.engine.models import SyncSchedule
from prm.salesforce.shapes.models import ObjectShape
from prm.tenancy.tasks import send_task
from prm.tenancy.use_cases import requires


@requires(Right.SYNC_EDIT)
@transaction.atomic
def look_again() -> None:
    """Let the next run look at once at what rests, and ask for that run."""
    ObjectShape.objects.exclude(rests={}).update(looked_at=None)
    send_now()


@requires(Right.SYNC_EDIT)
@transaction.atomic
def send_now() -> None:
    """Ask for a run right away."""
    SyncSchedule.objects.update(not_before=None, saving_until=None)
    send_task("salesforce.sync", pull=True, door="page")
