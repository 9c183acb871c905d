"""Reconciliation by API: counted days, what differs, the whole tenant's money, and control totals."""

from collections import defaultdict
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from orders.reconciliation import queries, service
from orders.reconciliation.filters import ControlTotalFilter, DayFilter
from orders.reconciliation.models import ControlTotal, ReconciledDay
from orders.reconciliation.reading import TotalRow
from orders.reconciliation.serializers import (
    AskedSerializer,
    ControlTotalSerializer,
    DaySerializer,
    DifferingSerializer,
    SignSerializer,
    SpanSerializer,
    TotalSerializer,
)
from orders.reconciliation.spans import connection_state
from orders.reconciliation.states import Cause, Origin
from orders.reconciliation.telling import presentation
from orders.sources.models import OrderSource
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend, said_once
from prm.api.pagination import Cursor
from prm.api.serializers import Nothing
from prm.api.views import ServiceViewSet
from prm.core.calendar import today
from prm.core.errors import Refused
from prm.tenancy.context import current_tenant

_MOST_ROWS: Final = 1_000


class NewestFirst(Cursor):
    """Days are listed the latest first."""

    ordering = ("-day", "-id")


class ReconciliationViewSet(viewsets.GenericViewSet[ReconciledDay]):
    """Source, portal and Salesforce by day: counted, explained, signed."""

    permission_classes = [Needs(Right.RECONCILE, Right.RECONCILE)]
    serializer_class = DaySerializer  # type: ignore[assignment]  # a day with what is said of it
    filter_backends = [FilterBackend]
    filterset_class = DayFilter
    pagination_class = NewestFirst
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[ReconciledDay]:
        """Return the counted days of the tenant."""
        days: QuerySet[ReconciledDay] = ReconciledDay.objects.select_related("source")
        return days

    def list(self, request: Request) -> Response:
        """List counted days, the latest first, each with what differs and why."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(presentation.days_as_json(list(page or ())))

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """Return one counted day."""
        return self._answer(self.get_object())

    @extend_schema(responses=TotalSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, pagination_class=None, filter_backends=[])
    def total(self, request: Request) -> Response:
        """Return the whole tenant's money by currency: source, here, Salesforce, to the penny."""
        days: QuerySet[ReconciledDay] = ReconciledDay.objects.all()
        return Response(
            {
                "currency": current_tenant().currency,
                "salesforce": connection_state() or "not_connected",
                "taken_at": queries.taken_at(),
                "open_days": queries.open_count(),
                "total": [presentation.total_as_json(total) for total in queries.totals(days)],
                "undated_rejects": presentation.undated_as_json(),
            }
        )

    @extend_schema(request=SpanSerializer, responses=AskedSerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=False,
        methods=["post"],
        pagination_class=None,
        filter_backends=[],
        serializer_class=SpanSerializer,
    )
    def count(self, request: Request) -> Response:
        """Count days anew, and have Salesforce itself counted in the background."""
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        end = today(current_tenant())
        last = body.validated_data.get("last") or end
        first = body.validated_data.get("first") or last - timedelta(days=service.RECENT)
        if first > last:
            raise Refused("The first day is after the last.", field="first", code="out_of_range")
        service.refresh(first, last)
        asked = service.count_there(first, last)
        return Response({"counted": True, "asked_salesforce": asked})

    @extend_schema(  # type: ignore[untyped-decorator]
        parameters=[OpenApiParameter("cause", str, description="Only orders of this cause.")],
        responses=DifferingSerializer(many=True),
    )
    @action(detail=True, pagination_class=None, filter_backends=[])
    def orders(self, request: Request, pk: UUID) -> Response:
        """List the orders and rejected rows that differ on a day, the most money first, 1,000 at most."""
        asked = said_once(request.query_params).get("cause", "")
        if asked and asked not in Cause.values:
            raise Refused("There is no such cause.", field="cause", code="invalid")
        rows = queries.differing(self.get_object(), Cause(asked) if asked else None, limit=_MOST_ROWS)
        shown = [
            row._asdict()
            | {
                "difference": presentation.exact(row.difference),
                "here": presentation.exact(row.here),
                "there": presentation.exact(row.there),
            }
            for row in rows
        ]
        return Response(DifferingSerializer(shown, many=True).data)

    @extend_schema(request=SignSerializer, responses=DaySerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=True,
        methods=["post"],
        pagination_class=None,
        filter_backends=[],
        serializer_class=SignSerializer,
    )
    def sign(self, request: Request, pk: UUID) -> Response:
        """Say why a day differs; it holds for this difference."""
        self.get_object()
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._answer(service.sign(pk, note=body.validated_data["note"]))

    @extend_schema(request=None, responses=DaySerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=True, methods=["post"], pagination_class=None, filter_backends=[], serializer_class=Nothing
    )
    def reopen(self, request: Request, pk: UUID) -> Response:
        """Take a sign-off back, one that came by itself too."""
        self.get_serializer(data=request.data).is_valid(raise_exception=True)
        self.get_object()
        return self._answer(service.reopen(pk))

    @extend_schema(request=None, responses=DaySerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=True, methods=["post"], pagination_class=None, filter_backends=[], serializer_class=Nothing
    )
    def undo(self, request: Request, pk: UUID) -> Response:
        """Forget what somebody said about a day: it stands as its figures say."""
        self.get_serializer(data=request.data).is_valid(raise_exception=True)
        self.get_object()
        return self._answer(service.undo_decision(pk))

    def _answer(self, row: ReconciledDay) -> Response:
        return Response(presentation.days_as_json([row])[0])


class ControlTotalViewSet(ServiceViewSet[ControlTotal]):
    """What sources count by day. `POST` takes one or a list; the same day again is the latest word."""

    serializer_class = ControlTotalSerializer
    permission_classes = [Needs(Right.TOTAL_WRITE, Right.TOTAL_WRITE)]
    filter_backends = [FilterBackend]
    filterset_class = ControlTotalFilter
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[ControlTotal]:
        """Return the control totals of the tenant."""
        totals: QuerySet[ControlTotal] = ControlTotal.objects.select_related("source")
        return totals

    @extend_schema(  # type: ignore[untyped-decorator]
        request=ControlTotalSerializer,
        responses={200: ControlTotalSerializer(many=True), 201: ControlTotalSerializer(many=True)},
    )
    def create(self, request: Request) -> Response:
        """Declare a control total, or several, all of them or none; the days are counted anew at once."""
        if isinstance(request.data, list):
            serializer = self.get_serializer(data=request.data, many=True)
            serializer.is_valid(raise_exception=True)
            said = serializer.validated_data
        else:
            said = [self.checked(request)]
        wanted: dict[str, list[TotalRow]] = defaultdict(list)
        for row in said:
            wanted[row["source"]["name"]].append(
                TotalRow(row["day"], row.get("orders"), row.get("amount"), row["currency"])
            )
        sources = {one.name: one for one in OrderSource.objects.filter(name__in=list(wanted))}
        if unknown := sorted(set(wanted) - set(sources)):
            raise Refused(f"No order source is called {unknown[0]!r}.", field="source", code="unknown_source")
        changed = 0
        for name, rows in wanted.items():
            changed += service.declare(sources[name], rows, origin=Origin.API)[0]
        days = {row.day for rows in wanted.values() for row in rows}
        found = self.get_queryset().filter(source__name__in=list(wanted), day__in=days).order_by("day", "pk")
        return Response(
            self.get_serializer(found, many=True).data,
            status=status.HTTP_201_CREATED if changed else status.HTTP_200_OK,
        )

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take a control total back: the day is then reckoned as it was sent."""
        self.get_object()
        service.withdraw(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)
