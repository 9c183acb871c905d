"""Campaigns by API: the same services and rights as the pages."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from activities.campaigns.members import service as members
from activities.campaigns.pages import serializers as s
from activities.campaigns.pages.filters import CampaignFilter, MemberFilter
from activities.campaigns.planning import service
from activities.campaigns.planning.models import Campaign, Member
from activities.campaigns.states import Whom
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.serializers import Nothing
from prm.api.views import Body, ReadViewSet, ServiceViewSet
from prm.core.errors import Refused


class CampaignViewSet(ServiceViewSet[Campaign]):
    """Campaigns with what was counted of them last."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_MANAGE)]
    serializer_class = s.CampaignSerializer
    filterset_class = CampaignFilter

    def get_queryset(self) -> QuerySet[Campaign]:
        """Latest first."""
        return Campaign.objects.select_related("figures", "product").order_by("-starts_on", "-pk")

    def create(self, request: Request) -> Response:
        """Make a draft."""
        return self._make(request, self.checked(request))

    def update(self, request: Request, pk: UUID) -> Response:
        """Make a draft under this id, or change the campaign."""
        kept = self.existing(pk)
        data = self.checked(request, id=str(pk))
        return self._make(request, data) if kept is None else self._change(kept, data)

    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change some fields."""
        kept = self.get_object()
        return self._change(kept, self.checked(request, kept, partial=True))

    @extend_schema(responses=s.CampaignSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=Nothing)
    def start(self, request: Request, pk: UUID) -> Response:
        """Show the coins of the open wave, close its list, and let links count."""
        return self._act(request, service.start_campaign)

    @extend_schema(responses=s.CampaignSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=Nothing)
    def end(self, request: Request, pk: UUID) -> Response:
        """End it: links say so and count no more."""
        return self._act(request, service.end_campaign)

    @extend_schema(responses=s.CampaignSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.SentSerializer)
    def sent(self, request: Request, pk: UUID) -> Response:
        """Say on which day the latest wave was sent."""
        kept, data = self.get_object(), self.checked(request)
        service.mark_sent(wave=kept.waves.order_by("-number")[0], on=data["on"])
        return self._shown(kept)

    @extend_schema(responses=s.CampaignSerializer)  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.SentAgainSerializer, url_path="sent-again")
    def sent_again(self, request: Request, pk: UUID) -> Response:
        """Say on which day those who had done nothing were sent it again (`members/?did=unopened`), or take that back."""
        kept, data = self.get_object(), self.checked(request)
        service.mark_sent_again(campaign=kept, on=data["on"], again=data["again"])
        return self._shown(kept)

    @extend_schema(responses={200: s.AddedSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.MembersSerializer)
    def members(self, request: Request, pk: UUID) -> Response:
        """Add partners, people, or everybody of a query of the list (by a worker, then `waits` says how many)."""
        kept, data = self.get_object(), self.checked(request)
        if "query" in data:
            whom = data.get("whom", Whom.PARTNER)
            wave = members.add_by_filter(campaign=kept, query=data["query"], whom=whom)
            return Response({"added": 0, "waits": wave.total})
        added = members.add_members(
            campaign=kept, partners=data.get("partners", ()), contacts=data.get("contacts", ())
        )
        return Response({"added": added, "waits": 0})

    @extend_schema(responses={200: s.ChangedSerializer})  # type: ignore[untyped-decorator]
    @action(
        detail=True,
        methods=["post"],
        serializer_class=s.AttendanceSerializer,
        permission_classes=[Needs(Right.ACTIVITY_VIEW, Right.ACTIVITY_WRITE)],
    )
    def attendance(self, request: Request, pk: UUID) -> Response:
        """Note who came to the event, or take it back."""
        kept, data = self.get_object(), self.checked(request)
        count = members.set_attended(campaign=kept, members=data["members"], attended=data["attended"])
        return Response({"changed": count})

    @extend_schema(responses={200: s.ChangedSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], serializer_class=s.ReachSerializer)
    def reach(self, request: Request, pk: UUID) -> Response:
        """Note which letters came back, and who wants no more."""
        kept, data = self.get_object(), self.checked(request)
        count = members.set_reach(campaign=kept, members=data["members"], reach=data["reach"])
        return Response({"changed": count})

    @extend_schema(methods=["get"], responses=s.LinkSerializer(many=True))  # type: ignore[untyped-decorator]
    @extend_schema(methods=["post"], responses={201: s.LinkSerializer})  # type: ignore[untyped-decorator]
    @action(
        detail=True,
        methods=["get", "post"],
        serializer_class=s.LinkSerializer,
        pagination_class=None,
        filterset_class=None,
    )
    def links(self, request: Request, pk: UUID) -> Response:
        """List the addresses that links may lead to, or add one."""
        kept = self.get_object()
        if request.method == "GET":
            return Response(s.LinkSerializer(kept.links.all(), many=True).data)
        data = self.checked(request)
        made = service.add_link(campaign=kept, label=data["label"], url=data["url"])
        return Response(s.LinkSerializer(made).data, status=status.HTTP_201_CREATED)

    def _act(self, request: Request, act: Callable[..., Campaign]) -> Response:
        kept = self.get_object()
        self.checked(request)
        act(campaign=kept)
        return self._shown(kept)

    def _shown(self, kept: Campaign) -> Response:
        return Response(s.CampaignSerializer(self.get_queryset().get(pk=kept.pk)).data)

    def _make(self, request: Request, data: Body) -> Response:
        was_there = "id" in data and self.existing(data["id"]) is not None
        made = service.create_campaign(
            details=s.CampaignSerializer.details(data),
            owner=caller(request).membership,
            campaign_id=data.get("id"),
        )
        return self.answer(made, created=not was_there)

    def _change(self, kept: Campaign, data: Body) -> Response:
        if "id" in data and data["id"] != kept.pk:
            raise Refused("The id stays.", field="id", code="id_taken")
        return self.answer(
            service.change_campaign(campaign=kept, details=s.CampaignSerializer.details(data, kept))
        )


class MemberViewSet(ReadViewSet[Member]):
    """Members of campaigns, with what is known of them, at least."""

    permission_classes = [Needs(Right.ACTIVITY_VIEW)]
    serializer_class = s.MemberSerializer
    filterset_class = MemberFilter

    def get_queryset(self) -> QuerySet[Member]:
        """By id."""
        return Member.objects.select_related("partner", "wave").order_by("pk")
