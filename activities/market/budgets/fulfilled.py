"""Orders that fulfilled a won opportunity do not leave unasked: the tie is somebody's word."""

from typing import Final

from django.db.models import Count, QuerySet

from activities.market.budgets.models import Opportunity
from orders.book.models import Order
from orders.runs.undo import Hindrance
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.tenancy.tenant import order_nouns
from prm.ui.formatting import plural

MOST_NAMED: Final = 5


def hindrances(leaving: QuerySet[Order], **_signal: object) -> list[Hindrance]:
    """Return the won opportunities, each with its page, that orders of `leaving` fulfilled; the first five by name."""
    won = Opportunity.objects.filter(fulfilled_by__order__in=leaving)
    counted = won.annotate(tied=Count("fulfilled_by")).order_by("name", "pk")
    found = [
        Hindrance(
            f"{plural(one.tied, *order_nouns())} tied to the won opportunity “{one.name}”",
            tenant_url(current_tenant(), "activities:opportunity", pk=one.pk),
        )
        for one in counted[:MOST_NAMED]
    ]
    more = counted.count() - len(found) if len(found) == MOST_NAMED else 0
    return [*found, Hindrance(f"{more:,} more won opportunities with such orders")] if more else found
