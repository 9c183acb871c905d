"""Input of the estimate page."""

from django import forms

from prm.core.calendar import today
from prm.tenancy.context import current_tenant
from prm.ui.fields import AmountField, DayField


class EstimateForm(forms.Form):
    """What the partner orders in a year, here and elsewhere."""

    low = AmountField(label="At least", min_value=1, max_digits=18, decimal_places=4)
    middle = AmountField(label="Most likely", min_value=1, max_digits=18, decimal_places=4)
    high = AmountField(label="At most", min_value=1, max_digits=18, decimal_places=4)
    source = forms.CharField(
        max_length=80,
        help_text="Claims data, their own word, a survey. A newer one of the same source replaces the older; "
        "other sources count beside it.",
    )
    as_of = DayField(label="As of", initial=lambda: today(current_tenant()))


class AskForm(forms.Form):
    """What a rep is told with the question."""

    note = forms.CharField(
        required=False,
        max_length=200,
        label="For what",
        help_text="The rep reads it with the question on Today.",
    )
