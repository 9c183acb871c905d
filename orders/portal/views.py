"""What a partner sees of their own referrals: counts and states. No money appears here for anybody.

The same page serves regulated and other kinds, because it never reads an amount: what is not read
cannot be shown by mistake.
"""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from orders.book.models import Order
from orders.book.queries import (
    MonthStates,
    first_product,
    own_months,
    own_orders,
    products_of,
    with_first_products,
)
from orders.book.tables import order_state
from orders.states import OPEN_STATES, OrderState
from partners.directory.models import Partner
from partners.kinds.queries import is_regulated
from partners.portal.access import partner_of
from partners.states import Kind
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.urls import tenant_url
from prm.ui import charts
from prm.ui.export.answers import Columns, file_asked, links
from prm.ui.http import is_htmx
from prm.ui.lists import page_of

PER_PAGE = 25
_OPEN_SHOWN = 8


@require_GET
@page_requires(Right.OWN_REFERRALS)
def own_referrals(request: TenantRequest) -> HttpResponseBase:
    """Show the page, or for htmx the part of it that the portal's home shows."""
    partner = partner_of(request)
    orders = own_orders(partner.pk)
    if file := file_asked(request, "my referrals", _columns(partner), with_first_products(orders)):
        return file
    months = own_months(partner.pk)
    waiting = orders.filter(state__in=OPEN_STATES)
    context = {
        "partner": partner,
        "months": months,
        "counts": _counts(months),
        "chart": _chart(months),
        "open_count": waiting.count(),
        "nav_key": "referrals",
    }
    if is_htmx(request):
        context |= {"rows": _rows(list(waiting[:_OPEN_SHOWN]), partner), "all_url": _all_url(request)}
        return render(request, "orders/own_referrals_part.html", context)
    page = page_of(orders, request.GET.get("page"), PER_PAGE)
    return render(
        request,
        "orders/own_referrals.html",
        context
        | {
            "page": page,
            "rows": _rows(list(page.object_list), partner),
            "exports": links(request),
            "nouns": ("referral", "referrals"),
        },
    )


def _all_url(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "orders:own-referrals")


def _counts(months: list[MonthStates]) -> list[tuple[int, str]]:
    return [
        (sum(month.total for month in months), "received"),
        (sum(month.completed for month in months), "completed"),
        (sum(month.scheduled for month in months), "scheduled"),
        (sum(month.cancelled for month in months), "cancelled"),
    ]


def _chart(months: list[MonthStates]) -> object:
    return charts.month_bars(
        title="Your referrals per month",
        months=[month.month for month in months],
        series=[
            charts.Series("Completed", [month.completed for month in months], kind="us"),
            charts.Series(
                "Received or scheduled", [month.received + month.scheduled for month in months], kind="soft"
            ),
            charts.Series("Cancelled", [month.cancelled for month in months], kind="mute"),
        ],
        incomplete_last=True,
        unit="referrals",
    )


_NEXT = {
    OrderState.RECEIVED: "We work on it",
    OrderState.SCHEDULED: "We complete it on the day agreed",
    OrderState.COMPLETED: "Nothing more to do",
    OrderState.CANCELLED: "Nothing more to do",
}
# Who refers patients speaks of appointments.
_NEXT_IN_CARE = _NEXT | {
    OrderState.RECEIVED: "We make the appointment",
    OrderState.SCHEDULED: "The appointment takes place",
}
_CARE = frozenset({Kind.PHYSICIAN, Kind.PRACTICE, Kind.HOSPITAL})


def _following(order: Order, partner: Partner) -> str:
    return (_NEXT_IN_CARE if partner.kind in _CARE else _NEXT)[OrderState(order.state)]


def _columns(partner: Partner) -> Columns[Order]:
    return {
        "Reference": lambda order: order.number,
        "Service": first_product,
        "Sent": lambda order: order.placed_at,
        "State": lambda order: order.get_state_display(),
        "What happens next": lambda order: _following(order, partner),
    }


def _rows(orders: list[Order], partner: Partner) -> list[dict[str, object]]:
    products: dict[UUID, str] = products_of(orders)
    is_shared = any(hasattr(order, "part_percent") for order in orders)
    # Whom no revenue is told is not told how it is shared either.
    tells_parts = is_shared and not is_regulated(partner.kind)
    return [
        {
            "order": order,
            "service": products.get(order.pk, ""),
            "state": order_state(order),
            "next": _following(order, partner),
            "part": getattr(order, "part_percent", None) if tells_parts else None,
        }
        for order in orders
    ]
