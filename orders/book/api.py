"""Orders by API: the list, and one with its lines."""

from typing import ClassVar

from django.db.models import Prefetch
from rest_framework.filters import OrderingFilter

from orders.book.filters import OrderFilter
from orders.book.models import Order, OrderLine, OrderQuerySet
from orders.book.serializers import OrderDetailSerializer, OrderSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.pagination import Cursor
from prm.api.views import ReadViewSet


class ReadOrders(ReadViewSet[Order]):
    """The reading half of the resource; the door for programs adds the writing half."""

    permission_classes = [Needs(Right.ORDER_VIEW, Right.ORDER_WRITE)]
    filter_backends = [FilterBackend, OrderingFilter]
    filterset_class = OrderFilter
    pagination_class = Cursor
    ordering_fields: ClassVar = ["placed_at", "amount", "counted", "updated_at"]
    ordering: ClassVar = ["-placed_at", "-id"]

    def get_queryset(self) -> OrderQuerySet:
        """Return the tenant's orders; with lines for a single one."""
        orders: OrderQuerySet = Order.objects.with_names().prefetch_related("own_values")
        if self.action == "retrieve":
            lines = OrderLine.objects.select_related("product").order_by("ordinal")
            return orders.prefetch_related(Prefetch("lines", queryset=lines), "shares")
        return orders

    def get_serializer_class(self) -> type[OrderSerializer]:
        """Return the serializer with lines for a single order."""
        return OrderDetailSerializer if self.action == "retrieve" else OrderSerializer
