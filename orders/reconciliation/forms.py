"""What people type about reconciliation."""

from django import forms

from orders.sources.models import OrderSource
from prm.core.fields import LONGEST_TEXT


class SignForm(forms.Form):
    """Why a day differs."""

    note = forms.CharField(
        label="Why does it differ?",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="It holds for this difference: another one is open again.",
    )


class TotalsForm(forms.Form):
    """Control totals of a source, as a table."""

    source: "forms.ModelChoiceField[OrderSource]" = forms.ModelChoiceField(queryset=None, label="Source")
    table = forms.CharField(
        label="Control totals",
        max_length=2_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="One day a line under the headings day, orders, amount (and currency).",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as the form takes them
        self.fields["source"].queryset = OrderSource.objects.all()  # type: ignore[attr-defined]  # of a field that chooses
