"""Writes about the trail: how long it is kept, that it was exported, and what its years remove."""

import time

from django.db import connection, transaction

from prm.accounts.rights import Right
from prm.audit.keeping.models import AuditClearing, AuditExport, AuditRetention
from prm.audit.keeping.queries import cutoff, years_kept
from prm.audit.trail import sql
from prm.audit.trail.events import kinds
from prm.audit.trail.rules import LEAST_YEARS, MOST_YEARS, REMOVED_AT_ONCE
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.locks import lock_tenant
from prm.tenancy.context import current_tenant
from prm.tenancy.use_cases import requires
from prm.tenancy.work.states import Slice


@requires(Right.SETTINGS_EDIT)
@transaction.atomic
def set_retention(*, years: int | None) -> int | None:
    """Keep events for so many years from now on, None for good; returns what held before.

    Nothing is removed here: the nightly run does that, and says so. Raises `Refused` for a number out of bounds.
    """
    if years is not None and not LEAST_YEARS <= years <= MOST_YEARS:
        raise Refused(
            f"The trail is kept {LEAST_YEARS} to {MOST_YEARS} years, or for good.",
            field="years",
            code="invalid",
        )
    lock_tenant("audit", current_tenant().pk)
    before = years_kept()
    row = AuditRetention.objects.first()
    if row is None:
        AuditRetention.objects.create(years=years)
    elif row.years != years:
        row.years = years
        row.save(update_fields=["years"])
    return before


@requires(Right.AUDIT_VIEW)
@transaction.atomic
def record_export(*, lines: int, file_format: str, asked: str) -> AuditExport:
    """Note that lines of the trail are taken along: a line of the trail itself."""
    made: AuditExport = AuditExport.objects.create(lines=lines, file_format=file_format, asked=asked[:400])
    return made


@requires()
@transaction.atomic
def forget_old(seconds: float) -> Slice:
    """Remove events whose years are over, for about so long; what went is noted, by kind.

    The database decides how old an event must be (`audit_forget`): nothing younger goes, whoever asks.
    """
    years = years_kept()
    if years is None:
        return Slice.DONE
    started, is_done = time.monotonic(), True
    removed: dict[str, int] = {}
    for kind in kinds().values():
        while count := _forget(kind.table):
            removed[kind.label] = removed.get(kind.label, 0) + count
            if time.monotonic() - started > seconds:
                is_done = False
                break
        if not is_done:
            break
    if removed:
        AuditClearing.objects.create(
            lines=sum(removed.values()), older_than=cutoff(years, now()), kinds=removed
        )
    return Slice.DONE if is_done else Slice.MORE


def _forget(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql.forget(table), [REMOVED_AT_ONCE])
        return int(cursor.fetchone()[0])
