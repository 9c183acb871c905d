"""Search by API: `GET search/?q=`; each caller finds what the caller's rights open."""

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from prm.api.callers import IsCaller, caller
from prm.api.filters import said_once
from prm.search.queries import Group, search
from prm.search.serializers import AnswerSerializer

_MOST = 50


class SearchView(APIView):
    """Partners, codes, orders, opportunities and pages that begin with what is asked for."""

    permission_classes = [IsCaller]

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="search",
        parameters=[
            OpenApiParameter(
                "q",
                str,
                description="What is looked for, at most 100 characters; without it nothing is found.",
            )
        ],
        responses=AnswerSerializer,
    )
    def get(self, request: Request) -> Response:
        """Answer at most 50 hits of each kind; without a text none."""
        answer = search(said_once(request.query_params).get("q", ""), caller(request).rights, most=_MOST)
        groups = [_group(group) for group in answer.groups]
        return Response(AnswerSerializer({"text": answer.text, "groups": groups}).data)


def _group(group: Group) -> dict[str, object]:
    found = group.found
    return {
        "key": group.source.key,
        "heading": group.heading,
        "count": found.count,
        "is_capped": found.is_capped,
        "hits": found.hits,
    }


urlpatterns = [path("search/", SearchView.as_view(), name="api-search")]
