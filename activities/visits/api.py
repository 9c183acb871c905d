"""Visits by API."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.market.budgets import serializers as budgets_serializers
from activities.market.competition import serializers as competition_serializers
from activities.rights import named_or_own
from activities.visits import filters, serializers, service
from activities.visits.models import Visit
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.views import Body, ServiceViewSet


class VisitViewSet(ServiceViewSet[Visit]):
    """Visits. Reps change their own, managers all."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    serializer_class = serializers.VisitSerializer
    filterset_class = filters.VisitFilter
    stays = ("id", "partner", "rep")
    with_new = ("insight", "budget")

    def get_queryset(self) -> QuerySet[Visit]:
        """Newest first."""
        return Visit.objects.with_people().prefetch_related("own_values")

    def create(self, request: Request) -> Response:
        """Log a visit with what came out of it, all or nothing."""
        return self._log(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Log the visit under this id, or replace it; sending it again changes nothing."""
        kept = self.existing(pk)
        data = self.checked(request, id=str(pk))
        if kept is None:
            return self._log(request, data)
        return self._change(kept, data, serializers.VisitSerializer.details(data))

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Correct some fields."""
        kept = self.get_object()
        data = self.checked(request, kept, partial=True)
        return self._change(kept, data, serializers.VisitSerializer.details(data, kept))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take the visit back with its insight and budget update."""
        kept = self.get_object()
        service.remove_visit(visit=kept, by=caller(request).membership)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=serializers.VisitSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: UUID) -> Response:
        """Bring a visit back that was taken back, with its insight and budget update."""
        return self.answer(service.restore_visit(visit_id=pk, by=caller(request).membership).visit)

    @extend_schema(responses=serializers.StepDoneSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], url_path="step", serializer_class=serializers.StepSerializer)
    def step(self, request: Request, pk: UUID) -> Response:
        """Tick the promise off; with ``{"done": false}`` take the tick back."""
        kept = self.get_object()
        if self.checked(request)["done"]:
            service.complete_step(visit=kept)
        else:
            service.reopen_step(visit=kept)
        return Response(serializers.StepDoneSerializer(kept).data)

    def _log(self, request: Request, data: Body) -> Response:
        rep = named_or_own(data.get("rep"), caller(request).membership)
        logged = service.log_visit(
            partner=data["partner"],
            rep=rep,
            details=serializers.VisitSerializer.details(data),
            insight=competition_serializers.insight_input(data["insight"]) if data.get("insight") else None,
            budget=budgets_serializers.BudgetFields().budget(data["budget"]) if data.get("budget") else None,
            visit_id=data.get("id"),
            own=data.get("own"),
        )
        return self.answer(logged.visit, created=logged.created)

    def _change(self, kept: Visit, data: Body, details: service.VisitInput) -> Response:
        self.refuse_what_stays(kept, data)
        return self.answer(service.change_visit(visit=kept, details=details, own=data.get("own")))
