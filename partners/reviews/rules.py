"""When reviews take place."""

from datetime import date

from partners.standing.rules import shift_months
from prm.core.calendar import month_start


def next_review_on(day: date) -> date:
    """Return the first day of the first quarter that begins at least three months after `day`."""
    earliest = shift_months(day, 3)
    begun = date(earliest.year, (earliest.month - 1) // 3 * 3 + 1, 1)
    return begun if begun >= earliest else shift_months(begun, 3)


def quarter_of(day: date) -> str:
    """Name the calendar quarter of a day: "Q4 2026"."""
    return f"Q{(month_start(day).month - 1) // 3 + 1} {day.year}"
