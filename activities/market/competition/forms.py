"""Input of insights."""

from collections.abc import Sequence
from typing import Unpack

from django import forms
from django.http import QueryDict

from activities.market.competition.models import LONGEST_CLAIM, Insight
from activities.market.competition.queries import frequent_names
from activities.market.competition.service import InsightInput
from activities.market.competition.states import Confidence, Outcome, Source
from activities.market.forms import offer_partners, partner_field
from activities.market.names.models import Competitor, Differentiator
from activities.market.names.pickers import COMPETITORS
from orders.catalogue.choosing import PRODUCTS
from orders.catalogue.models import Product
from partners.directory.models import Partner
from prm.core import calendar
from prm.core.fields import LONGEST_TEXT
from prm.core.ids import uuid7
from prm.core.money import ISO_4217
from prm.core.numbers import typed_amount
from prm.tenancy.context import current_tenant
from prm.ui.fields import AmountField, Cleaned, DayField, FormOptions
from prm.ui.pickers.fields import NameField, PickerField


class InsightForm(forms.Form):
    """One fact about the competition: chips for what is known, words for what is new."""

    competitor = forms.ChoiceField(label="Who", required=False, widget=forms.RadioSelect)
    competitor_new = NameField(COMPETITORS, label="Another competitor", max_length=120)
    outcome = forms.ChoiceField(
        label="What happened",
        choices=Outcome,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
        error_messages={"required": "Choose one of these."},
    )
    differentiators = forms.MultipleChoiceField(
        label="Because of", required=False, widget=forms.CheckboxSelectMultiple
    )
    differentiators_new = forms.CharField(
        label="Another reason", required=False, max_length=400, help_text="Several with commas between them."
    )
    claim = forms.CharField(
        label="What they say",
        required=False,
        max_length=LONGEST_CLAIM,
        help_text="In their words: “Seen within a week.”",
    )
    product = PickerField(PRODUCTS, label="Product or service", required=False)
    amount = AmountField(label="Amount at stake", required=False)
    note = forms.CharField(
        label="Note", required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *, insight: Insight | None = None, **options: Unpack[FormOptions]) -> None:
        if insight is not None:
            options["initial"] = self.initial_of(insight) | options.get("initial", {})
        super().__init__(**options)
        self.kept = insight
        self.opportunity = insight.opportunity if insight else None
        if not Product.objects.exists():
            del self.fields["product"]
        named = [(str(insight.competitor_id), insight.competitor.name)] if insight else []
        reasons = [(str(one.pk), one.name) for one in insight.reasons] if insight else []
        self._offer("competitor", named, frequent_names(Competitor))
        self._offer("differentiators", reasons, frequent_names(Differentiator))

    def _offer(self, name: str, own: Sequence[tuple[str, str]], usual: Sequence[tuple[str, str]]) -> None:
        choices = [*own, *(choice for choice in usual if choice not in own)]
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields[name].error_messages["invalid_choice"] = "There is no such entry here. Choose again."

    @staticmethod
    def initial_of(insight: Insight) -> dict[str, object]:
        """Return the values of an insight that is corrected."""
        return {
            "competitor": str(insight.competitor_id),
            "outcome": insight.outcome,
            "differentiators": [str(one.pk) for one in insight.reasons],
            "claim": insight.claim,
            "product": insight.product and insight.product.main,
            "amount": typed_amount(insight.amount),
            "currency": insight.currency,
            "source": insight.source,
            "confidence": insight.confidence,
            "note": insight.note,
            "happened_on": insight.happened_on,
        }

    def clean(self) -> Cleaned:
        """Require a competitor, chosen or named."""
        data = super().clean() or {}
        named = data.get("competitor") or data.get("competitor_new") or "competitor" in self.errors
        if self.has_changed() and not named:
            self.add_error("competitor", "Choose who it was, or write a new name.")
        return data

    def insight(self) -> InsightInput:
        """Return the insight as the services take it; call after ``is_valid()``."""
        data = self.cleaned_data
        known = Differentiator.objects.filter(pk__in=data["differentiators"])
        new = data["competitor_new"].strip()
        return InsightInput(
            competitor=new or Competitor.objects.get(pk=data["competitor"]),
            outcome=data["outcome"],
            happened_on=data.get("happened_on"),
            note=data["note"],
            claim=data["claim"],
            amount=data["amount"],
            currency=data.get("currency", ""),
            product=data.get("product"),
            source=data.get("source", ""),
            confidence=data.get("confidence", ""),
            differentiators=[*known, *_names(data["differentiators_new"])],
            opportunity=self.opportunity,  # not on the page, and not to be lost by it
        )


def _names(typed: str) -> list[str]:
    """Return names that were separated by commas or lines."""
    return [name for name in (part.strip() for part in typed.replace("\n", ",").split(",")) if name]


class InsightPageForm(InsightForm):
    """An insight on its own: with its partner, its day and an id of its own."""

    insight_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    partner = partner_field()
    happened_on = DayField(label="When")
    currency = forms.ChoiceField(label="Currency", required=False)
    source = forms.ChoiceField(
        label="Who says so",
        required=False,
        choices=[("", "Not said"), *Source.choices],
        widget=forms.RadioSelect,
    )
    confidence = forms.ChoiceField(
        label="How sure",
        required=False,
        choices=[("", "Not said"), *Confidence.choices],
        widget=forms.RadioSelect,
    )

    field_order = ("insight_id", "partner", "competitor", "competitor_new", "outcome", "happened_on")

    def __init__(
        self, data: QueryDict | None = None, *, insight: Insight | None = None, partner: Partner | None = None
    ) -> None:
        initial: dict[str, object] = {"insight_id": uuid7(), "partner": partner}
        if insight is None:
            initial["happened_on"] = calendar.today(current_tenant())
        super().__init__(data=data, insight=insight, initial=initial)
        offer_partners(self, fixed=partner)
        others = sorted(ISO_4217 - {current_tenant().currency})
        self.fields["currency"].choices = [  # type: ignore[attr-defined]
            ("", current_tenant().currency),
            *((code, code) for code in others),
        ]
