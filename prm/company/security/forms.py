"""Input of the tab about security."""

from django import forms


class SecurityForm(forms.Form):
    """Whether a second step is asked for."""

    second_step_required = forms.BooleanField(label="Everybody of ours needs a second step", required=False)
