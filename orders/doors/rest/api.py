"""Orders by API, taking new ones included; reading them is the book's."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from orders.book.api import ReadOrders
from orders.book.serializers import OrderOwnSerializer, OrderSerializer
from orders.book.service import set_own
from orders.doors.rest.schema import OrdersIn, read_body
from orders.doors.rest.serializers import OutcomeSerializer, OutcomesSerializer
from orders.doors.rest.service import Outcome, source_for, take_orders
from prm.core.errors import CONTENT_TYPE, Refused, problem
from prm.core.schema import SchemaError


class OrderViewSet(ReadOrders):
    """Orders. `POST` takes one order, a list, or `{"source": …, "orders": […]}` of up to 1,000."""

    @extend_schema(request=OrdersIn, responses={200: OutcomesSerializer, 201: OutcomeSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Take orders. Sending an order again changes nothing; sending it changed corrects it.

        One order answers 201 when created, 200 when corrected or unchanged, 400 when rejected. A
        batch answers 200 with one result per order; good orders go in even if others are
        rejected; 400 only when all are.
        """
        try:
            sent = read_body(request.data)
        except SchemaError as error:
            first = error.problems[0]
            raise Refused(first.message, field=first.field or None, code=first.code) from error
        source = source_for(sent.source)
        outcomes = take_orders(source, sent.orders)
        if all(outcome.errors for outcome in outcomes):
            return _all_rejected(outcomes, is_batch=sent.is_batch)
        if not sent.is_batch:
            code = status.HTTP_201_CREATED if outcomes[0].status == "created" else status.HTTP_200_OK
            return Response(OutcomeSerializer(outcomes[0]).data, status=code)
        counts = Counter(outcome.status for outcome in outcomes)
        body: dict[str, object] = {"source": source.name, "results": outcomes, "counts": dict(counts)}
        return Response(OutcomesSerializer(body).data)

    @extend_schema(request=OrderOwnSerializer, responses=OrderSerializer)  # type: ignore[untyped-decorator]
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Set own fields of an order; all else comes with a new version of it (`POST`)."""
        order = self.get_object()
        body = OrderOwnSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        set_own({order.pk: body.validated_data.get("own", {})})
        return Response(OrderSerializer(self.get_object()).data)


def _all_rejected(outcomes: Sequence[Outcome], *, is_batch: bool) -> Response:
    """Answer 400, with the place of each error in the body that was sent."""
    errors = []
    for place, outcome in enumerate(outcomes):
        prefix = f"orders[{place}]" if is_batch else ""
        for error in outcome.errors:
            path = ".".join(part for part in (prefix, error.field) if part)
            errors.append({"field": path, "message": error.message, "code": error.code})
    first = errors[0]
    detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return Response(
        problem(400, detail, code="invalid", errors=errors), status=400, content_type=CONTENT_TYPE
    )
