"""Tier proposals and reviews by API."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.directory.models import Partner
from partners.reviews import service
from partners.reviews.cycle import service as cycles
from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.cycle.queries import decisions, to_decide, unsettled
from partners.reviews.letters import service as letter_service
from partners.reviews.letters.queries import deserving, letters, template
from partners.reviews.models import ReviewComment, TierReview
from partners.reviews.serializers import (
    CommentSerializer,
    CycleDecisionSerializer,
    CycleSerializer,
    DecisionSerializer,
    LetterSerializer,
    ManySerializer,
    OpenSerializer,
    ProposalSerializer,
    ReopenSerializer,
    ReviewSerializer,
)
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet
from prm.core.calendar import today
from prm.core.errors import Refused


class ProposalViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Partner]):
    """Tier changes that wait for a decision; `id` is the partner's."""

    serializer_class = ProposalSerializer
    permission_classes = [Needs(Right.TIER_DECIDE)]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Partner]:
        """Everybody with an open proposal, by name; while a review is open, those not decided in it."""
        waiting = to_decide(unsettled(), today(caller(self.request).tenant))
        return waiting.with_standing().order_by("name", "pk")

    @extend_schema(
        request=DecisionSerializer, responses={201: ReviewSerializer, 202: CycleDecisionSerializer}
    )  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: UUID) -> Response:
        """Accept, hold or override one proposal. 201: in force at once; 202: kept in the open review until it is signed."""
        form = DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        partner = get_object_or_404(Partner, pk=pk)
        by, said = caller(request).membership, dict(form.validated_data)
        cycle = unsettled()
        if cycle is None:
            review = service.decide_tier(partner.pk, by=by, **said)
            return Response(ReviewSerializer(review).data, status=status.HTTP_201_CREATED)
        asked = service.Asked(partner.pk, said.pop("from_tier"), said.pop("proposed_tier"))
        done = cycles.note_decisions(cycle.pk, [asked], by=by, **said)
        if not done.kept:
            raise Refused(done.refused[0], code="stale")
        return Response(CycleDecisionSerializer(done.kept[0]).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=ManySerializer, responses={200: OpenApiTypes.OBJECT})  # type: ignore[untyped-decorator]
    @action(detail=False, methods=["post"], url_path="decide-many")
    def decide_many(self, request: Request) -> Response:
        """Decide about several alike: `decided` are ids of reviews, or of decisions of the open review; `refused` says why others are not."""
        form = ManySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        asked = [
            service.Asked(one["partner"], one["from_tier"], one["proposed_tier"])
            for one in said.pop("proposals")
        ]
        by, cycle = caller(request).membership, unsettled()
        if cycle is None:
            signed = service.decide_many(asked, by=by, **said)
            decided, refused = [str(one.pk) for one in signed.reviews], signed.refused
        else:
            noted = cycles.note_decisions(cycle.pk, asked, by=by, **said)
            decided, refused = [str(one.pk) for one in noted.kept], noted.refused
        return Response({"decided": decided, "refused": refused})


class ReviewViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[TierReview]):
    """Decisions about tiers, newest first."""

    serializer_class = ReviewSerializer
    permission_classes = [Needs(Right.STANDING_VIEW)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner", "decision", "decided_tier"]

    def get_queryset(self) -> QuerySet[TierReview]:
        """All reviews of the tenant."""
        return TierReview.objects.select_related("signed_by__user")


class CycleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ReviewCycle]):
    """Reviews of a quarter, the latest first."""

    serializer_class = CycleSerializer
    permission_classes = [Needs(Right.TIER_DECIDE)]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[ReviewCycle]:
        """All reviews of the tenant."""
        return ReviewCycle.objects.select_related("signed_by__user", "second_by__user")

    @extend_schema(request=OpenSerializer, responses={201: CycleSerializer})  # type: ignore[untyped-decorator]
    def create(self, request: Request) -> Response:
        """Open a review; refused while another is not signed."""
        form = OpenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = cycles.open_cycle(by=caller(request).membership, **form.validated_data)
        return Response(CycleSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: CycleSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: UUID) -> Response:
        """Sign it, first or second; signing what is signed changes nothing."""
        cycle = get_object_or_404(ReviewCycle, pk=pk)
        return Response(CycleSerializer(cycles.sign_cycle(cycle.pk, by=caller(request).membership)).data)

    @extend_schema(request=ReopenSerializer, responses={200: CycleSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: UUID) -> Response:
        """Open it again before it is in force, with a reason."""
        form = ReopenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        cycle = get_object_or_404(ReviewCycle, pk=pk)
        by = caller(request).membership
        return Response(CycleSerializer(cycles.reopen_cycle(cycle.pk, by=by, **form.validated_data)).data)

    @extend_schema(responses={200: CycleDecisionSerializer(many=True)})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["get"])
    def decisions(self, request: Request, pk: UUID) -> Response:
        """Return what was decided in it, a page at a time."""
        cycle = get_object_or_404(ReviewCycle, pk=pk)
        assert self.paginator is not None
        page = self.paginator.paginate_queryset(decisions(cycle), request, view=self)
        return self.get_paginated_response(CycleDecisionSerializer(page, many=True).data)

    @extend_schema(responses={200: LetterSerializer(many=True)})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["get"])
    def letters(self, request: Request, pk: UUID) -> Response:
        """Return the letters of a signed review, a page at a time."""
        cycle = get_object_or_404(ReviewCycle.objects.select_related("signed_by__user"), pk=pk)
        assert self.paginator is not None
        page = self.paginator.paginate_queryset(deserving(cycle), request, view=self)
        written = LetterSerializer(letters(page or [], template()), many=True)  # type: ignore[arg-type]  # of the list, by many
        return self.get_paginated_response(written.data)

    @extend_schema(request=None, responses={202: OpenApiTypes.OBJECT})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"], url_path="send-letters")
    def send_letters(self, request: Request, pk: UUID) -> Response:
        """Send the letters that have an address and were not sent yet, in the background; `letters` is how many."""
        cycle = get_object_or_404(ReviewCycle, pk=pk)
        return Response({"letters": letter_service.send_letters(cycle)}, status=status.HTTP_202_ACCEPTED)


class CommentViewSet(ServiceViewSet[ReviewComment]):
    """What reps say about partners for the next review, the latest first."""

    serializer_class = CommentSerializer
    permission_classes = [Needs(Right.STANDING_VIEW, Right.ACTIVITY_WRITE)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner"]

    def get_queryset(self) -> QuerySet[ReviewComment]:
        """All of the tenant."""
        return ReviewComment.objects.all()

    def create(self, request: Request) -> Response:
        """Say something about a partner."""
        data = self.checked(request)
        made = service.add_comment(data["partner"].pk, text=data["text"], by=caller(request).membership)
        return self.answer(made, created=True)
