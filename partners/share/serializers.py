"""Estimates in the API."""

from partners.directory.serializers import Fields, bound_to_tenant
from partners.share.models import EstimateRequest, ShareEstimate
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


class EstimateRequestSerializer(StrictModel[EstimateRequest]):
    """A question to a partner's rep: what they order in all, here and elsewhere."""

    class Meta:
        model = EstimateRequest
        fields = ("id", "partner", "note", "state", "asked_by", "asked_at", "closed_at", "estimate")
        read_only_fields = ("id", "state", "asked_by", "asked_at", "closed_at", "estimate")

    def get_fields(self) -> Fields:
        """Bind the choice of partners to the tenant in scope."""
        return bound_to_tenant(super().get_fields())
