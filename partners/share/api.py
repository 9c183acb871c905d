"""Estimates by API."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import mixins, viewsets

from partners.share import service
from partners.share.models import ShareEstimate
from partners.share.serializers import EstimateSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller


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
        by = caller(self.request).membership
        serializer.instance = service.add_estimate(partner.pk, by=by, **data)
