"""Insights, competitors and differentiators in the API."""

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from activities.market.budgets.models import Opportunity
from activities.market.competition.models import LONGEST_CLAIM, Insight
from activities.market.competition.service import InsightInput
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.names.models import Competitor, Differentiator
from orders.catalogue.models import Product
from partners.merges.serializers import PartnerField
from prm.api.fields import AmountField, DayField, RowField
from prm.api.serializers import Strict
from prm.api.views import Body
from prm.core.errors import Refused
from prm.core.fields import LONGEST_TEXT
from prm.tenancy.context import current_tenant


class NamedReasonSerializer(serializers.Serializer[Differentiator]):
    """What decided a case, as an insight names it."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class DifferentiatorField(RowField):
    """A differentiator: sent as its id, answered with its name (see `InsightSerializer`)."""


class _DifferentiatorSchema(OpenApiSerializerFieldExtension):
    """Says both in the API's description."""

    target_class = DifferentiatorField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> Body:
        """Take an id on the way in, give id and name on the way out."""
        if direction == "request":
            return {"type": "string", "format": "uuid"}
        reference: Body = auto_schema.resolve_serializer(NamedReasonSerializer, direction).ref
        return reference


class InsightFields(Strict[Insight]):
    """What an insight says; competitor and differentiators by id or by (new) name."""

    competitor = RowField(queryset=Competitor.objects, required=False)
    competitor_name = serializers.CharField(max_length=120, required=False, write_only=True)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    happened_on = DayField(required=False)
    note = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, default="")
    claim = serializers.CharField(max_length=LONGEST_CLAIM, required=False, allow_blank=True, default="")
    amount = AmountField(required=False, allow_null=True, default=None)
    currency = serializers.CharField(max_length=3, required=False, allow_blank=True, default="")
    product = RowField(queryset=Product.objects, required=False, allow_null=True, default=None)
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a field of the body, not of REST framework
        choices=Source.choices, required=False, allow_blank=True, default=""
    )
    confidence = serializers.ChoiceField(
        choices=Confidence.choices, required=False, allow_blank=True, default=""
    )
    differentiators = DifferentiatorField(queryset=Differentiator.objects, many=True, required=False)
    differentiator_names = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, write_only=True, max_length=10
    )
    opportunity = RowField(queryset=Opportunity.objects, required=False, allow_null=True, default=None)

    def validate(self, attrs: Body) -> Body:
        """Require a competitor, given one way or the other and not both."""
        if attrs.get("competitor") and attrs.get("competitor_name"):
            raise serializers.ValidationError(
                {"competitor_name": "Give the competitor's id or a name, not both."}, code="ambiguous"
            )
        if not (attrs.get("competitor") or attrs.get("competitor_name") or self.partial):
            raise serializers.ValidationError(
                {"competitor": "Give the competitor's id here, or a name in competitor_name."},
                code="required",
            )
        return attrs


def insight_input(data: Body, kept: Insight | None = None) -> InsightInput:
    """Return validated data as the services take it; what is missing comes from ``kept``."""
    named = [*data.get("differentiators", []), *data.get("differentiator_names", [])]
    if kept and "differentiators" not in data and "differentiator_names" not in data:
        rows = kept.differentiators.select_related("differentiator", "noted_as")
        named = [row.noted_as or row.differentiator for row in rows]
    amount = data.get("amount", kept.amount if kept else None)
    if amount is None and data.get("currency") not in ("", None, current_tenant().currency):
        raise Refused("A currency needs an amount.", field="currency", code="not_taken")
    return InsightInput(
        competitor=data.get("competitor_name") or data.get("competitor") or (kept.competitor if kept else ""),
        outcome=data.get("outcome", kept.outcome if kept else ""),
        happened_on=data.get("happened_on", kept.happened_on if kept else None),
        note=data.get("note", kept.note if kept else ""),
        claim=data.get("claim", kept.claim if kept else ""),
        amount=amount,
        currency=data.get("currency", kept.currency if kept else ""),
        product=data.get("product", kept.product if kept else None),
        source=data.get("source", kept.source if kept else ""),
        confidence=data.get("confidence", kept.confidence if kept else ""),
        differentiators=named,
        opportunity=data.get("opportunity", kept.opportunity if kept else None),
    )


class InsightSerializer(InsightFields):
    """An insight with its partner. ``id`` may be minted by the caller."""

    id = serializers.UUIDField(required=False)
    partner = PartnerField()
    partner_name = serializers.CharField(source="partner.name", read_only=True)
    rep = RowField(read_only=True, allow_null=True)
    visit = RowField(read_only=True, allow_null=True)
    created_at = serializers.DateTimeField(read_only=True)

    def to_representation(self, instance: Insight) -> dict[str, object]:
        """Return the insight with competitor and differentiators by id and name."""
        return {
            "id": str(instance.pk),
            "partner": str(instance.partner_id),
            "partner_name": instance.partner.name,
            "competitor": str(instance.competitor_id),
            "competitor_name": instance.competitor.name,
            "outcome": instance.outcome,
            "happened_on": instance.happened_on.isoformat(),
            "note": instance.note,
            "claim": instance.claim,
            "product": instance.product_id and str(instance.product_id),
            "source": instance.source,
            "confidence": instance.confidence,
            "currency": instance.currency,
            "amount": None if instance.amount is None else f"{instance.amount:.2f}",
            "differentiators": [{"id": str(one.pk), "name": one.name} for one in instance.reasons],
            "opportunity": instance.opportunity_id and str(instance.opportunity_id),
            "visit": instance.visit_id and str(instance.visit_id),
            "rep": instance.rep_id and str(instance.rep_id),
            "created_at": instance.created_at.isoformat(),
        }
