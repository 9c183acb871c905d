"""Input of the pages of kinds."""

from django import forms


class KindForm(forms.Form):
    """A kind of partner."""

    singular = forms.CharField(label="One", max_length=40, help_text="As in “Physician”.")
    plural = forms.CharField(label="Several", max_length=40, required=False, help_text="Empty: with an s.")
    is_regulated = forms.BooleanField(
        label="Regulated",
        required=False,
        help_text="May not be rewarded by volume: neither tier nor revenue ever reaches their portal.",
    )
    is_organisation = forms.BooleanField(
        label="An organisation", required=False, help_text="Others can belong to it, as to a practice."
    )


class ChangeKindForm(KindForm):
    """A kind that is there."""

    is_offered = forms.BooleanField(
        label="Offered for new ones",
        required=False,
        help_text="Whoever is of a kind that is put away stays so.",
    )


class SetForm(forms.Form):
    """What a button of a row sets, or sets back; what is not sent stays."""

    is_regulated = forms.NullBooleanField(required=False)
    is_offered = forms.NullBooleanField(required=False)
    place = forms.ChoiceField(required=False, choices=[("", ""), ("up", "up"), ("down", "down")])
