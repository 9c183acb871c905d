"""Insights by API."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.market.competition import filters, service
from activities.market.competition import serializers as s
from activities.market.competition.models import Insight
from activities.rights import named_or_own
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.views import Body, ServiceViewSet


class InsightViewSet(ServiceViewSet[Insight]):
    """Insights about the competition."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    serializer_class = s.InsightSerializer
    filterset_class = filters.InsightFilter
    stays = ("id", "partner")

    def get_queryset(self) -> QuerySet[Insight]:
        """Newest first."""
        return Insight.objects.with_details()

    def create(self, request: Request) -> Response:
        """Add an insight."""
        return self._add(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Add the insight under this id, or replace it."""
        kept = self.existing(pk)
        data = self.checked(request, id=str(pk))
        if kept is None:
            return self._add(request, data)
        return self._change(kept, data, s.insight_input(data))

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Correct some fields."""
        kept = self.get_object()
        data = self.checked(request, kept, partial=True)
        return self._change(kept, data, s.insight_input(data, kept))

    def destroy(self, request: Request, pk: UUID) -> Response:
        """Take the insight back."""
        kept = self.get_object()
        service.remove_insight(insight=kept)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=s.InsightSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def restore(self, request: Request, pk: UUID) -> Response:
        """Bring an insight back that was taken back."""
        return self.answer(service.restore_insight(insight_id=pk))

    def _add(self, request: Request, data: Body) -> Response:
        was_there = "id" in data and self.existing(data["id"]) is not None
        made = service.add_insight(
            partner=data["partner"],
            rep=named_or_own(None, caller(request).membership),
            insight=s.insight_input(data),
            insight_id=data.get("id"),
        )
        return self.answer(made, created=not was_there)

    def _change(self, kept: Insight, data: Body, details: service.InsightInput) -> Response:
        self.refuse_what_stays(kept, data)
        return self.answer(service.change_insight(insight=kept, details=details))
