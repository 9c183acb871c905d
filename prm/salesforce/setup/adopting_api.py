"""Adopting by API: reading what is there, listing whom of ours it is, and deciding."""

from __future__ import annotations

from uuid import UUID

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Strict, StrictModel
from prm.api.views import ServiceViewSet
from prm.salesforce.adoption import service
from prm.salesforce.adoption.service import Answer
from prm.salesforce.matches.models import Match
from prm.salesforce.setup.api import ErrandView
from prm.salesforce.setup.models import Errand


class MatchSerializer(StrictModel[Match]):
    """A record there beside the one here that it may be; `candidates` are others, each with its reason."""

    class Meta:
        model = Match
        fields = (
            "id", "mapping", "sf_id", "name", "owner", "seen", "state", "doubt", "record_id", "record_name", "reason",
            "candidates", "read_at", "decided_by", "decided_at",
        )  # fmt: skip
        read_only_fields = fields


class MatchAnswerSerializer(Strict[object]):
    """Which records there, and what they are: link (ours), apart (none of ours) or later."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=service.MOST)
    answer = serializers.ChoiceField(choices=[each.value for each in Answer])
    record_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="The one here, of several candidates."
    )


class TakeBackSerializer(Strict[object]):
    """Which links are taken back."""

    ids = serializers.ListField(child=serializers.UUIDField(), max_length=service.MOST)


class DecidedSerializer(Strict[object]):
    """How many were decided, what takes them back, and why others were not."""

    count = serializers.IntegerField()
    batch = serializers.UUIDField()
    refused = serializers.ListField(child=serializers.CharField())


class UndoneSerializer(Strict[object]):
    """How many decisions were taken back."""

    count = serializers.IntegerField()


class UndoSerializer(Strict[object]):
    """What was decided together."""

    batch = serializers.UUIDField()


class MatchFilter(django_filters.FilterSet):
    """By kind of record, state and kind of doubt."""

    mapping = django_filters.CharFilter(
        help_text="partners.partner, partners.contact, activities.opportunity"
    )
    state = django_filters.ChoiceFilter(choices=Match.State.choices)
    doubt = django_filters.CharFilter()


class MatchViewSet(ServiceViewSet[Match]):
    """Records in Salesforce and whom of ours each is."""

    serializer_class = MatchSerializer
    permission_classes = [Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)]
    filterset_class = MatchFilter

    def get_queryset(self) -> QuerySet[Match]:
        """All of the tenant that were read."""
        found: QuerySet[Match] = Match.objects.order_by("doubt", "name", "id")
        return found

    @extend_schema(request=MatchAnswerSerializer, responses=DecidedSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"])
    def decide(self, request: Request) -> Response:
        """Say of up to 1,000 records there whether they are ours."""
        body = MatchAnswerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        ids: list[UUID] = asked["ids"]
        done = service.decide(ids=ids, answer=Answer(asked["answer"]), record_id=asked.get("record_id"))
        return Response(DecidedSerializer(done).data)

    @extend_schema(request=TakeBackSerializer, responses=DecidedSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"], url_path="take-back")
    def take_back(self, request: Request) -> Response:
        """Take links back that were made: our id and what we wrote leave the record there with the next sync."""
        body = TakeBackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        ids: list[UUID] = body.validated_data["ids"]
        return Response(DecidedSerializer(service.take_back(ids=ids)).data)

    @extend_schema(request=UndoSerializer, responses=UndoneSerializer)  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"])
    def undo(self, request: Request) -> Response:
        """Take back what was decided together. Refused with `carried_out` once it was linked."""
        body = UndoSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(UndoneSerializer({"count": service.undo(body.validated_data["batch"])}).data)


class ReadView(ErrandView):
    """Reads what is there and finds out whom of ours it is; writes nothing."""

    kind = Errand.Kind.READ

    @extend_schema(operation_id="salesforce_reading", responses=ErrandView.answers)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return how far it is. Refused with `not_asked` before anybody asked."""
        return self.found()

    @extend_schema(operation_id="salesforce_read", request=None, responses=ErrandView.asked)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Ask for it."""
        return self.ask()
