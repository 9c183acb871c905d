"""Pairs that look like one, by API: the list, and what is said of each."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from partners.lookalikes import service
from partners.lookalikes.models import LookAlike
from partners.lookalikes.serializers import LookAlikeSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class LookAlikeViewSet(ServiceViewSet[LookAlike]):
    """Pairs of partners that may be one, most money first. Merge them by `partner-merges/`, or say `apart`."""

    serializer_class = LookAlikeSerializer
    permission_classes = [Needs(Right.ORDER_TIE, Right.ORDER_TIE)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["state"]

    def get_queryset(self) -> QuerySet[LookAlike]:
        """Pairs of two that are partners of their own."""
        return LookAlike.objects.present().by_money()

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Say `apart`, `later` or `open` of a pair; who is apart is not asked about again."""
        pair = self.get_object()
        data = self.checked(request, pair, partial=True)
        return self.answer(service.decide(pair.pk, state=data["state"]) if "state" in data else pair)
