"""The list of orders and the page of one."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Model, Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_http_methods

from orders.book import service
from orders.book.filters import OrderPageFilter
from orders.book.forms import OwnForm
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
from prm.ownfields.lists.columns import extra_columns, with_values
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.rules import PREFIX
from prm.ownfields.values import stored_of
from prm.tenancy.context import current_tenant, order_nouns, orders_heading
from prm.ui.form_page import Done, form_page
from prm.ui.formatting import NOTHING, day, money, money_exact, number, plural
from prm.ui.lists import Empty, ListPage
from prm.ui.parts import Figure

# Own fields that stand in the list; all are on the order's page, among the filters and in files.
OWN_SHOWN = 3
# Products shown on the page of a partner.
MOST_PRODUCTS = 10


OWN_RIGHTS = (Right.ORDER_TIE, Right.ORDER_WRITE)


@method_decorator(page_requires(Right.ORDER_VIEW), name="dispatch")
class OrderList(ListPage):
    """All orders, filtered."""

    rights = (Right.ORDER_VIEW,)
    table_class = OrderTable
    filterset_class = OrderPageFilter
    template_name = "orders/list.html"
    most_counted = 10_000
    quick_sorts = ("placed_at",)
    own_shown: int | None = OWN_SHOWN
    request: TenantRequest

    def get_nouns(self) -> tuple[str, str]:
        """Return what the tenant calls its orders."""
        return order_nouns()

    def get_queryset(self) -> QuerySet[Order]:
        """Return the tenant's orders with names, and the own fields that the page shows."""
        return with_values(Order.objects.with_names(), "order", most=OWN_SHOWN)

    def for_export(self, queryset: QuerySet[Model]) -> QuerySet[Model]:
        """Return them with all own fields."""
        self.own_shown = None
        return with_values(queryset, "order")

    def get_table_kwargs(self) -> dict[str, object]:
        """Return the columns of own fields as well: the first on the page, all in a file."""
        extra = extra_columns("order", then=("-placed_at",), most=self.own_shown)
        return super().get_table_kwargs() | {"extra_columns": extra}

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
    own = [(field.name, value) for field, value in _own(order)]
    context = {
        "order": order,
        "own": own,
        "may_own": bool(own) and any(allows(request, right) for right in OWN_RIGHTS),
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


def _own(order: Order) -> list[tuple[OwnField, str]]:
    """Return the own fields with what the order has, in words; an en dash for nothing."""
    values = stored_of("order", [order.pk])[order.pk]
    return [
        (field, field.words(values[field.key]) if field.key in values else NOTHING) for field in here("order")
    ]


@require_http_methods(["GET", "POST"])
@page_requires(*OWN_RIGHTS)
def own_fields(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change the own fields of an order."""
    order = get_object_or_404(Order.objects.with_names(), pk=pk)
    form = OwnForm(request.POST or None, order_id=pk)

    def save() -> Done:
        changed = service.set_own({pk: form.own_values()})
        before = changed.get(pk, {})
        undo = {f"{PREFIX}{key}": value for key, value in before.items()}
        # Sent back whole: a form takes what it does not hear of for emptied.
        kept = {name: str(form.data.get(name, "")) for name in form.fields}
        return Done(
            order.get_absolute_url(),
            "Saved." if before else "Nothing was changed.",
            order.number,
            undo_url=request.path if before else "",
            undo_fields=kept | undo,
            kind="good" if before else "info",
        )

    context = {"order": order, "next": order.get_absolute_url(), "nav_key": "orders"}
    return form_page(request, form, "orders/own_fields.html", context, save=save)


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
