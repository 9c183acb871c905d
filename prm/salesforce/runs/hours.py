"""What the hours of the last days were like: lags, backlog and calls, noted with every run.

A lag is counted in a class of seconds, each class a quarter wider than the one before, so that any number of hours can
be put together and a percentile of them is right to a quarter.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from prm.core.clock import now
from prm.salesforce.engine.models import Outbox, SyncHour, SyncProblem
from prm.salesforce.engine.report import Report
from prm.salesforce.wire.transport import Usage

KEPT: Final = timedelta(days=7)
SHORTEST: Final = 0.1
"""Seconds of the first class; everything shorter is in it."""
STEP: Final = 1.25
CLASSES: Final = 72
"""The last class ends after some ten days; everything longer is in it."""


def class_of(seconds: float) -> int:
    """Return the class of a lag."""
    if seconds <= SHORTEST:
        return 0
    return min(CLASSES, math.ceil(math.log(seconds / SHORTEST, STEP)))


def counted(lags: Iterable[float], before: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return how many lags (seconds) are in each class, added to what was counted before."""
    found = Counter(before or {})
    found.update(str(class_of(one)) for one in lags)
    return dict(found)


def percentile(counts: Mapping[str, int], share: float) -> float | None:
    """Return the seconds within which `share` (0 to 1) of all lags are; `None` without any."""
    total = sum(counts.values())
    seen = 0
    for one in sorted(map(int, counts)):
        seen += counts[str(one)]
        if seen >= share * total:
            return round(SHORTEST * STEP**one, 1)
    return None


def backlog() -> int:
    """Return how many records wait to be sent, and are held by nothing."""
    return Outbox.objects.filter(waits_id__isnull=True, not_before__isnull=True).count()


def note(report: Report, usage: Usage, *, waited: int) -> None:
    """Add a run to its hour, with what its answers said of limits. `waited` is the backlog when it began.

    Opens its own transaction.
    """
    moment = now()
    with transaction.atomic():
        hour, _ = SyncHour.objects.select_for_update().get_or_create(hour=hour_of(moment))
        hour.runs += 1
        hour.failed += report.failed
        hour.calls += report.calls
        hour.sent += sum(_sent(counts) for counts in report.pushed.values())
        hour.received += sum(counts.get("applied", 0) for counts in report.pulled.values())
        hour.lags_out = counted(report.lags, hour.lags_out)
        hour.lags_back = counted(report.lags_back, hour.lags_back)
        hour.waiting = max(hour.waiting, waited, backlog())
        hour.held = max(hour.held, SyncProblem.objects.count())
        if usage.org_limit is not None:
            hour.org_used, hour.org_limit = usage.org_used, usage.org_limit
        hour.save()
        if hour.runs == 1:
            SyncHour.objects.filter(hour__lt=moment - KEPT).delete()


def _sent(counts: Mapping[str, int]) -> int:
    return sum(counts.get(what, 0) for what in ("created", "updated", "deleted"))


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of the hour of a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)
