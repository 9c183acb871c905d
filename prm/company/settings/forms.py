"""Input of the page of settings: one form for each section that is saved by itself."""

from decimal import Decimal
from typing import Final
from zoneinfo import available_timezones

from babel.numbers import get_currency_name
from django import forms

from prm.company.settings.logo import LARGEST_FILE
from prm.core.calendar import MONTH_NAMES, is_timezone
from prm.core.money import ISO_4217
from prm.core.notation.reader import figure
from prm.core.notation.styles import NOTATION_CHOICES
from prm.core.numbers import BadNumber, parse_amount

_CURRENCIES: Final = sorted((code, f"{get_currency_name(code, locale='en')}, {code}") for code in ISO_4217)
_ZONES: Final = [
    (zone, zone.replace("_", " ")) for zone in sorted(filter(is_timezone, available_timezones()))
]


class CompanyForm(forms.Form):
    """Name and mark."""

    name = forms.CharField(label="Name", max_length=120)
    colour = forms.CharField(
        label="Colour of the mark",
        max_length=7,
        required=False,
        help_text="As # and six digits. White letters must be readable on it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class LogoForm(forms.Form):
    """A picture instead of the letter."""

    logo = forms.FileField(
        label="Logo",
        help_text=f"PNG, 16 to 1,024 pixels on a side, {LARGEST_FILE // 1024} KB at most.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png"}),
    )

    def clean_logo(self) -> bytes:
        """Return the file's bytes; one that is too large is not read."""
        file = self.cleaned_data["logo"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(
                f"A logo has {LARGEST_FILE // 1024} KB at most, this file {figure(file.size // 1024)} KB."
            )
        content: bytes = file.read()
        return content


class WordsForm(forms.Form):
    """The company's own nouns."""

    partner_noun = forms.CharField(label="One partner", max_length=40)
    partner_noun_plural = forms.CharField(label="Several", max_length=40)
    order_noun = forms.CharField(label="One order", max_length=40)
    order_noun_plural = forms.CharField(label="Several orders", max_length=40)


class MoneyForm(forms.Form):
    """Currency, time and how both are written. `agreed` names what the person has seen that this does."""

    currency = forms.ChoiceField(label="Currency", choices=_CURRENCIES)
    timezone = forms.ChoiceField(label="Time zone", choices=_ZONES)
    year_starts = forms.TypedChoiceField(
        label="Year starts in", choices=list(enumerate(MONTH_NAMES, 1)), coerce=int
    )
    notation = forms.ChoiceField(label="Numbers and dates", choices=NOTATION_CHOICES, required=False)
    rate = forms.CharField(required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    agreed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_rate(self) -> Decimal | None:
        """Return the rate as typed, None for none."""
        typed = str(self.cleaned_data["rate"]).strip()
        if not typed:
            return None
        try:
            return parse_amount(typed)
        except BadNumber as error:
            raise forms.ValidationError(str(error), code="invalid") from error
