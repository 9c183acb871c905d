"""The field mapping by API: look, draft a whole document, put in force, go back, and the dry run."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.views import ServiceViewSet
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.mapping.models import MappingVersion
from prm.salesforce.setup.api import ErrandView
from prm.salesforce.setup.fieldpages.serializers import (
    BackSerializer,
    MappingDocumentSerializer,
    MappingSerializer,
    MappingVersionSerializer,
)
from prm.salesforce.setup.models import Errand

_MAY = Needs(Right.SYNC_VIEW, Right.SYNC_EDIT)


def _answer() -> Response:
    choices, draft, in_force = service.drafted(), looking.draft(), looking.version_in_force()
    found = {
        "draft": draft and draft.number,
        "in_force": in_force.number if in_force is not None else service.AS_DELIVERED,
        "problems": looking.problems(choices),
        "document": choices.as_json(),
        "objects": looking.look(choices),
    }
    return Response(MappingSerializer(found).data)


class MappingView(APIView):
    """The field mapping: what goes where, and who wins."""

    permission_classes = [_MAY]

    @extend_schema(operation_id="salesforce_mapping", responses=MappingSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return the draft, or what is in force."""
        return _answer()

    @extend_schema(
        operation_id="salesforce_mapping_draft",
        request=MappingDocumentSerializer,
        responses=MappingSerializer,
    )  # type: ignore[untyped-decorator]
    def put(self, request: Request) -> Response:
        """Take a document as the draft; nothing changes until it is put in force."""
        body = MappingDocumentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        service.load({"objects": {}, **body.validated_data})
        return _answer()

    @extend_schema(operation_id="salesforce_mapping_discard", responses={200: MappingSerializer})  # type: ignore[untyped-decorator]
    def delete(self, request: Request) -> Response:
        """Throw the draft away, and answer what is in force."""
        service.discard()
        return _answer()


class MappingForceView(APIView):
    """Puts the draft in force."""

    permission_classes = [_MAY]

    @extend_schema(operation_id="salesforce_mapping_force", request=None, responses=MappingVersionSerializer)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Put it in force. Refused with `no_draft`, and with `problems` while something stands against it."""
        return Response(MappingVersionSerializer(service.put_in_force()).data)


class MappingBackView(APIView):
    """Drafts an earlier version again."""

    permission_classes = [_MAY]

    @extend_schema(
        operation_id="salesforce_mapping_back", request=BackSerializer, responses=MappingSerializer
    )  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Draft it. Refused with `draft_open` while there is a draft."""
        body = BackSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        service.back_to(body.validated_data["number"])
        return _answer()


class MappingVersionViewSet(ServiceViewSet[MappingVersion]):
    """The versions of the mapping, the newest first."""

    serializer_class = MappingVersionSerializer
    permission_classes = [_MAY]

    def get_queryset(self) -> QuerySet[MappingVersion]:
        """All of the tenant."""
        found: QuerySet[MappingVersion] = MappingVersion.objects.order_by("-number")
        return found


class DescribeView(ErrandView):
    """Reads what fields the organisation has."""

    kind = Errand.Kind.DESCRIBE

    @extend_schema(operation_id="salesforce_describing", responses=ErrandView.answers)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return how far it is. Refused with `not_asked` before anybody asked."""
        return self.found()

    @extend_schema(operation_id="salesforce_describe", request=None, responses=ErrandView.asked)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Ask for it."""
        return self.ask()


class MappingTryView(ErrandView):
    """What the draft would change; reads Salesforce and writes nothing."""

    kind = Errand.Kind.TRY_MAP

    @extend_schema(operation_id="salesforce_mapping_tried", responses=ErrandView.answers)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return the last one. Refused with `not_asked` before there was one."""
        return self.found()

    @extend_schema(operation_id="salesforce_mapping_try", request=None, responses=ErrandView.asked)  # type: ignore[untyped-decorator]
    def post(self, request: Request) -> Response:
        """Ask for one."""
        return self.ask()
