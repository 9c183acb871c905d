"""Input of the pages. Every choice is bound to the tenant in scope when the form is made."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Count

from activities.fields import AmountField, DayField, MomentField
from activities.models import Competitor, Differentiator, Insight, Opportunity, Visit
from activities.services import BudgetInput, InsightInput, OpportunityInput, VisitInput
from activities.states import Channel, Outcome, Purpose, Stage
from activities.today import PERIOD_WORDS
from partners.models import Partner
from prm.tenancy import calendar, clock
from prm.tenancy.context import current_tenant
from prm.tenancy.errors import Refused
from prm.tenancy.ids import uuid7
from prm.ui.formatting import day as day_words
from prm.ui.formatting import money

MOST_CHIPS = 6
NEW = "new"
PICK = {"required": "Choose one of these."}


class ServiceForm(forms.Form):
    """A form whose input a service may still refuse: the refusal goes to its field, nothing is lost."""

    @property
    def is_used(self) -> bool:
        """Whether anything was typed into this part of a page that was sent."""
        return self.is_bound and self.has_changed()

    def refuse(self, error: Refused) -> None:
        """Show a service's refusal beside its field, or above the form when it has none here."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class VisitForm(ServiceForm):
    """What happened in one visit."""

    channel = forms.ChoiceField(
        label="How",
        choices=Channel,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
        error_messages=PICK,
    )
    purpose = forms.ChoiceField(
        label="Purpose", choices=Purpose, widget=forms.RadioSelect, error_messages=PICK
    )
    learned = forms.CharField(
        label="What did you learn?",
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="No names of patients or policy holders. You can dictate.",
    )
    next_step = forms.CharField(label="Next step", required=False, max_length=200)
    next_step_due = DayField(label="Due", required=False)
    happened_at = MomentField(label="When")
    minutes = forms.IntegerField(label="Minutes", required=False, min_value=1, max_value=1440)
    purpose_other = forms.CharField(label="Other purpose, in a few words", required=False, max_length=80)

    def details(self) -> VisitInput:
        """The visit as the services take it; call after ``is_valid()``."""
        return VisitInput(**{name: self.cleaned_data[name] for name in VisitForm.base_fields})

    @property
    def when_errors(self) -> bool:
        """Whether something is wrong in the part that is closed at first."""
        return any(name in self.errors for name in ("happened_at", "minutes", "purpose_other"))

    @staticmethod
    def initial_of(visit: Visit) -> dict[str, Any]:
        """The values of a visit that is corrected."""
        return {name: getattr(visit, name) for name in VisitForm.base_fields}


class LogForm(VisitForm):
    """A new visit: which partner, and the id that makes sending it again harmless."""

    visit_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    partner: "forms.ModelChoiceField[Partner]" = forms.ModelChoiceField(
        queryset=None, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.all()  # type: ignore[attr-defined]

    @staticmethod
    def fresh(partner: Partner) -> dict[str, Any]:
        """The values a new form starts with: now, in person, an id of its own."""
        return {
            "visit_id": uuid7(),
            "partner": partner.pk,
            "channel": Channel.IN_PERSON,
            "happened_at": clock.now(),
        }

    def refuse(self, error: Refused) -> None:
        """As above; the visit's id is hidden, so its refusal stands above the form."""
        super().refuse(Refused(error.message) if error.field == "id" else error)


def frequent(model: type[Competitor] | type[Differentiator], days: int = 365) -> list[tuple[str, str]]:
    """The names most used in insights of the last year, then the others by name, as choices (1 query)."""
    since = calendar.today(current_tenant()) - timedelta(days=days)
    path = "insights__happened_on" if model is Competitor else "insights__insight__happened_on"
    rows = model.objects.filter(**{f"{path}__gte": since}) | model.objects.filter(insights=None)
    ranked = rows.annotate(times=Count("insights")).order_by("-times", "name")[:MOST_CHIPS]
    return [(str(row.pk), row.name) for row in ranked]


def typed_amount(amount: Decimal | None) -> str:
    """An amount as people type it: without cents where there are none."""
    return "" if amount is None else f"{amount:.2f}".removesuffix(".00")


def names_of(typed: str) -> list[str]:
    """Names separated by commas or lines."""
    return [name for name in (part.strip() for part in typed.replace("\n", ",").split(",")) if name]


class InsightForm(ServiceForm):
    """One fact about the competition: chips for what is known, words for what is new."""

    competitor = forms.ChoiceField(label="Who", required=False, widget=forms.RadioSelect)
    competitor_new = forms.CharField(label="Another competitor", required=False, max_length=120)
    outcome = forms.ChoiceField(
        label="What happened",
        choices=Outcome,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
        error_messages=PICK,
    )
    differentiators = forms.MultipleChoiceField(
        label="Because of", required=False, widget=forms.CheckboxSelectMultiple
    )
    differentiators_new = forms.CharField(
        label="Another reason", required=False, max_length=400, help_text="Several with commas between them."
    )
    amount = AmountField(label="Amount at stake", required=False)
    note = forms.CharField(
        label="Note", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, insight: Insight | None = None, **kwargs: Any) -> None:
        if insight is not None:
            kwargs["initial"] = self.initial_of(insight) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        named = [(str(insight.competitor_id), insight.competitor.name)] if insight else []
        reasons = (
            [(str(d.differentiator_id), d.differentiator.name) for d in insight.differentiators.all()]
            if insight
            else []
        )
        self._offer("competitor", named, frequent(Competitor))
        self._offer("differentiators", reasons, frequent(Differentiator))

    def _offer(self, name: str, own: Sequence[tuple[str, str]], usual: Sequence[tuple[str, str]]) -> None:
        choices = [*own, *(choice for choice in usual if choice not in own)]
        self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields[name].error_messages["invalid_choice"] = "There is no such entry here. Choose again."

    @staticmethod
    def initial_of(insight: Insight) -> dict[str, Any]:
        """The values of an insight that is corrected."""
        return {
            "competitor": str(insight.competitor_id),
            "outcome": insight.outcome,
            "differentiators": [str(d.differentiator_id) for d in insight.differentiators.all()],
            "amount": typed_amount(insight.amount),
            "note": insight.note,
            "happened_on": insight.happened_on,
        }

    def clean(self) -> dict[str, Any]:
        """A competitor is chosen or named."""
        data = super().clean() or {}
        named = data.get("competitor") or data.get("competitor_new") or "competitor" in self.errors
        if self.has_changed() and not named:
            self.add_error("competitor", "Choose who it was, or write a new name.")
        return data

    def insight(self) -> InsightInput:
        """The insight as the services take it; call after ``is_valid()``."""
        data = self.cleaned_data
        known = Differentiator.objects.filter(pk__in=data["differentiators"])
        new = data["competitor_new"].strip()
        return InsightInput(
            competitor=new or Competitor.objects.get(pk=data["competitor"]),
            outcome=data["outcome"],
            happened_on=data.get("happened_on"),
            note=data["note"],
            amount=data["amount"],
            differentiators=[*known, *names_of(data["differentiators_new"])],
        )


class InsightPageForm(InsightForm):
    """An insight on its own: with its partner, its day and an id of its own."""

    insight_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    partner: "forms.ModelChoiceField[Partner]" = forms.ModelChoiceField(
        label="Partner", queryset=None, error_messages={"invalid_choice": "There is no such partner here."}
    )
    happened_on = DayField(label="When")

    field_order = ("insight_id", "partner", "competitor", "competitor_new", "outcome", "happened_on")

    def __init__(self, *args: Any, partner: Partner | None = None, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"insight_id": uuid7(), "partner": partner}
        if kwargs.get("insight") is None:
            initial["happened_on"] = calendar.today(current_tenant())
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        offer_partners(self.fields["partner"], fixed=partner)


def offer_partners(field: Any, *, fixed: Partner | None) -> None:
    """Bind a partner field to the tenant in scope; hidden when the partner is known."""
    field.label = current_tenant().partner_noun.capitalize()
    field.queryset = Partner.objects.active().order_by("name", "pk")
    if fixed is not None:
        field.queryset = Partner.objects.filter(pk=fixed.pk)
        field.widget = forms.HiddenInput()


class BudgetForm(ServiceForm):
    """A new amount or day for one of the partner's open opportunities, or a new opportunity."""

    opportunity = forms.ChoiceField(label="Opportunity", required=False, widget=forms.RadioSelect)
    amount = AmountField(label="Expected amount")
    close_date = DayField(label="Expected by", required=False)
    name = forms.CharField(label="Name of the new opportunity", required=False, max_length=120)

    def __init__(self, *args: Any, open_ones: Sequence[Opportunity], **kwargs: Any) -> None:
        self.open_ones = {str(one.pk): one for one in open_ones}
        first = next(iter(self.open_ones), NEW)
        kwargs["initial"] = {"opportunity": first} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        choices = [(pk, budget_words(one)) for pk, one in self.open_ones.items()]
        self.fields["opportunity"].choices = [*choices, (NEW, "A new one")]  # type: ignore[attr-defined]
        self.fields["opportunity"].error_messages["invalid_choice"] = "There is no such opportunity here."

    def has_changed(self) -> bool:
        """Whether a budget was entered; which opportunity is preset says nothing."""
        return any(name != "opportunity" for name in self.changed_data)

    def clean(self) -> dict[str, Any]:
        """A new opportunity has a name and a day."""
        data = super().clean() or {}
        if self.has_changed() and data.get("opportunity") in {NEW, ""}:
            if not data.get("name"):
                self.add_error("name", "Give the new opportunity a name.")
            if not data.get("close_date") and "close_date" not in self.errors:
                self.add_error("close_date", "Say by when it is expected.")
        return data

    def budget(self) -> BudgetInput:
        """The budget as the services take it; call after ``is_valid()``."""
        data = self.cleaned_data
        return BudgetInput(
            opportunity=self.open_ones.get(data["opportunity"]),
            name=data["name"],
            amount=data["amount"],
            close_date=data["close_date"],
        )


def budget_words(opportunity: Opportunity) -> str:
    """Return "Joint replacement, Q1 · $48,000 for 31 Mar"."""
    amount = money(opportunity.amount, opportunity.currency)
    return f"{opportunity.name} · {amount} for {day_words(opportunity.close_date)}"


class OpportunityForm(ServiceForm):
    """A new opportunity."""

    opportunity_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    partner: "forms.ModelChoiceField[Partner]" = forms.ModelChoiceField(
        label="Partner", queryset=None, error_messages={"invalid_choice": "There is no such partner here."}
    )
    name = forms.CharField(label="Name", max_length=120, help_text="What is expected, as in “Echo lab, Q1”.")
    amount = AmountField(label="Expected amount")
    close_date = DayField(label="Expected by")
    stage = forms.ChoiceField(
        label="Stage", choices=Stage, widget=forms.RadioSelect, initial=Stage.PROSPECTING
    )

    def __init__(self, *args: Any, partner: Partner | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"opportunity_id": uuid7(), "partner": partner} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        offer_partners(self.fields["partner"], fixed=partner)

    def details(self) -> OpportunityInput:
        """The opportunity as the services take it; call after ``is_valid()``."""
        names = ("name", "amount", "close_date", "stage")
        return OpportunityInput(**{name: self.cleaned_data[name] for name in names})


class ChangeOpportunityForm(ServiceForm):
    """An open opportunity: its name and stage, and its budget."""

    name = forms.CharField(label="Name", max_length=120)
    stage = forms.ChoiceField(label="Stage", choices=Stage, widget=forms.RadioSelect)
    amount = AmountField(label="Expected amount")
    close_date = DayField(label="Expected by")
    note = forms.CharField(label="Why it changed", required=False, max_length=500)

    @staticmethod
    def initial_of(opportunity: Opportunity) -> dict[str, Any]:
        """The present values."""
        names = ("name", "stage", "close_date")
        values = {name: getattr(opportunity, name) for name in names}
        return values | {"amount": typed_amount(opportunity.amount)}


class PlanForm(ServiceForm):
    """How often a partner is to be visited."""

    visits = forms.IntegerField(label="Visits", min_value=0, max_value=31)
    months = forms.TypedChoiceField(
        label="Per",
        choices=[(months, f"per {word}") for months, word in PERIOD_WORDS.items()],
        coerce=int,
        error_messages={"invalid_choice": "Plan by month, quarter, half-year or year."},
    )


class PartnerSearchForm(forms.Form):
    """Whom the rep met."""

    q = forms.CharField(label="Name or referral code", required=False, max_length=100)
