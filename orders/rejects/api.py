"""Rejected rows by API: the list, one corrected, many corrected alike, and the file that loads again."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from orders.rejects import service
from orders.rejects.models import RejectedLine
from orders.rejects.serializers import (
    AlikeSerializer,
    CorrectSerializer,
    ForeseenSerializer,
    RejectedLineSerializer,
)
from orders.runs.corrections.bring import Alike
from orders.sources.service import find_source
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend, said_once
from prm.api.views import ReadViewSet


class RejectedLineViewSet(ReadViewSet[RejectedLine]):
    """Rows of imports that could not be stored."""

    serializer_class = RejectedLineSerializer
    permission_classes = [Needs(Right.IMPORT_RUN, Right.IMPORT_RUN)]
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["source", "run", "reason", "field", "state", "number"]

    def get_queryset(self) -> QuerySet[RejectedLine]:
        """Return the rejected rows of the tenant, latest import first."""
        return RejectedLine.objects.order_by("-run", "file_no", "line_no", "id")

    @extend_schema(request=CorrectSerializer, responses=RejectedLineSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def correct(self, request: Request, pk: UUID) -> Response:
        """Store one row as it is right. Refused with the field that is still wrong, in words."""
        self.get_object()
        body = CorrectSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        service.correct(pk, body.validated_data["cells"])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=AlikeSerializer, responses=ForeseenSerializer)  # type: ignore[untyped-decorator]
    @action(
        detail=False, methods=["post"], pagination_class=None, filter_backends=[], url_path="correct-alike"
    )
    def correct_alike(self, request: Request) -> Response:
        """Type the right value once for all rows with the same wrong one. Many go in in the background."""
        body = AlikeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        said = body.validated_data
        source = find_source(said["source"])
        alike = Alike(said["reason"], said["field"], said["value"], said["to"], str(said.get("run", "")))
        found = service.foresee_alike(source, alike)
        run = None if said["preview"] else service.correct_alike(source, alike).pk
        return Response(
            {
                "lines": found.lines,
                "ready": found.ready,
                "orders": found.orders,
                "problems": [f"row {line_no}: {message}" for line_no, message in found.problems],
                "run": run,
            }
        )

    @extend_schema(  # type: ignore[untyped-decorator]
        parameters=[OpenApiParameter("source", str, required=True)],
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    @action(detail=False, pagination_class=None, filter_backends=[])
    def file(self, request: Request) -> HttpResponse:
        """Send the open rows of a `source` as a file that it reads again."""
        source = find_source(said_once(request.query_params).get("source", ""))
        content = service.as_file(source, RejectedLine.objects.all())
        response = HttpResponse(content, content_type="text/csv")
        response["Content-Disposition"] = 'attachment; filename="rejected.csv"'
        return response
