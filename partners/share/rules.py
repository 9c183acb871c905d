"""What an estimate has to say to be one."""

from datetime import date
from decimal import Decimal

from prm.core.errors import Refused


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
