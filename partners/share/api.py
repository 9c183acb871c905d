"""Estimates by API."""

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from partners.share import service
from partners.share.models import ShareEstimate
from partners.share.serializers import EstimateSerializer
from prm.accounts.rights import Right
from prm.api.callers import Needs, caller
from prm.api.filters import FilterBackend
from prm.api.views import ServiceViewSet


class EstimateViewSet(ServiceViewSet[ShareEstimate]):
    """Estimates of partners' total orders."""

    serializer_class = EstimateSerializer
    permission_classes = [Needs(Right.STANDING_VIEW, Right.PARTNER_EDIT)]
    filter_backends = [FilterBackend]
    filterset_fields = ["partner", "source"]

    def get_queryset(self) -> QuerySet[ShareEstimate]:
        """All estimates of the tenant."""
        return ShareEstimate.objects.all()

    def create(self, request: Request) -> Response:
        """Add an estimate, signed by the caller."""
        data = self.checked(request)
        partner = data.pop("partner")
        by = caller(request).membership
        return self.answer(service.add_estimate(partner.pk, by=by, **data), created=True)
