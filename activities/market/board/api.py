"""The competition board by API: `GET competition/?period=year&by=product`."""

from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from activities.market.board.queries import BY
from activities.market.board.report import board, facts
from activities.market.board.rules import PERIODS
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.filters import said_once
from prm.core.errors import Refused


class BoardView(APIView):
    """Win ratios with their intervals, by competitor, differentiator, and product, region, rep or partner."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW)]

    @extend_schema(  # type: ignore[untyped-decorator]
        operation_id="competition_board",
        parameters=[
            OpenApiParameter("period", str, enum=list(PERIODS), description="Twelve months without it."),
            OpenApiParameter("by", str, enum=list(BY), description="What `groups` are; products without it."),
            OpenApiParameter("product", OpenApiTypes.UUID, description="Only cases about this product."),
        ],
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """Return the figures of a period that ends today."""
        asked = said_once(request.query_params)
        period = asked.get("period", "year")
        if period not in PERIODS:
            raise Refused(f"There are {', '.join(PERIODS)}.", field="period", code="invalid")
        return Response(
            facts(board(period, by=asked.get("by", "product"), product=_id(asked.get("product"))))
        )


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Refused("A product is named by its id.", field="product", code="invalid") from None


urlpatterns = [path("competition/", BoardView.as_view(), name="api-competition")]
