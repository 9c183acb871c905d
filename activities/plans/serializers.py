"""Call plans in the API."""

from activities.plans.models import CallPlan
from partners.merges.serializers import PartnerField
from prm.api.fields import DayField
from prm.api.serializers import StrictModel


class CallPlanSerializer(StrictModel[CallPlan]):
    """How often a partner is to be visited, from a day on. The same partner and day again changes the plan."""

    partner = PartnerField()
    valid_from = DayField(required=False)

    class Meta:
        model = CallPlan
        fields = ("id", "partner", "visits", "months", "valid_from", "created_at")
        read_only_fields = ("id", "created_at")
        validators: tuple[object, ...] = ()
