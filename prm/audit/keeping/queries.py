"""For how long the trail is kept."""

from datetime import datetime

from prm.audit.keeping.models import AuditRetention
from prm.audit.trail.rules import USUAL_YEARS


def years_kept() -> int | None:
    """Return for how many years events are kept; None for good."""
    row = AuditRetention.objects.first()
    return USUAL_YEARS if row is None else row.years


def cutoff(years: int, moment: datetime) -> datetime:
    """Return before which moment events are removed; the database asks the same of itself."""
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:  # 29 February
        return moment.replace(year=moment.year - years, day=28)
