"""Input of names."""

from django import forms

from activities.market.names.pickers import COMPETITORS, DIFFERENTIATORS
from prm.ui.pickers.fields import PickerField


class CompetitorForm(forms.Form):
    """What a competitor is called, and where it has an office."""

    name = forms.CharField(label="Name", max_length=120)
    city = forms.CharField(
        label="City of its office",
        max_length=120,
        required=False,
        help_text="Reps with somebody there are told.",
    )
    other_name = forms.CharField(
        label="Another name of it", max_length=120, required=False, help_text="As lists or people write it."
    )


class DifferentiatorForm(forms.Form):
    """What a reason is called."""

    name = forms.CharField(label="Name", max_length=80)
    other_name = forms.CharField(
        label="Another name of it", max_length=80, required=False, help_text="As lists or people write it."
    )


class MergeCompetitorForm(forms.Form):
    """Which competitor it is."""

    into = PickerField(COMPETITORS, label="It is the same as")


class MergeDifferentiatorForm(forms.Form):
    """Which reason it is."""

    into = PickerField(DIFFERENTIATORS, label="It is the same as")
