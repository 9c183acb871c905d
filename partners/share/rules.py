"""What an estimate has to say to be one, and when it is old."""

from datetime import date
from decimal import Decimal
from typing import Final

from prm.core.calendar import months_between
from prm.core.errors import Refused
from prm.ui.formatting import plural

OLD_MONTHS: Final = 12
"""An estimate older than this is said to be old: from then on its age widens it more than anything else but a wide range."""


def is_old(as_of: date, day: date) -> bool:
    """Return whether an estimate of `as_of` is old on a day."""
    return months_between(as_of, day) > OLD_MONTHS


def age_words(as_of: date, day: date) -> str:
    """Return how old an estimate is: "this month", "3 months old", "2 years old"."""
    months = months_between(as_of, day)
    if months <= 0:
        return "this month"
    return f"{plural(months, 'month')} old" if months < 24 else f"{plural(months // 12, 'year')} old"


def check_estimate(low: Decimal, middle: Decimal, high: Decimal, as_of: date, today: date) -> None:
    """Refuse a range that is none, and a day that is still to come."""
    if low <= 0:
        raise Refused("The lower end must be above nothing.", field="low", code="range")
    if not low <= middle <= high:
        raise Refused(
            "The estimate must lie between its lower and its upper end.", field="middle", code="range"
        )
    if as_of > today:
        raise Refused("An estimate cannot be from the future.", field="as_of", code="future")
