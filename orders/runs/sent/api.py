"""Imports by API: files are sent to a source, their progress and result asked for; started, stopped, taken back."""

from typing import ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from orders.runs import service
from orders.runs.models import ImportRun
from orders.runs.sent.serializers import ImportSerializer, SentFilesSerializer, StartSerializer
from orders.sources.service import find_source
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import FilterBackend
from prm.api.parsing import StrictJSONParser
from prm.api.views import ReadViewSet
from prm.core.errors import Refused

_LONGEST_KEY = 80
_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="At most 80 characters that name this request: sent again, it answers the import there is.",
)


class ImportViewSet(ReadViewSet[ImportRun]):
    """Imports of files. `POST` takes files as a form (multipart/form-data); they are read and written in the background."""

    serializer_class = ImportSerializer
    # Who brings lists of partners need not see orders; who imports orders does.
    permission_classes = [Needs(Right.IMPORT_RUN), Needs(Right.ORDER_VIEW)]
    parser_classes = (MultiPartParser, StrictJSONParser)
    filter_backends = [FilterBackend]
    filterset_fields: ClassVar = ["source", "state"]

    def get_queryset(self) -> QuerySet[ImportRun]:
        """Return the imports of the tenant, latest first."""
        service.settle_dead_runs()
        return ImportRun.objects.select_related("source").order_by("-id")

    @extend_schema(  # type: ignore[untyped-decorator]
        request={"multipart/form-data": SentFilesSerializer},
        responses={202: ImportSerializer},
        parameters=[_KEY],
    )
    def create(self, request: Request) -> Response:
        """Send files to a source. What goes in already is not written twice, whichever file brings it."""
        sent = SentFilesSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        key = request.headers.get("Idempotency-Key", "").strip()
        if len(key) > _LONGEST_KEY or not key.isprintable():
            raise Refused(
                f"The Idempotency-Key is a text of at most {_LONGEST_KEY} characters.", code="idempotency_key"
            )
        source = find_source(said["source"])
        run = service.receive(
            source, said["file"], accepted=said["accept"], start=said["start"], asked_as=key
        )
        return self._accepted(run)

    @extend_schema(request=StartSerializer, responses={202: ImportSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def start(self, request: Request, pk: UUID) -> Response:
        """Import what waits for a look; with `accept` it is read so first, and goes on by itself unless in doubt again."""
        found = self.get_object()
        body = StartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._accepted(service.start_accepting(found.pk, body.validated_data["accept"]))

    @extend_schema(request=None, responses={202: ImportSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[])
    def stop(self, request: Request, pk: UUID) -> Response:
        """Stop an import, or throw its files away before it has begun. Nothing of it is written."""
        return self._accepted(service.stop(self.get_object().pk))

    @extend_schema(request=None, responses=ImportSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], filter_backends=[], url_path="take-back")
    def take_back(self, request: Request, pk: UUID) -> Response:
        """Take an import back; refused with what later depends on it."""
        return self._accepted(service.take_back(self.get_object().pk), status.HTTP_200_OK)

    def _accepted(self, run: ImportRun, code: int = status.HTTP_202_ACCEPTED) -> Response:
        fresh = self.get_queryset().get(pk=run.pk)
        return Response(self.get_serializer(fresh).data, status=code)
