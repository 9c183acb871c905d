"""Conflicts and problems by API: what waits and why, decided and tried again as on the page."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.views import ReadViewSet
from prm.core.errors import Refused
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem
from prm.salesforce.inbox import queries, records, service
from prm.salesforce.inbox.serializers import (
    ChooseManySerializer,
    ChooseSerializer,
    ChosenSerializer,
    ConflictSerializer,
    CreateAgainSerializer,
    RecordSerializer,
    SyncProblemSerializer,
    TriedSerializer,
    TryAgainSerializer,
    WaitsForSerializer,
)
from prm.salesforce.mapping import registry


class ConflictViewSet(ReadViewSet[Conflict]):
    """Fields that both sides changed, the open ones and those that were decided, latest first."""

    serializer_class = ConflictSerializer
    permission_classes = [Needs(Right.SYNC_VIEW, Right.CONFLICT_DECIDE)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["state", "mapping", "record_id", "there"]

    def get_queryset(self) -> QuerySet[Conflict]:
        """Return the conflicts of mappings that are still declared."""
        found: QuerySet[Conflict] = Conflict.objects.filter(mapping__in=registry.mappings())
        return found.order_by("-at", "id")

    @extend_schema(request=ChooseSerializer, responses=ConflictSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def choose(self, request: Request, pk: UUID) -> Response:
        """Decide one conflict, also one that was decided before. Refused with the field that is wrong, in words."""
        self.get_object()
        body = ChooseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        service.choose(conflict_id=pk, **body.validated_data)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=ConflictSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def undo(self, request: Request, pk: UUID) -> Response:
        """Take a decision back. Refused with `undone` or `changed`, in words."""
        self.get_object()
        service.undo(conflict_id=pk)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=ChooseManySerializer, responses=ChosenSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None, url_path="choose-many")
    def choose_many(self, request: Request) -> Response:
        """Take the same side for up to 200 conflicts; one that is refused holds back no other."""
        body = ChooseManySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        side = body.validated_data["side"]
        choices = [service.Choice(pk, side) for pk in body.validated_data["ids"]]
        chosen = service.choose_many(choices=choices)
        refused = [{"id": str(pk), "message": words} for pk, words in chosen.refused.items()]
        return Response({"decided": len(chosen.done), "refused": refused})


class ProblemViewSet(ReadViewSet[SyncProblem]):
    """Records that are held, or fields of them, in Salesforce's words and with what to do about it; latest first."""

    serializer_class = SyncProblemSerializer
    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["kind", "mapping", "code", "record_id"]

    def get_queryset(self) -> QuerySet[SyncProblem]:
        """Return the problems of mappings that are still declared."""
        return SyncProblem.objects.filter(mapping__in=registry.mappings()).order_by("-last_at", "id")

    @extend_schema(request=TryAgainSerializer, responses=TriedSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"], filter_backends=[], pagination_class=None, url_path="try-again")
    def try_again(self, request: Request) -> Response:
        """Send held records again at once: all, those of a kind, those with a code, or one."""
        body = TryAgainSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response({"records": service.try_again(**body.validated_data)})

    @extend_schema(request=CreateAgainSerializer, responses=TriedSerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=False, methods=["post"], filter_backends=[], pagination_class=None, url_path="create-again"
    )
    def create_again(self, request: Request) -> Response:
        """Create records again that were deleted in Salesforce: those that are named, or all of a kind."""
        body = CreateAgainSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key = body.validated_data["mapping"]
        if key not in registry.mappings():
            raise Refused(
                f"Nothing of the kind {key!r} is kept in step.", field="mapping", code="invalid_choice"
            )
        ids = body.validated_data.get("record_ids", queries.deleted_there(key))
        return Response({"records": service.create_again(mapping=key, record_ids=ids)})


class WaitingViewSet(ReadViewSet[Outbox]):
    """Records that cannot go before another one is in Salesforce, the longest first."""

    serializer_class = WaitsForSerializer
    permission_classes = [Needs(Right.SYNC_VIEW)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["mapping", "waits_mapping", "waits_id"]

    def get_queryset(self) -> QuerySet[Outbox]:
        """Return those of mappings that are still declared."""
        return queries.waiting_for_parents()


class RecordView(APIView):
    """Why one record is the same in Salesforce or not, since when, and what happens next."""

    permission_classes = [Needs(Right.SYNC_VIEW)]

    @extend_schema(responses=RecordSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request, pk: UUID) -> Response:
        """Return how the record stands, of whatever kind it is."""
        state = records.state_of(pk)
        if state is None:
            raise Http404
        return Response(RecordSerializer(state).data)
