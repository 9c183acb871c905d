"""Input of battle cards."""

from django import forms

from activities.market.cards.models import LONGEST_LINE


class LineForm(forms.Form):
    """The advice, and the version it was written from."""

    line = forms.CharField(
        label="What to say against them", max_length=LONGEST_LINE, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One or two sentences that a rep remembers at the door. Empty takes the line back.",
    )  # fmt: skip
    seen = forms.IntegerField(widget=forms.HiddenInput)
