"""The forecast by API: `GET forecast/?by=rep`."""

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activities.market.forecast.filters import asked_of
from activities.market.forecast.report import BY, facts, forecast
from partners.states import Tier
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import said_once


class ForecastView(APIView):
    """What will come of open budgets, as ranges, from how closed ones fared."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW)]

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="forecast",
        parameters=[
            OpenApiParameter("by", str, enum=list(BY), description="What `parts` are; reps without it."),
            OpenApiParameter("owner", OpenApiTypes.UUID, description="Budgets of one member."),
            OpenApiParameter(
                "tier", str, enum=list(Tier.values), description="Budgets of partners of one tier."
            ),
            OpenApiParameter("product", OpenApiTypes.UUID, description="Budgets for one product."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """Return six months back and six ahead, the next three by rep, partner or tier, and how budgets came true."""
        query = said_once(request.query_params)
        return Response(facts(forecast(query.get("by", "rep"), asked_of(query))))


urlpatterns = [path("forecast/", ForecastView.as_view(), name="api-forecast")]
