"""Merges by API: what one would do, doing it, the log, and taking one back."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.merges import queries, service
from partners.merges.models import PartnerMerge
from partners.merges.serializers import MergeSerializer, PairSerializer, PreviewSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet


class MergeViewSet(ServiceViewSet[PartnerMerge]):
    """The log of merges, latest first."""

    serializer_class = MergeSerializer
    permission_classes = [Needs(Right.ORDER_TIE, Right.ORDER_TIE)]
    filter_backends = [DjangoFilterBackend]
    filterset_fields: ClassVar = ["survivor", "merged"]

    def get_queryset(self) -> QuerySet[PartnerMerge]:
        """All merges of the tenant."""
        return PartnerMerge.objects.with_names()

    def create(self, request: Request) -> Response:
        """Merge `merged` into `survivor`: everything of it becomes the survivor's."""
        data = self.checked(request)
        merge = service.merge_partners(
            data["survivor"].pk,
            merged_id=data["merged"].pk,
            take=data.get("take"),
            reason=data.get("reason", ""),
        )
        return self.answer(merge, created=True)

    @extend_schema(request=PairSerializer, responses=PreviewSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Say what a merge would move; nothing is written."""
        pair = PairSerializer(data=request.data)
        pair.is_valid(raise_exception=True)
        found = queries.preview(pair.validated_data["survivor"], pair.validated_data["merged"])
        return Response(PreviewSerializer(found).data)

    @extend_schema(request=None, responses=MergeSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Take a merge back; `left` says what did not go back with it."""
        self.get_object()
        return self.answer(service.undo_merge(pk).merge)
