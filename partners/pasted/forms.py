"""Input of the page that takes a column."""

from django import forms


class PasteForm(forms.Form):
    """A column as a spreadsheet copies it."""

    text = forms.CharField(
        label="One per line",
        max_length=400_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "autocomplete": "off"}),
        help_text="Names, codes or e-mail addresses. Of several columns the first that means somebody counts.",
    )
