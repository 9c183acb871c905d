"""Input of call plans."""

from django import forms

from activities.forms_base import ServiceForm
from activities.today.rules import PERIOD_WORDS


class PlanForm(ServiceForm):
    """How often a partner is to be visited."""

    visits = forms.IntegerField(label="Visits", min_value=0, max_value=31)
    months = forms.TypedChoiceField(
        label="Per",
        choices=[(months, f"per {word}") for months, word in PERIOD_WORDS.items()],
        coerce=int,
        error_messages={"invalid_choice": "Plan by month, quarter, half-year or year."},
    )
