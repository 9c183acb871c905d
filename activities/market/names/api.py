"""Competitors and differentiators by API."""

from typing import TypeVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.market.names import queries, service
from activities.market.names import serializers as s
from activities.market.names.models import Competitor, Differentiator
from prm.accounts.rights import Right
from prm.api.callers import Needs
from prm.api.serializers import Nothing
from prm.api.views import Body, ServiceViewSet
from prm.core.types import Json

N = TypeVar("N", Competitor, Differentiator)


class NamedViewSet(ServiceViewSet[N]):
    """Competitors or differentiators. Everybody adds names, managers change them."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)]
    serializer_class = s.NamedSerializer  # type: ignore[assignment]  # one for both kinds of names

    def create(self, request: Request) -> Response:
        """Add a name; one that is there (upper and lower case alike) is found."""
        return Response(
            self.get_serializer(self.named(self.checked(request)["name"])).data,
            status=status.HTTP_201_CREATED,
        )

    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename."""
        row = self.get_object()
        self.change(row, self.checked(request, row, partial=True))
        return self.answer(row)

    @extend_schema(responses={201: s.NamedSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.OtherNameSerializer, url_path="other-names")
    def other_names(self, request: Request, pk: str) -> Response:
        """Note another name of it; what is noted under that name counts for this one."""
        row = service.add_other_name(row=self.get_object(), name=self.checked(request)["name"])
        return Response(s.NamedSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=s.NamedSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=Nothing)
    def separate(self, request: Request, pk: str) -> Response:
        """Take it apart from the one it was merged into, with what was noted under it."""
        row = self.get_object()
        self.checked(request)
        return Response(s.NamedSerializer(service.separate(row=row)).data)

    @extend_schema(responses=s.AlikeNamesSerializer(many=True))  # type: ignore[untyped-decorator]
    @action(detail=False, filter_backends=[], pagination_class=None, url_path="look-alikes")
    def look_alikes(self, request: Request) -> Response:
        """Return at most twenty pairs of names that may be one, the likeliest first."""
        del request
        return Response([_alike(one) for one in queries.look_alikes(self.get_queryset().model)])

    def _merge(self, request: Request) -> Response:
        row, data = self.get_object(), self.checked(request)
        moving = queries.moving(row)
        into = data["into"]
        if not data["preview"]:
            into = service.merge(row=row, into=into)
        return Response({"into": str(into.pk), "merged": not data["preview"], **moving._asdict()})

    def change(self, row: N, data: Body) -> None:
        """Write what the body says."""
        if "name" in data:
            service.rename(row=row, name=data["name"])

    def named(self, name: str) -> N:
        """Return the row of that name, made if it is new."""
        raise NotImplementedError


def _alike(one: queries.Alike) -> dict[str, Json]:
    return {
        "id": str(one.row.pk),
        "name": one.row.name,
        "into": str(one.into.pk),
        "into_name": one.into.name,
        "reason": one.reason,
        "insights": one.insights,
    }


class CompetitorViewSet(NamedViewSet[Competitor]):
    """Who else gets the business."""

    serializer_class = s.CompetitorSerializer

    def get_queryset(self) -> QuerySet[Competitor]:
        """By name."""
        return Competitor.objects.all()

    @extend_schema(responses=s.MovingSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.MergeCompetitorSerializer)
    def merge(self, request: Request, pk: str) -> Response:
        """Say that it is another competitor; `separate` is the way back."""
        return self._merge(request)

    def change(self, row: Competitor, data: Body) -> None:
        """Write the name, and the city."""
        super().change(row, data)
        if "city" in data:
            service.place(competitor=row, city=data["city"])

    def named(self, name: str) -> Competitor:
        """Return the competitor of that name, made if it is new."""
        return service.competitor_named(name=name)


class DifferentiatorViewSet(NamedViewSet[Differentiator]):
    """What decides."""

    def get_queryset(self) -> QuerySet[Differentiator]:
        """By name."""
        return Differentiator.objects.all()

    @extend_schema(responses=s.MovingSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.MergeDifferentiatorSerializer)
    def merge(self, request: Request, pk: str) -> Response:
        """Say that it is another differentiator; `separate` is the way back."""
        return self._merge(request)

    def named(self, name: str) -> Differentiator:
        """Return the differentiator of that name, made if it is new."""
        return service.differentiator_named(name=name)
