"""The overview by API: `GET overview/?period=quarter`."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activities.overview.report import facts, report
from activities.overview.rules import PERIODS
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import said_once
from prm.core.errors import Refused


class OverviewView(APIView):
    """How we stand, what moved, who slips and rises, what the panels attained."""

    permission_classes = [Needs(Right.TIER_DECIDE)]

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="overview",
        parameters=[
            OpenApiParameter("period", str, enum=list(PERIODS), description="The quarter without it.")
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """Return the figures of the running period, and of as many days of the one before."""
        key = said_once(request.query_params).get("period", "quarter")
        if key not in PERIODS:
            raise Refused(f"There are {', '.join(PERIODS)}.", field="period", code="invalid")
        return Response(facts(report(key)))


urlpatterns = [path("overview/", OverviewView.as_view(), name="api-overview")]
