"""Input of the pages of rates."""

from decimal import Decimal

from django import forms

from orders.rates.reading import parse_rate
from prm.core.calendar import today
from prm.core.money import ISO_4217
from prm.tenancy.context import current_tenant
from prm.ui.fields import DayField

# Bytes of an uploaded table.
_LARGEST_FILE = 10_000_000


class RateField(forms.CharField):
    """A rate as people type it: `1.0842`, `0,0067`."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: object) -> Decimal:
        """Return the number. Raises ValidationError."""
        typed = str(super().clean(value))
        try:
            return parse_rate(typed)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="invalid") from error


class RateForm(forms.Form):
    """What one unit of a currency is worth, from which day on."""

    currency = forms.CharField(
        max_length=3,
        help_text="Three letters, as in EUR.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    rate = RateField(label="Worth of one unit")
    since = DayField(label="From", initial=lambda: today(current_tenant()))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the stubs list every parameter
        self.fields["rate"].help_text = f"In {current_tenant().currency}. It holds until the next rate."

    def clean_currency(self) -> str:
        """Return the code in capitals."""
        code = str(self.cleaned_data["currency"]).strip().upper()
        if code not in ISO_4217:
            raise forms.ValidationError(f"“{code}” is no currency code of ISO 4217.")
        return code


class ChangeForm(forms.Form):
    """A rate corrected."""

    rate = RateField(label="Worth of one unit")


class TableForm(forms.Form):
    """A table of rates, as a file or pasted."""

    file = forms.FileField(required=False, help_text="CSV with the headings currency, since, rate.")
    table = forms.CharField(
        required=False, label="Or paste it", widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"})
    )

    def clean_file(self) -> str:
        """Return the text of the file, "" without one."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > _LARGEST_FILE:
            raise forms.ValidationError("A table of rates has 10 MB at most.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError("The file is not written in UTF-8. Save it as CSV UTF-8.") from error
        return text

    def clean(self) -> dict[str, object]:
        """Ask for one of both."""
        cleaned = super().clean() or {}
        if "file" in cleaned and not cleaned["file"] and not cleaned.get("table", "").strip():
            self.add_error("file", "Choose a file, or paste the table.")
        return cleaned


class AgeForm(forms.Form):
    """How old a rate may be."""

    oldest_days = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=3_660,
        label="Days",
        help_text=("What has only an older rate waits for a newer one. Empty: any age will do."),
    )
