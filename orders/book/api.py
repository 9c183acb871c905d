"""Orders by API: the list, one, and taking in new ones."""

from collections import Counter
from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.response import Response

from orders.book.filters import OrderFilter
from orders.book.models import Order, OrderLine
from orders.book.serializers import OrderDetailSerializer, OrderSerializer
from orders.doors.rest.incoming import MOST_ORDERS, Outcome, source_for, take_orders
from orders.doors.rest.serializers import (
    IncomingBatchSerializer,
    IncomingOrderSerializer,
    OutcomeSerializer,
    OutcomesSerializer,
)
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.pagination import Cursor
from prm.core.errors import Refused
from prm.core.problems import CONTENT_TYPE, problem


class OrderViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Order]):
    """Orders. `POST` takes one order, a list, or `{"source": …, "orders": […]}` of up to 1,000."""

    permission_classes = [Needs(Right.ORDER_VIEW, Right.ORDER_WRITE)]
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_class = OrderFilter
    pagination_class = Cursor
    ordering_fields: ClassVar = ["placed_at", "amount", "updated_at"]
    ordering: ClassVar = ["-placed_at", "-id"]

    def get_queryset(self) -> QuerySet[Order]:
        """The tenant's orders; with lines for a single one."""
        orders = Order.objects.with_names()
        if self.action == "retrieve":
            lines = OrderLine.objects.select_related("product").order_by("ordinal")
            return orders.prefetch_related(Prefetch("lines", queryset=lines))
        return orders

    def get_serializer_class(self) -> type[OrderSerializer]:
        """With lines for a single order."""
        return OrderDetailSerializer if self.action == "retrieve" else OrderSerializer

    @extend_schema(  # type: ignore[untyped-decorator]
        request=PolymorphicProxySerializer(
            component_name="OrdersIn",
            serializers=[IncomingBatchSerializer, IncomingOrderSerializer],
            resource_type_field_name=None,
        ),
        responses={200: OutcomesSerializer, 201: OutcomeSerializer},
    )
    def create(self, request: Request) -> Response:
        """Take orders. Sending an order again changes nothing; sending it changed corrects it.

        One order answers 201 when created, 200 when corrected or unchanged, 400 when rejected. A
        batch answers 200 with one result per order; good orders go in even if others are
        rejected; 400 only when all are.
        """
        name, orders, is_batch = _unpacked(request.data)
        source = source_for(name)
        outcomes = take_orders(source, orders)
        if all(outcome.errors for outcome in outcomes):
            return _all_rejected(outcomes, is_batch=is_batch)
        if not is_batch:
            code = status.HTTP_201_CREATED if outcomes[0].status == "created" else status.HTTP_200_OK
            return Response(OutcomeSerializer(outcomes[0]).data, status=code)
        counts = Counter(outcome.status for outcome in outcomes)
        body = {"source": source.name, "results": outcomes, "counts": dict(counts)}
        return Response(OutcomesSerializer(body).data)


def _unpacked(data: Any) -> tuple[str | None, list[Any], bool]:
    """The source's name, the orders, and whether they came as a batch."""
    name: Any = None
    if isinstance(data, list):
        orders, is_batch = data, True
    elif isinstance(data, dict) and "orders" in data:
        for extra in sorted(set(data) - {"orders", "source"}):
            raise Refused("There is no such field.", field=extra, code="unknown_field")
        name, orders, is_batch = data.get("source"), data["orders"], True
    elif isinstance(data, dict):
        name = data.get("source")
        orders, is_batch = [{k: v for k, v in data.items() if k != "source"}], False
    else:
        raise Refused("Send an order, a list of orders, or an object with orders.", code="type")
    if name is not None and not isinstance(name, str):
        raise Refused("This is a text.", field="source", code="type")
    if not isinstance(orders, list) or not orders:
        raise Refused("Orders are a list of at least one object.", field="orders", code="type")
    if len(orders) > MOST_ORDERS:
        raise Refused(
            f"At most {MOST_ORDERS:,} orders at once; there are {len(orders):,}.",
            field="orders",
            code="too_many",
        )
    return name, orders, is_batch


def _all_rejected(outcomes: list[Outcome], *, is_batch: bool) -> Response:
    errors = []
    for place, outcome in enumerate(outcomes):
        for one in outcome.errors:
            prefix = f"orders[{place}]" if is_batch else ""
            path = f"{prefix}.{one.field}" if prefix and one.field else prefix or one.field
            errors.append({"field": path, "message": one.message, "code": one.code})
    first = errors[0]
    detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return Response(
        problem(400, detail, code="invalid", errors=errors), status=400, content_type=CONTENT_TYPE
    )
