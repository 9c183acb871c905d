"""The list of orders and the page of one."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET

from orders.book.filters import OrderPageFilter
from orders.book.models import Order, OrderShare
from orders.book.queries import credit_in, former_parts, parts_counted, revenue_by_product
from orders.book.tables import OrderTable, order_state
from orders.book.words import counted_words
from orders.states import OrderState
from partners.directory.models import Partner
from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, allows, page_requires
from prm.core.calendar import add_months, month_start, today
from prm.core.money import currency_decimals
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.tenancy.tenant import order_nouns, orders_heading
from prm.ui.formatting import day, money, money_exact, number, plural
from prm.ui.lists import Empty, ListPage
from prm.ui.parts import Figure

# Products shown on the page of a partner.
MOST_PRODUCTS = 10


@method_decorator(page_requires(Right.ORDER_VIEW), name="dispatch")
class OrderList(ListPage):
    """All orders, filtered."""

    rights = (Right.ORDER_VIEW,)
    table_class = OrderTable
    filterset_class = OrderPageFilter
    template_name = "orders/list.html"
    most_counted = 10_000
    quick_sorts = ("placed_at",)
    request: TenantRequest

    def get_nouns(self) -> tuple[str, str]:
        """Return what the tenant calls its orders."""
        return order_nouns()

    def get_queryset(self) -> QuerySet[Order]:
        """Return the tenant's orders with names."""
        return Order.objects.with_names()

    def get_empty(self) -> Empty:
        """Say where orders come from, and lead there who may import."""
        may = allows(self.request, Right.IMPORT_RUN)
        tenant = current_tenant()
        return Empty(
            title=f"No {order_nouns()[1]} yet",
            text=f"{orders_heading()} appear here when a file is imported or a system sends them.",
            icon="shopping-cart",
            action_url=tenant_url(tenant, "orders:import") if may else "",
            action_label=f"Import {order_nouns()[1]}",
            action_icon="upload",
        )

    def totals(self, queryset: QuerySet[Order]) -> str:
        """Return the money of the filtered orders that count, in the tenant's currency, and what waits."""
        counted = queryset.exclude(state=OrderState.CANCELLED).order_by()
        sums = counted.aggregate(total=Sum("counted"), waiting=Count("pk", filter=~Q(waits="")))
        words = f"amount {money(sums['total'] or 0, current_tenant())}"
        if (part := self._credit(counted)) is not None:
            words += f", of it {money(part, current_tenant())} for the {current_tenant().partner_noun}"
        return (
            f"{words}, without {plural(sums['waiting'], *order_nouns())} that wait"
            if sums["waiting"]
            else words
        )

    def _credit(self, orders: QuerySet[Order]) -> Decimal | None:
        """Return what of these orders is the partner's whose list it is, None where none is shared."""
        if "part_percent" not in orders.query.annotations:
            return None
        partner = UUID(self.request.GET["partner"])
        parts = credit_in(orders, partner)
        own = orders.filter(is_shared=False).aggregate(total=Sum("counted"))["total"] or Decimal(0)
        return None if parts is None else own + parts


@require_GET
@page_requires(Right.ORDER_VIEW)
def detail(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show one order with its lines and where it came from."""
    order = get_object_or_404(Order.objects.with_names().select_related("run"), pk=pk)
    lines = order.lines.select_related("product").order_by("ordinal")[:1_000]
    figures = [
        Figure("Amount", money_exact(order.amount, order.currency), counted_words(order, request.tenant)),
        Figure("Units", number(order.units)),
        Figure("Placed", day(order.placed_at)),
        Figure("State", "Reversal" if order.is_reversal else order.get_state_display()),
    ]
    facts = [
        ("Source", order.source.name),
        ("Referral code", order.code or "none was sent"),
        ("Name sent", order.partner_name or "–"),
        *([("Refunded", money_exact(order.refunded, order.currency))] if order.refunded else []),
        ("Version", f"{order.revision}, changed {day(order.updated_at)}"),
    ]
    context = {
        "order": order,
        "parts": _parts(order) if order.is_shared else [],
        "former": former_parts(order),
        "lines": lines,
        "count": order.lines.count(),
        "figures": figures,
        "facts": facts,
        "state": order_state(order),
        "nav_key": "orders",
    }
    return render(request, "orders/detail.html", context)


def _parts(order: Order) -> list[tuple[OrderShare, Decimal | None]]:
    """Return the parts of a shared order, the largest first, with what each counts as."""
    shares = list(order.shares.select_related("partner"))
    return parts_counted(order, shares, currency_decimals(current_tenant().currency))


@require_GET
@page_requires(Right.ORDER_VIEW)
def partner_products(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show what a partner's orders of twelve months came to by product; a part of the partner's page."""
    partner = get_object_or_404(Partner, pk=pk)
    last = month_start(today(request.tenant))
    rows = revenue_by_product(partner.pk, first=add_months(last, -11), last=last)
    context = {
        "partner": partner,
        "rows": rows[:MOST_PRODUCTS],
        "more": max(0, len(rows) - MOST_PRODUCTS),
        "list_url": tenant_url(request.tenant, "orders:list"),
    }
    return render(request, "orders/partner_products.html", context)
