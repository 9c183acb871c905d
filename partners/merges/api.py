"""Merges by API: what one would do, doing it, the log, and taking one back."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.merges import queries
from partners.merges.large import service as large
from partners.merges.models import MergeTask, PartnerMerge
from partners.merges.serializers import (
    MergeSerializer,
    MergeTaskSerializer,
    PairSerializer,
    PreviewSerializer,
)
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class MergeViewSet(ServiceViewSet[PartnerMerge]):
    """The log of merges, latest first."""

    serializer_class = MergeSerializer
    permission_classes = [Needs(Right.ORDER_TIE, Right.ORDER_TIE)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["survivor", "merged"]

    def get_queryset(self) -> QuerySet[PartnerMerge]:
        """All merges of the tenant."""
        return PartnerMerge.objects.with_names()

    @extend_schema(responses={201: MergeSerializer, 202: MergeTaskSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Merge `merged` into `survivor`: everything of it becomes the survivor's.

        Where very much moves the answer is 202: it runs in the background, and `merges/tasks/{id}/` says how far it is.
        """
        data = self.checked(request)
        merge = large.ask_merge(
            data["survivor"].pk,
            merged_id=data["merged"].pk,
            take=data.get("take"),
            reason=data.get("reason", ""),
        )
        if isinstance(merge, MergeTask):
            return Response(MergeTaskSerializer(merge).data, status=202)
        return self.answer(merge, created=True)

    @extend_schema(responses=MergeTaskSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, url_path="tasks/<uuid:task_id>")
    def tasks(self, request: Request, task_id: UUID) -> Response:
        """Say how far a merge that runs in the background is."""
        task = get_object_or_404(MergeTask, pk=task_id)
        return Response(MergeTaskSerializer(task).data)

    @extend_schema(request=PairSerializer, responses=PreviewSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"])
    def preview(self, request: Request) -> Response:
        """Say what a merge would move; nothing is written."""
        pair = PairSerializer(data=request.data)
        pair.is_valid(raise_exception=True)
        found = queries.preview(pair.validated_data["survivor"], pair.validated_data["merged"])
        return Response(PreviewSerializer(found).data)

    @extend_schema(request=None, responses={200: MergeSerializer, 202: MergeTaskSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Take a merge back; `left` says what did not go back with it. 202 as for a merge where very much goes back."""
        self.get_object()
        undone = large.ask_undo(pk)
        if isinstance(undone, MergeTask):
            return Response(MergeTaskSerializer(undone).data, status=202)
        return self.answer(undone.merge)
