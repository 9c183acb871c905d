"""Visits in the API."""

from rest_framework import serializers

from activities.market.budgets.serializers import BudgetFields
from activities.market.competition.serializers import InsightFields
from activities.visits.models import Visit
from activities.visits.service import VisitInput
from activities.visits.states import Purpose
from partners.contacts.models import Contact
from partners.merges.serializers import PartnerField
from prm.accounts.models import Membership
from prm.api.fields import DayField, MomentField, RowField
from prm.api.serializers import Strict, StrictModel
from prm.api.views import Body
from prm.core.fields import LONGEST_TEXT
from prm.ownfields.serializers import OwnValuesField


class StepSerializer(Strict[object]):
    """Whether the promise is kept."""

    done = serializers.BooleanField(required=False, default=True)


class StepDoneSerializer(StrictModel[Visit]):
    """When the promise was kept; null while it is open."""

    class Meta:
        model = Visit
        fields = ("id", "next_step_done_at")


class VisitSerializer(StrictModel[Visit]):
    """A visit, on the way in with an insight and a budget update if there are any.

    ``id`` may be minted by the caller: sending the same visit again changes nothing. ``rep`` is the
    caller unless a manager names another member.
    """

    id = serializers.UUIDField(required=False)
    partner = PartnerField()
    partner_name = serializers.CharField(source="partner.name", read_only=True)
    rep = RowField(queryset=Membership.objects, required=False)
    happened_at = MomentField()
    next_step_due = DayField(required=False, allow_null=True)
    met = RowField(queryset=Contact.objects, required=False, allow_null=True)
    insight = InsightFields(required=False, write_only=True)
    budget = BudgetFields(required=False, write_only=True)
    own = OwnValuesField("visit")

    class Meta:
        model = Visit
        fields = (
            "id", "partner", "partner_name", "rep", "channel", "happened_at", "minutes", "purpose", "purpose_other",
            "learned", "met", "next_step", "next_step_due", "next_step_done_at", "created_at", "insight", "budget", "own",
        )  # fmt: skip
        read_only_fields = ("next_step_done_at", "created_at")
        extra_kwargs = {"learned": {"max_length": LONGEST_TEXT}}

    def validate(self, attrs: Body) -> Body:
        """Refuse words for a purpose that has its own."""
        purpose = attrs.get("purpose", self.instance.purpose if self.instance else "")
        if attrs.get("purpose_other") and purpose != Purpose.OTHER:
            raise serializers.ValidationError(
                {"purpose_other": "This goes with the purpose “other” only."}, code="not_taken"
            )
        return attrs

    @staticmethod
    def details(data: Body, kept: Visit | None = None) -> VisitInput:
        """Return validated data as the services take it; what is missing comes from ``kept``."""
        names = VisitInput.__dataclass_fields__
        given = {name: data[name] for name in names if name in data}
        if "met" in data:
            given["met_id"] = data["met"].pk if data["met"] else None
        before = {name: getattr(kept, name) for name in names} if kept else {}
        return VisitInput(**(before | given))
