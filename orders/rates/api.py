"""Rates by API: the list, one rate or many sent, one taken back, and what waits."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from orders.rates import queries, service
from orders.rates.models import ExchangeRate
from orders.rates.reading import RateRow
from orders.rates.serializers import RateSerializer, WaitingSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class RateViewSet(ServiceViewSet[ExchangeRate]):
    """Rates of exchange into the tenant's currency. `POST` takes one or a list; the same day again corrects."""

    serializer_class = RateSerializer
    permission_classes = [Needs(Right.ORDER_VIEW, Right.RATE_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["currency", "since"]

    def get_queryset(self) -> QuerySet[ExchangeRate]:
        """Return the rates of the tenant."""
        return queries.rates()

    @extend_schema(request=RateSerializer, responses={200: RateSerializer(many=True), 201: RateSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Set a rate, or several, all of them or none. Orders are converted anew at once."""
        if not isinstance(request.data, list):
            data = self.checked(request)
            rate, taken = service.set_rate(**data)
            return self.answer(rate, created=bool(taken.created))
        serializer = self.get_serializer(data=request.data, many=True)
        serializer.is_valid(raise_exception=True)
        rows = [
            RateRow(row["currency"].upper(), row.get("into", "").upper(), row["since"], row["rate"])
            for row in serializer.validated_data
        ]
        taken = service.set_rates(rows, source="API")
        return Response(
            {
                "created": taken.created,
                "corrected": taken.corrected,
                "unchanged": taken.unchanged,
                "orders_converted": taken.converted,
            }
        )

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take a rate back: its orders go to the rate before it, or wait."""
        self.get_object()
        service.remove_rate(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=WaitingSerializer(many=True))  # type: ignore[untyped-decorator]
    @action(detail=False, pagination_class=None, filter_backends=[])
    def waiting(self, request: Request) -> Response:
        """List what waits for a rate, by currency and month."""
        return Response(WaitingSerializer(queries.waiting_months(), many=True).data)
