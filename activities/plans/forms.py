"""Input of call plans, and the search for the partner a form is about."""

from django import forms

from activities.plans.rules import PERIOD_WORDS


class PlanForm(forms.Form):
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
