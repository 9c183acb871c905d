"""Tier proposals and reviews by API."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from partners.directory.models import Partner
from partners.reviews import service
from partners.reviews.models import TierReview
from partners.reviews.serializers import DecisionSerializer, ProposalSerializer, ReviewSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.core.calendar import today


class ProposalViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Partner]):
    """Tier changes that wait for a decision; `id` is the partner's."""

    serializer_class = ProposalSerializer
    permission_classes = [Needs(Right.TIER_DECIDE)]
    lookup_value_converter = "uuid"

    def get_queryset(self) -> QuerySet[Partner]:
        """Everybody with an open proposal, by name."""
        waiting = Partner.objects.active().with_standing()
        return waiting.awaiting_decision(today(caller(self.request).tenant)).order_by("name", "pk")

    @extend_schema(request=DecisionSerializer, responses={201: ReviewSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: UUID) -> Response:
        """Accept, hold or override one proposal."""
        form = DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        partner = get_object_or_404(Partner, pk=pk)
        by = caller(request).membership
        review = service.decide_tier(partner.pk, by=by, **form.validated_data)
        return Response(ReviewSerializer(review).data, status=status.HTTP_201_CREATED)


class ReviewViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[TierReview]):
    """Decisions about tiers, newest first."""

    serializer_class = ReviewSerializer
    permission_classes = [Needs(Right.STANDING_VIEW)]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["partner", "decision", "decided_tier"]

    def get_queryset(self) -> QuerySet[TierReview]:
        """All reviews of the tenant."""
        return TierReview.objects.select_related("signed_by__user")
