"""The trail by API: `GET audit-trail/`, and how long it is kept: `audit-retention/`."""

from typing import ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.filters import said_once
from prm.api.pagination import Sized
from prm.audit.keeping import service
from prm.audit.keeping.queries import years_kept
from prm.audit.pages.forms import TrailForm
from prm.audit.pages.serializers import AuditPageSerializer, RetentionSerializer
from prm.audit.trail import queries
from prm.audit.trail.asking import meant
from prm.audit.trail.states import Act, Door
from prm.audit.trail.undoing import offers_for
from prm.audit.trail.words import entries
from prm.core.errors import Refused

_TAKEN = {"q", "since", "until", "person", "door", "kind", "act", "row", "cursor", "page_size"}
_PARAMETERS = [
    OpenApiParameter("q", str, description="A name, a code or a number, as the search takes it."),
    OpenApiParameter("since", str, description="The first day, YYYY-MM-DD."),
    OpenApiParameter("until", str, description="The last day, YYYY-MM-DD."),
    OpenApiParameter("person", str, description="The id of a member."),
    OpenApiParameter("door", str, enum=Door.values),
    OpenApiParameter("kind", str, description="A kind of row: partners.partner."),
    OpenApiParameter("act", str, enum=Act.values),
    OpenApiParameter(
        "row", str, description="The id of a row, or of what rows are about: a partner's history."
    ),
    OpenApiParameter("cursor", str, description="As `next` and `previous` have it."),
    OpenApiParameter("page_size", int, description="Lines of a page, at most 200."),
]


class TrailView(APIView):
    """Who changed what, by which door, before and after."""

    permission_classes = [Needs(Right.AUDIT_VIEW)]

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="audit_trail", parameters=_PARAMETERS, responses=AuditPageSerializer
    )
    def get(self, request: Request) -> Response:
        """List changes, the newest first."""
        query = said_once(request.query_params)
        if unknown := sorted(set(query) - _TAKEN):
            raise Refused("There is no such filter.", field=unknown[0], code="unknown_field")
        form = TrailForm(query)
        if not form.is_valid():
            name, messages = next(iter(form.errors.items()))
            raise Refused(str(messages[0]), field=name, code="invalid")
        asked = form.asked(meant(form.cleaned_data["q"], caller(request).rights))
        page = queries.page(asked, cursor=query.get("cursor", ""), most=Sized().get_page_size(request))
        return Response(
            AuditPageSerializer(
                {
                    "next": self._link(request, page.older),
                    "previous": self._link(request, page.newer),
                    "results": entries(page.lines, offers=offers_for(page.lines)),
                }
            ).data
        )

    def _link(self, request: Request, cursor: str) -> str | None:
        return replace_query_param(request.build_absolute_uri(), "cursor", cursor) if cursor else None


class RetentionView(APIView):
    """For how many years the trail is kept; null for good."""

    permission_classes = [Needs(Right.AUDIT_VIEW, Right.SETTINGS_EDIT)]
    serializer_class: ClassVar[type[RetentionSerializer]] = RetentionSerializer

    @extend_schema(operation_id="audit_retention", responses=RetentionSerializer)  # type: ignore[untyped-decorator]
    def get(self, request: Request) -> Response:
        """Return for how long the trail is kept."""
        return Response(RetentionSerializer({"years": years_kept()}).data)

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="audit_retention_set", request=RetentionSerializer, responses=RetentionSerializer
    )
    def put(self, request: Request) -> Response:
        """Keep it for so many years from now on; what is older goes in the night after."""
        body = RetentionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        service.set_retention(years=body.validated_data["years"])
        return Response(RetentionSerializer({"years": years_kept()}).data)


urlpatterns = [
    path("audit-trail/", TrailView.as_view(), name="api-audit-trail"),
    path("audit-retention/", RetentionView.as_view(), name="api-audit-retention"),
]
