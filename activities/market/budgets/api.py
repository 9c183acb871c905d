"""Opportunities and budget updates by API."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.market.budgets import filters, service
from activities.market.budgets import serializers as s
from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.products.service import split_opportunity
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.serializers import Nothing
from prm.api.views import Body, ServiceViewSet
from prm.core.errors import Refused


class OpportunityViewSet(ServiceViewSet[Opportunity]):
    """Opportunities; their budgets change by budget updates."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    serializer_class = s.OpportunitySerializer
    filterset_class = filters.OpportunityFilter
    stays = ("id", "partner", "owner", "currency")

    def get_queryset(self) -> QuerySet[Opportunity]:
        """By the day they are expected."""
        rows = Opportunity.objects.select_related("partner").prefetch_related("parts")
        return rows.order_by("close_date", "pk")

    def create(self, request: Request) -> Response:
        """Open an opportunity."""
        return self._open(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Open the opportunity under this id, or change it."""
        kept = self.existing(pk)
        data = self.checked(request, id=str(pk))
        if kept is None:
            return self._open(request, data)
        return self._change(request, kept, data)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change some fields; amount and day leave a budget update."""
        kept = self.get_object()
        return self._change(request, kept, self.checked(request, kept, partial=True))

    @extend_schema(responses=s.OpportunitySerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.CloseSerializer)
    def close(self, request: Request, pk: UUID) -> Response:
        """Mark the opportunity won or lost."""
        kept: Opportunity = self.get_object()
        data = self.checked(request)
        service.close_opportunity(opportunity=kept, state=data["state"])
        return self._shown(kept)

    @extend_schema(responses=s.OpportunitySerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=Nothing)
    def reopen(self, request: Request, pk: UUID) -> Response:
        """Take won or lost back."""
        kept: Opportunity = self.get_object()
        self.checked(request)
        return self._shown(service.reopen_opportunity(opportunity=kept))

    @extend_schema(responses=s.OpportunitySerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.OrdersSerializer)
    def orders(self, request: Request, pk: UUID) -> Response:
        """Say which orders fulfilled a won opportunity, and none but these."""
        kept: Opportunity = self.get_object()
        service.tie_orders(opportunity=kept, orders=self.checked(request)["orders"])
        return self._shown(kept)

    @extend_schema(responses=s.OpportunitySerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=Nothing)
    def confirm(self, request: Request, pk: UUID) -> Response:
        """Say that amount and day still hold."""
        kept: Opportunity = self.get_object()
        self.checked(request)
        service.confirm_budget(opportunity=kept, by=caller(request).membership)
        return self._shown(kept)

    def _shown(self, kept: Opportunity) -> Response:
        return Response(s.OpportunitySerializer(self.get_queryset().get(pk=kept.pk)).data)

    def _open(self, request: Request, data: Body) -> Response:
        was_there = "id" in data and self.existing(data["id"]) is not None
        made = service.create_opportunity(
            partner=data["partner"],
            owner=data.get("owner", caller(request).membership),
            details=s.OpportunitySerializer.details(data),
            opportunity_id=data.get("id"),
        )
        return self.answer(made, created=not was_there)

    def _change(self, request: Request, kept: Opportunity, data: Body) -> Response:
        self.refuse_what_stays(kept, data)
        noted = None
        if "amount" in data or "close_date" in data:
            noted = service.update_budget(
                opportunity=kept,
                by=caller(request).membership,
                amount=data.get("amount"),
                close_date=data.get("close_date"),
                note=data.get("note", ""),
            )
        if data.get("note") and noted is None:
            raise Refused("A note goes with a new amount or day.", field="note", code="nothing_new")
        if "competitor" in data or "product" in data:
            service.say_what_for(
                opportunity=kept,
                competitor=data.get("competitor", kept.competitor),
                product=data.get("product", kept.product),
            )
        parts = s.OpportunitySerializer.parts(data)
        if parts is not None:
            split_opportunity(opportunity=kept, parts=parts)
        name, stage = data.get("name", kept.name), data.get("stage", kept.stage)
        return self.answer(service.change_opportunity(opportunity=kept, name=name, stage=stage))


class BudgetUpdateViewSet(ServiceViewSet[BudgetUpdate]):
    """The history of budgets: rows are added, never changed."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    serializer_class = s.BudgetUpdateSerializer
    filterset_class = filters.BudgetUpdateFilter

    def get_queryset(self) -> QuerySet[BudgetUpdate]:
        """Newest first."""
        return BudgetUpdate.objects.select_related("opportunity__partner").order_by("-at", "-id")

    def create(self, request: Request) -> Response:
        """Change amount or day of an open opportunity; 200 without a new row when nothing would change."""
        return self._update(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Create it under an id of the caller's making; once there it stays as it is."""
        return self._update(request, self.checked(request, id=str(pk)))

    @extend_schema(responses={201: s.BudgetUpdateSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=Nothing)
    def reverse(self, request: Request, pk: UUID) -> Response:
        """Take the last update back by a reverse row."""
        update: BudgetUpdate = self.get_object()
        self.checked(request)
        row = service.reverse_budget(update=update, by=caller(request).membership)
        return Response(s.BudgetUpdateSerializer(row).data, status=status.HTTP_201_CREATED)

    def _update(self, request: Request, data: Body) -> Response:
        opportunity: Opportunity = data["opportunity"]
        was_there = "id" in data and self.existing(data["id"]) is not None
        update = service.update_budget(
            opportunity=opportunity,
            by=caller(request).membership,
            amount=data.get("amount"),
            close_date=data.get("close_date"),
            note=data.get("note", ""),
            update_id=data.get("id"),
        )
        if update is None:
            last = self.get_queryset().filter(opportunity=opportunity).first()
            return Response(self.get_serializer(last).data)
        return self.answer(update, created=not was_there)
