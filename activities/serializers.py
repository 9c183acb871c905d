"""API input and output. Input is checked for shape here, for rules in the services."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from activities.days import BadDay, parse_day
from activities.models import (
    BudgetUpdate,
    CallPlan,
    Competitor,
    Differentiator,
    Insight,
    Opportunity,
    Visit,
)
from activities.services import BudgetInput, InsightInput, OpportunityInput, VisitInput
from activities.states import OpportunityState, Outcome
from partners.models import Partner
from prm.tenancy.models import Membership

GONE = {"does_not_exist": "There is no such entry here.", "incorrect_type": "An id is a UUID in quotes."}


class RowField(serializers.PrimaryKeyRelatedField):
    """A row of the tenant in scope by its id; any other tenant's is simply not there."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("pk_field", serializers.UUIDField())
        kwargs.setdefault("error_messages", GONE)
        super().__init__(**kwargs)


class DifferentiatorField(RowField):
    """A differentiator: sent as its id, answered with its name (see `InsightSerializer`)."""


class _DifferentiatorSchema(OpenApiSerializerFieldExtension):
    """Says both in the API's description."""

    target_class = DifferentiatorField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """An id on the way in, id and name on the way out."""
        if direction == "request":
            return {"type": "string", "format": "uuid"}
        return cast("dict[str, Any]", auto_schema.resolve_serializer(NamedSerializer, direction).ref)


class MomentField(serializers.DateTimeField):
    """A moment with its zone; one without is refused, not guessed."""

    default_error_messages = {"naive": "Give the time with its zone, as in 2026-11-23T09:40:00+01:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        """Return an aware moment as it is."""
        if value.tzinfo is None:
            self.fail("naive")
        return value


class DayField(serializers.DateField):
    """A day; an impossible one is answered with the one that was probably meant."""

    def to_internal_value(self, value: Any) -> date:
        """Return the day. Raises ValidationError with a hint."""
        if not isinstance(value, str):
            return super().to_internal_value(value)
        try:
            return parse_day(value)
        except BadDay as error:
            raise serializers.ValidationError(str(error), code="invalid") from error


def amount_field(**options: Any) -> serializers.DecimalField:
    """An amount of money in the tenant's currency, to the cent."""
    return serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, **options)


class NamedSerializer(serializers.Serializer):
    """A competitor or differentiator. Adding a name that is there gives the row that has it."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(max_length=120)


class InsightFields(serializers.Serializer):
    """What an insight says; competitor and differentiators by id or by (new) name."""

    competitor = RowField(queryset=Competitor.objects, required=False)
    competitor_name = serializers.CharField(max_length=120, required=False, write_only=True)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    happened_on = DayField(required=False)
    note = serializers.CharField(max_length=10_000, required=False, allow_blank=True, default="")
    amount = amount_field(required=False, allow_null=True, default=None)
    differentiators = DifferentiatorField(queryset=Differentiator.objects, many=True, required=False)
    differentiator_names = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, write_only=True, max_length=10
    )
    opportunity = RowField(queryset=Opportunity.objects, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A competitor is given one way or the other."""
        if not (attrs.get("competitor") or attrs.get("competitor_name") or self.partial):
            raise serializers.ValidationError(
                {"competitor": "Give the competitor's id here, or a name in competitor_name."},
                code="required",
            )
        return attrs


def insight_input(data: Mapping[str, Any], kept: Insight | None = None) -> InsightInput:
    """Return validated data as the services take it; what is missing comes from ``kept``."""
    named = [*data.get("differentiators", []), *data.get("differentiator_names", [])]
    if kept and "differentiators" not in data and "differentiator_names" not in data:
        named = [row.differentiator for row in kept.differentiators.select_related("differentiator")]
    return InsightInput(
        competitor=data.get("competitor_name") or data.get("competitor") or (kept.competitor if kept else ""),
        outcome=data.get("outcome", kept.outcome if kept else ""),
        happened_on=data.get("happened_on", kept.happened_on if kept else None),
        note=data.get("note", kept.note if kept else ""),
        amount=data.get("amount", kept.amount if kept else None),
        differentiators=named,
        opportunity=data.get("opportunity", kept.opportunity if kept else None),
    )


class InsightSerializer(InsightFields):
    """An insight with its partner. ``id`` may be minted by the caller."""

    id = serializers.UUIDField(required=False)
    partner = RowField(queryset=Partner.objects)
    partner_name = serializers.CharField(source="partner.name", read_only=True)
    rep = RowField(read_only=True, allow_null=True)
    visit = RowField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Insight) -> dict[str, Any]:
        """The insight with competitor and differentiators by id and name."""
        shown = [row.differentiator for row in instance.differentiators.all()]
        return {
            "id": str(instance.pk),
            "partner": str(instance.partner_id),
            "partner_name": instance.partner.name,
            "competitor": str(instance.competitor_id),
            "competitor_name": instance.competitor.name,
            "outcome": instance.outcome,
            "happened_on": instance.happened_on.isoformat(),
            "note": instance.note,
            "amount": None if instance.amount is None else f"{instance.amount:.2f}",
            "differentiators": [{"id": str(one.pk), "name": one.name} for one in shown],
            "opportunity": instance.opportunity_id and str(instance.opportunity_id),
            "visit": instance.visit_id and str(instance.visit_id),
            "rep": instance.rep_id and str(instance.rep_id),
            "created_at": instance.created_at.isoformat(),
        }


class BudgetFields(serializers.Serializer):
    """A new amount or day of an open opportunity; without ``opportunity`` a new one called ``name``."""

    opportunity = RowField(queryset=Opportunity.objects, required=False, allow_null=True, default=None)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    amount = amount_field(required=False, allow_null=True, default=None)
    close_date = DayField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=10_000, required=False, allow_blank=True, default="")

    def budget(self, data: Mapping[str, Any]) -> BudgetInput:
        """Return validated data as the services take it."""
        return BudgetInput(**data)


class VisitSerializer(serializers.ModelSerializer):
    """A visit, on the way in with an insight and a budget update if there are any.

    ``id`` may be minted by the caller: sending the same visit again changes nothing. ``rep`` is the
    caller unless a manager names another member.
    """

    id = serializers.UUIDField(required=False)
    partner = RowField(queryset=Partner.objects)
    partner_name = serializers.CharField(source="partner.name", read_only=True)
    rep = RowField(queryset=Membership.objects, required=False)
    happened_at = MomentField()
    next_step_due = DayField(required=False, allow_null=True)
    insight = InsightFields(required=False, write_only=True)
    budget = BudgetFields(required=False, write_only=True)

    class Meta:
        model = Visit
        fields = (
            "id", "partner", "partner_name", "rep", "channel", "happened_at", "minutes", "purpose", "purpose_other",
            "learned", "next_step", "next_step_due", "next_step_done_at", "created_at", "insight", "budget",
        )  # fmt: skip
        read_only_fields = ("next_step_done_at", "created_at")
        extra_kwargs = {"learned": {"max_length": 10_000}}

    @staticmethod
    def details(data: Mapping[str, Any], kept: Visit | None = None) -> VisitInput:
        """Return validated data as the services take it; what is missing comes from ``kept``."""
        names = VisitInput.__dataclass_fields__
        given = {name: data[name] for name in names if name in data}
        before = {name: getattr(kept, name) for name in names} if kept else {}
        return VisitInput(**(before | given))


class OpportunitySerializer(serializers.ModelSerializer):
    """An opportunity. Changing amount or day adds a budget update."""

    id = serializers.UUIDField(required=False)
    partner = RowField(queryset=Partner.objects)
    partner_name = serializers.CharField(source="partner.name", read_only=True)
    owner = RowField(queryset=Membership.objects, required=False, allow_null=True)
    amount = amount_field()
    currency = serializers.CharField(max_length=3, required=False)
    close_date = DayField()
    note = serializers.CharField(max_length=10_000, required=False, write_only=True)

    class Meta:
        model = Opportunity
        fields = (
            "id", "partner", "partner_name", "name", "stage", "amount", "currency", "close_date", "state",
            "closed_at", "owner", "created_at", "note",
        )  # fmt: skip
        read_only_fields = ("state", "closed_at", "created_at")

    @staticmethod
    def details(data: Mapping[str, Any]) -> OpportunityInput:
        """Return validated data as the services take it."""
        names = OpportunityInput.__dataclass_fields__
        return OpportunityInput(**{name: data[name] for name in names if name in data})


class CloseSerializer(serializers.Serializer):
    """How an opportunity ended."""

    state = serializers.ChoiceField(choices=[OpportunityState.WON, OpportunityState.LOST])


class BudgetUpdateSerializer(serializers.ModelSerializer):
    """One row of an opportunity's budget history; ``amount`` and ``close_date`` are the new values."""

    id = serializers.UUIDField(required=False)
    opportunity = RowField(queryset=Opportunity.objects)
    amount = amount_field(write_only=True, required=False)
    close_date = DayField(write_only=True, required=False)
    visit = RowField(read_only=True, allow_null=True)
    reverses = RowField(read_only=True, allow_null=True)
    by = RowField(read_only=True, allow_null=True)

    class Meta:
        model = BudgetUpdate
        fields = (
            "id", "opportunity", "amount", "close_date", "old_amount", "new_amount", "old_close", "new_close",
            "note", "visit", "reverses", "by", "at",
        )  # fmt: skip
        read_only_fields = ("old_amount", "new_amount", "old_close", "new_close", "at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Something is to change."""
        if "amount" not in attrs and "close_date" not in attrs:
            raise serializers.ValidationError(
                {"amount": "Give a new amount or a new close_date."}, code="required"
            )
        return attrs


class CallPlanSerializer(serializers.ModelSerializer):
    """How often a partner is to be visited, from a day on. The same partner and day again changes the plan."""

    partner = RowField(queryset=Partner.objects)
    valid_from = DayField(required=False)

    class Meta:
        model = CallPlan
        fields = ("id", "partner", "visits", "months", "valid_from", "created_at")
        read_only_fields = ("id", "created_at")
        validators: tuple[Any, ...] = ()
