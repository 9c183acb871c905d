"""Lists by API: a file is sent, its state asked for, started, taken back."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from activities.lists.kinds import allowed_kinds
from activities.lists.runs import service
from activities.lists.runs.models import BringRun
from activities.lists.runs.serializers import BringSerializer, RunSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet
from prm.core.errors import Refused


class ListViewSet(ServiceViewSet[BringRun]):
    """Lists from files. `POST` takes a file as a form (multipart/form-data); it is read and written in the background."""

    serializer_class = RunSerializer
    permission_classes = [Needs(Right.IMPORT_RUN)]
    parser_classes = (MultiPartParser,)

    def get_queryset(self) -> QuerySet[BringRun]:
        """Return the lists of the kinds that the caller may bring."""
        return BringRun.objects.filter(kind__in=[kind.key for kind in allowed_kinds()])

    @extend_schema(request={"multipart/form-data": BringSerializer}, responses={202: RunSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Send a list. With `start` it is written as soon as it is read; what is to decide waits for a person."""
        sent = BringSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        data = sent.validated_data
        defaults = data["defaults"]
        if not isinstance(defaults, dict) or not all(isinstance(value, str) for value in defaults.values()):
            raise Refused('Write defaults as an object of texts: {"kind": "physician"}.', field="defaults")
        run = service.bring(
            data["kind"],
            data["file"],
            defaults=defaults,
            blank_empties=data["blank_empties"],
            start=data["start"],
        )
        return self._accepted(run)

    @extend_schema(request=None, responses={202: RunSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: UUID) -> Response:
        """Write what is certain and new."""
        return self._accepted(service.start(self.get_object().pk))

    @extend_schema(request=None, responses={202: RunSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: UUID) -> Response:
        """Take a list back; refused with what later depends on it."""
        return self._accepted(service.take_back(self.get_object().pk))

    def _accepted(self, run: BringRun) -> Response:
        fresh = self.get_queryset().get(pk=run.pk)
        return Response(self.get_serializer(fresh).data, status=status.HTTP_202_ACCEPTED)
