"""Estimates in the API."""

from partners.directory.serializers import Fields, bound_to_tenant
from partners.share.models import ShareEstimate
from prm.api.serializers import StrictModel


class EstimateSerializer(StrictModel[ShareEstimate]):
    """An estimate of all a partner's orders in a year, with its 90 % range."""

    class Meta:
        model = ShareEstimate
        fields = ("id", "partner", "low", "middle", "high", "source", "as_of", "by", "created_at")
        read_only_fields = ("id", "by", "created_at")

    def get_fields(self) -> Fields:
        """Bind the choice of partners to the tenant in scope."""
        return bound_to_tenant(super().get_fields())
