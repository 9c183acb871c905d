"""The states of an order, what counts, and why an amount may not count yet."""

from typing import Final

from django.db import models

from prm.tenancy.context import said_of_orders


class OrderState(models.TextChoices):
    """How far an order has come. A source without a state column sends completed orders."""

    RECEIVED = "received", "Received"
    SCHEDULED = "scheduled", "Scheduled"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"

    @classmethod
    def least_of(cls, states: "frozenset[str] | set[str]") -> "OrderState":
        """Return the state of an order whose lines have these: the least far of those that stand."""
        return next((state for state in cls if state in states), cls.CANCELLED)


#: What the ordering side still waits for.
OPEN_STATES = (OrderState.RECEIVED, OrderState.SCHEDULED)


class Wait(models.TextChoices):
    """Why the amount of an order counts nowhere yet."""

    NO_RATE = "no_rate", "No rate for its currency yet"
    OLD_RATE = "old_rate", "The last rate is too old"
    TOO_LARGE = "too_large", "Too large to be added up"


class ShareOrigin(models.TextChoices):
    """Who said how the credit of an order is shared."""

    RULE = "rule", "By rule"
    FILE = "file", "By the file"
    HAND = "hand", "By hand"


class ShareCase(models.TextChoices):
    """Whose orders a rule shares."""

    PARTNER = "partner", said_of_orders("{Orders} of one partner")
    ORGANISATION = "organisation", said_of_orders("{Orders} of an organisation’s members")
    REGION = "region", said_of_orders("{Orders} from a region")


#: What a sum of money or of units stays below, whatever it is added up over (`prm.core.fields.MoneyField`).
SUM_LIMIT: Final = 10**14
