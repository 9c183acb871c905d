"""The API of the partners app, under /api/v1/<tenant>/: same rights and services as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.filters import OrderingFilter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from partners import reviews, services
from partners.filters import PartnerFilter
from partners.models import Partner, ReferralCode, ShareEstimate, TierReview
from partners.serializers import (
    CodeSerializer,
    DecisionSerializer,
    EstimateSerializer,
    PartnerSerializer,
    ProposalSerializer,
    ReviewSerializer,
)
from prm.tenancy.calendar import today
from prm.tenancy.drf import Needs
from prm.tenancy.http import TenantRequest
from prm.tenancy.permissions import Right, allows


def _caller(request: Request) -> TenantRequest:
    return request._request  # type: ignore[return-value]  # the middleware's request


class PartnerViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.UpdateModelMixin,
    viewsets.GenericViewSet[Partner],
):
    """Partners with codes and standing. Filters are those of the list page."""

    serializer_class = PartnerSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [DjangoFilterBackend, OrderingFilter]
    filterset_class = PartnerFilter
    ordering_fields = ["name", "standing__revenue_12m", "standing__score", "updated_at"]
    ordering = ["name", "id"]
    http_method_names = ["get", "head", "options", "post", "patch"]

    def get_queryset(self) -> QuerySet[Partner]:
        """All partners of the tenant, active or not."""
        return Partner.objects.with_standing().prefetch_related("codes")

    def get_serializer_context(self) -> dict[str, Any]:
        """Say whether this caller may see standings."""
        shown = allows(_caller(self.request), Right.STANDING_VIEW) if self.request else False
        return {**super().get_serializer_context(), "with_standing": shown}

    def perform_create(self, serializer: Any) -> None:
        """Create through the service, codes included."""
        data = dict(serializer.validated_data)
        data.pop("version", None)
        codes = [(code["scheme"], code["code"]) for code in data.pop("codes", [])]
        serializer.instance = services.create_partner(codes=codes, **data)

    def perform_update(self, serializer: Any) -> None:
        """Change through the service; with `version` a clash is refused. Codes have an address of their own."""
        data = dict(serializer.validated_data)
        data.pop("codes", None)
        version = data.pop("version", None)
        services.update_partner(serializer.instance.pk, expected_version=version, **data)
        serializer.instance = self.get_queryset().get(pk=serializer.instance.pk)


class CodeViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    mixins.DestroyModelMixin,
    viewsets.GenericViewSet[ReferralCode],
):
    """Referral codes."""

    serializer_class = CodeSerializer
    permission_classes = [Needs(Right.PARTNER_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["partner", "scheme", "normal"]

    def get_queryset(self) -> QuerySet[ReferralCode]:
        """All codes of the tenant."""
        return ReferralCode.objects.all()

    def perform_create(self, serializer: Any) -> None:
        """Add through the service; the same code again is answered with what is there."""
        data = serializer.validated_data
        serializer.instance = services.add_code(
            data["partner"].pk, scheme=data.get("scheme", ""), code=data["code"]
        )

    def perform_destroy(self, instance: ReferralCode) -> None:
        """Remove through the service."""
        services.remove_code(instance.pk)


class EstimateViewSet(
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    mixins.CreateModelMixin,
    viewsets.GenericViewSet[ShareEstimate],
):
    """Estimates of partners' total orders."""

    serializer_class = EstimateSerializer
    permission_classes = [Needs(Right.STANDING_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [DjangoFilterBackend]
    filterset_fields = ["partner", "source"]

    def get_queryset(self) -> QuerySet[ShareEstimate]:
        """All estimates of the tenant."""
        return ShareEstimate.objects.all()

    def perform_create(self, serializer: Any) -> None:
        """Add through the service, signed by the caller."""
        data = dict(serializer.validated_data)
        partner = data.pop("partner")
        by = _caller(self.request).membership
        serializer.instance = services.add_estimate(partner.pk, by=by, **data)


class ProposalViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Partner]):
    """Tier changes that wait for a decision; `id` is the partner's."""

    serializer_class = ProposalSerializer
    permission_classes = [Needs(Right.TIER_DECIDE)]

    def get_queryset(self) -> QuerySet[Partner]:
        """Everybody with an open proposal, by name."""
        waiting = Partner.objects.active().with_standing()
        return waiting.awaiting_decision(today(_caller(self.request).tenant)).order_by("name", "pk")

    @extend_schema(request=DecisionSerializer, responses={201: ReviewSerializer})  # type: ignore[untyped-decorator]
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str, **kwargs: Any) -> Response:
        """Accept, hold or override one proposal."""
        form = DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        partner = get_object_or_404(Partner, pk=pk)
        by = _caller(request).membership
        review = reviews.decide_tier(partner.pk, by=by, **form.validated_data)
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


router = SimpleRouter()
router.register("partners", PartnerViewSet, basename="api-partner")
router.register("partner-codes", CodeViewSet, basename="api-partner-code")
router.register("share-estimates", EstimateViewSet, basename="api-share-estimate")
router.register("tier-proposals", ProposalViewSet, basename="api-tier-proposal")
router.register("tier-reviews", ReviewViewSet, basename="api-tier-review")
urlpatterns = router.urls
