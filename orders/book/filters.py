"""The filters of the order list, for page and API."""

from datetime import date
from uuid import UUID

import django_filters
from django import forms
from django.db.models import Q, QuerySet

from orders.book.models import Order, OrderLine, OrderQuerySet
from orders.catalogue.models import Product
from orders.catalogue.queries import alike
from orders.sources.models import OrderSource
from orders.states import OrderState, Wait
from partners.directory.codes import normalise
from partners.directory.models import Partner
from prm.ownfields.lists.filters import OwnFilters, own_words
from prm.ui.filters import MomentDayFilter, YesNoFilter
from prm.ui.formatting import day

# A text that so many partners' names contain is no search for a partner.
_PARTNERS_SEARCHED = 500


def _sources(request: object) -> QuerySet[OrderSource]:
    return OrderSource.objects.all()


class OrderFilter(OwnFilters):
    """Orders by number, code or partner, state, source, time, whether they are tied, and the tenant's own fields."""

    own_of = "order"

    q = django_filters.CharFilter(label="Number, code or name", method="search")
    number = django_filters.CharFilter(label="Number")
    code = django_filters.CharFilter(label="Code", method="by_code")
    partner = django_filters.UUIDFilter(label="Partner", method="by_partner")
    product = django_filters.UUIDFilter(label="Product", method="by_product")
    shared = YesNoFilter(label="Shared", field_name="is_shared")
    state = django_filters.ChoiceFilter(label="State", choices=OrderState.choices)
    source = django_filters.ModelChoiceFilter(label="Source", queryset=_sources)
    tied = YesNoFilter(label="Tied", field_name="partner", lookup_expr="isnull", exclude=True)
    currency = django_filters.CharFilter(label="Currency", method="by_currency")
    waits = django_filters.ChoiceFilter(label="Counts as nothing yet", choices=Wait.choices)
    placed_from = MomentDayFilter(label="Placed from", field_name="placed_at", lookup_expr="gte")
    placed_to = MomentDayFilter(label="Placed to", field_name="placed_at", lookup_expr="lte")
    changed_since = django_filters.IsoDateTimeFilter(
        label="Changed since", field_name="updated_at", lookup_expr="gte"
    )

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def search(self, queryset: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """Keep orders whose number or code begins with the text, or whose partner's name contains it.

        Put so that each arm has an index of its own: numbers are indexed by source, and the codes
        of tied orders are those of their partners.
        """
        text = value.strip()
        partners = Partner.objects.matching(text).values_list("pk", flat=True)
        return queryset.filter(
            Q(source__in=list(OrderSource.objects.values_list("pk", flat=True)), number__startswith=text)
            | Q(partner=None, code__startswith=normalise(text))
            | Q(partner__in=list(partners[:_PARTNERS_SEARCHED]))
        )

    def by_partner(self, queryset: OrderQuerySet, name: str, value: UUID) -> OrderQuerySet:
        """Keep orders of which the partner has all the credit, or a part."""
        return queryset.credited_to(value)

    def by_product(self, queryset: QuerySet[Order], name: str, value: UUID) -> QuerySet[Order]:
        """Keep orders with a line of the product, or of one that is the same."""
        lines = OrderLine.objects.filter(product__in=alike(value)).order_by()
        return queryset.filter(pk__in=lines.values("order"))

    def by_code(self, queryset: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """Keep orders with this code, however it is written."""
        return queryset.filter(code=normalise(value))

    def by_currency(self, queryset: QuerySet[Order], name: str, value: str) -> QuerySet[Order]:
        """Keep orders in this currency."""
        return queryset.filter(currency=value.strip().upper())

    def chip_words(self, name: str, value: object) -> str | None:
        """Return days by themselves, since their labels say from and to; a partner by name."""
        if isinstance(value, date) and name in {"placed_from", "placed_to"}:
            return day(value)
        if name == "partner" and isinstance(value, UUID):
            found = Partner.objects.filter(pk=value).first()
            return found.name if found else "unknown"
        if name == "product" and isinstance(value, UUID):
            product = Product.objects.filter(pk=value).first()
            return str(product) if product else "unknown"
        return own_words(name, value)


class OrderPageFilter(OrderFilter):
    """The same for people: one search for number, code and name; the partner comes from a link."""

    number = None
    code = None
    changed_since = None
    product = django_filters.UUIDFilter(label="Product", method="by_product", widget=forms.HiddenInput)
    partner = django_filters.UUIDFilter(label="Partner", method="by_partner", widget=forms.HiddenInput)
