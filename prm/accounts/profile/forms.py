"""Input of a person's own page."""

from django import forms

from prm.core.notation.styles import NOTATION_CHOICES


class ProfileForm(forms.Form):
    """Who somebody is, and how numbers and dates are written for them."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        help_text="Seen by colleagues.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    notation = forms.ChoiceField(label="Numbers and dates", choices=NOTATION_CHOICES, required=False)


class AddressForm(forms.Form):
    """The address to change to."""

    email = forms.EmailField(
        label="New address", help_text="It counts after its link was opened; until then nothing changes."
    )
