"""Why the three differ, what will happen, and how a day stands."""

from typing import Final, Self

from django.db import models

from prm.tenancy.context import said_of_orders

#: By which fields and value an order counts in Salesforce; a test compares them with the mapping of orders.
STATE_THERE, COUNTS_THERE, AMOUNT_THERE, DAY_THERE = "StageName", "Closed Won", "Amount", "CloseDate"
CURRENCY_THERE = "CurrencyIsoCode"
MAPPING: Final = "orders.order"


class Origin(models.TextChoices):
    """By which way a source declared a control total."""

    FILE = "file", "a file"
    API = "api", "the API"
    COMMAND = "command", "a command"
    QUERY = "query", "a query"
    HAND = "hand", "hand"


class Basis(models.TextChoices):
    """On what the figures of the source rest."""

    DECLARED = "declared", "as the source declares"
    SENT = "sent", said_of_orders("as sent: {orders} taken and rows rejected")


class Side(models.TextChoices):
    """Between which of the three a difference lies."""

    SOURCE = "source", "in the source, not in the portal"
    THERE = "salesforce", "in the portal, not in Salesforce"


class Cause(models.TextChoices):
    """Why an order differs. The values are stable (JSON, API, exported files)."""

    REJECTED = "rejected", "Rejected at import"
    DISMISSED = "dismissed", "Rejected, and dismissed by somebody"
    CANCELLED_LATE = "cancelled_late", "Cancelled after the source had counted it"
    CHANGED_SINCE = "changed_since", "Changed after the source had counted it"
    NOT_EXPLAINED = "not_explained", said_of_orders("Not explained by any {order}")
    UNATTRIBUTED = "unattributed", "Waits for somebody to say whose it is"
    SET_ASIDE = "set_aside", said_of_orders("Set aside: nobody’s {order}")
    OUT_OF_SCOPE = "out_of_scope", "Outside what is kept in step"
    REFUSED = "refused_there", "Refused by Salesforce"
    RATE_MISSING = "rate_missing", "No rate for its currency"
    WAITING = "waiting", "On its way to Salesforce"
    HELD = "held", "Waits for more than a day, or for its account"
    CANCELLED_WAITING = "cancellation_waiting", "Cancelled here, not yet in Salesforce"
    MASS_CHANGE = "mass_change", "Part of a mass change that waits for a person"
    DELETED_THERE = "deleted_there", "Deleted in Salesforce"
    CHANGED_THERE = "changed_there", "Changed in Salesforce"
    OTHER_DAY = "other_day", "On another day in Salesforce"
    SHARED = "shared_credit", "Shared credit: a part of the amount in Salesforce"
    ROUNDED = "rounded", "Less than a penny: Salesforce keeps two decimals"
    NOT_SENT = "not_sent", "Not in Salesforce, and nothing is on its way"

    @classmethod
    def of_source(cls) -> tuple[Self, ...]:
        """Return those between the source and here; the others are between here and Salesforce."""
        return tuple(cls(value) for value in _OF_SOURCE)

    @property
    def side(self) -> Side:
        """Between which of the three it lies."""
        return Side.SOURCE if self in _OF_SOURCE else Side.THERE

    @property
    def is_settled(self) -> bool:
        """Whether somebody has decided it already, or it is less than any money."""
        return self in _SETTLED

    @property
    def next(self) -> str:
        """What will happen, or what is to be done."""
        return NEXT[self]


_OF_SOURCE: Final = ("rejected", "dismissed", "cancelled_late", "changed_since", "not_explained")
_SETTLED: Final = ("dismissed", "set_aside", "out_of_scope", "rounded")

NEXT: Final[dict[str, str]] = {
    Cause.REJECTED: "Correct the rows; they go in, and the day is counted anew.",
    Cause.DISMISSED: "They stay out.",
    Cause.CANCELLED_LATE: "The source’s next total leaves it out; else sign the day.",
    Cause.CHANGED_SINCE: "The source’s next total has the new amount; else sign the day.",
    Cause.NOT_EXPLAINED: "Ask the source for the day again, or correct its total.",
    Cause.UNATTRIBUTED: "Say whose they are; then they go to Salesforce.",
    Cause.SET_ASIDE: "They stay here and do not go to Salesforce.",
    Cause.OUT_OF_SCOPE: "Nothing: they rest. The scope is chosen on the page Field mapping.",
    Cause.REFUSED: "Open the problem; after its cure they go by themselves.",
    Cause.RATE_MISSING: "Add the rate; the amount follows by itself.",
    Cause.WAITING: "They go by themselves, usually within seconds.",
    Cause.HELD: "Look at Sync health: something holds them.",
    Cause.CANCELLED_WAITING: "It is closed as lost there with the next sync.",
    Cause.MASS_CHANGE: "Approve or refuse it under Mass changes.",
    Cause.DELETED_THERE: "Create it again in Problems, or sign the day.",
    Cause.CHANGED_THERE: "The audit sends our value again, or sign the day.",
    Cause.OTHER_DAY: "The audit sends our day again, or sign the day.",
    Cause.SHARED: said_of_orders("The parts together make the {order}; sign the day."),
    Cause.ROUNDED: "Nothing: it is less than any money.",
    Cause.NOT_SENT: "The audit sends it, or “Check again” says why not.",
}


class DayState(models.TextChoices):
    """How a source's day stands."""

    AGREES = "agrees", "Agrees"
    WAITING = "waiting", "On its way"
    EXPLAINED = "explained", "Explained"
    OPEN = "open", "Differs"
