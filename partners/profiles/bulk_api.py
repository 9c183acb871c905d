"""Many partners changed at once, by API: what was done, doing it, taking it back."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.bulk import service
from partners.bulk.models import BulkChange
from partners.bulk.registry import keys
from partners.profiles.bulk import of_query
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.filters import FilterBackend
from prm.api.ordering import Ordering
from prm.api.serializers import Nothing, Strict, StrictModel
from prm.api.views import ServiceViewSet
from prm.core.errors import Refused


class BulkChangeSerializer(StrictModel[BulkChange]):
    """What was done."""

    class Meta:
        model = BulkChange
        fields = ("id", "action", "words", "count", "by", "at", "undone_at", "put_back")
        read_only_fields = fields


class BulkSerializer(Strict[object]):
    """Whom (`ids`, or a `query` as `GET partners/` takes it) and what: an act with its values as the form names them."""

    action = serializers.CharField(max_length=20, help_text="rep, kind, active, own, plan, tags")
    ids = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=service.MOST)
    query = serializers.CharField(required=False, allow_blank=True, max_length=2_000)
    values = serializers.DictField(
        child=serializers.CharField(max_length=1_000, allow_null=True, allow_blank=True), required=False
    )


class BulkChangeViewSet(ServiceViewSet[BulkChange]):
    """Acts on many partners; each can be taken back as a whole."""

    serializer_class = BulkChangeSerializer
    permission_classes = [Needs(Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend, Ordering]
    ordering_fields: ClassVar[list[str]] = ["at"]
    ordering: ClassVar[list[str]] = ["-at", "-id"]
    makes_rows = ("create",)

    def get_queryset(self) -> QuerySet[BulkChange]:
        """Return what was done, the latest first."""
        found: QuerySet[BulkChange] = BulkChange.objects.all()
        return found

    def get_serializer_class(self) -> "type[serializers.BaseSerializer[Any]]":
        """Return the body of a new act, or what is answered."""
        return BulkSerializer if self.action == "create" else BulkChangeSerializer

    @extend_schema(request=BulkSerializer, responses={201: BulkChangeSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Do an act to partners by their ids, or to all that a query finds."""
        body = BulkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        data = body.validated_data
        if ("ids" in data) == ("query" in data):
            raise Refused("Say whom: either ids or a query.", field="ids", code="ambiguous")
        if data["action"] not in keys():
            raise Refused(f"There are {', '.join(keys())}.", field="action", code="invalid")
        ids = data.get("ids")
        if ids is None:
            query = QueryDict(data["query"].lstrip("?"))
            ids = list(of_query(query, caller(request)).values_list("pk", flat=True)[: service.MOST + 1])
        made = service.change_many(
            ids, action=data["action"], values=data.get("values", {}), by=caller(request).membership
        )
        return Response(BulkChangeSerializer(made).data, status=201)

    @extend_schema(request=None, responses=BulkChangeSerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=True, methods=["post"], pagination_class=None, filter_backends=[], serializer_class=Nothing
    )
    def undo(self, request: Request, pk: UUID) -> Response:
        """Put back what still is as the act left it; `put_back` says how many that were."""
        Nothing(data=request.data).is_valid(raise_exception=True)
        return Response(BulkChangeSerializer(service.undo_change(self.get_object().pk)).data)
