"""Input of the review pages."""

from collections.abc import Mapping

from django import forms
from django.utils.text import capfirst

from partners.states import Tier
from prm.core.fields import LONGEST_TEXT


class DecisionForm(forms.Form):
    """Hold or override: the reason, and for an override the tier."""

    from_tier = forms.CharField(widget=forms.HiddenInput)
    proposed_tier = forms.CharField(widget=forms.HiddenInput)
    tier = forms.ChoiceField(
        label="New tier", choices=Tier, widget=forms.RadioSelect(attrs={"class": "segments"}), required=False
    )
    reason = forms.CharField(
        widget=forms.Textarea,
        required=False,
        max_length=LONGEST_TEXT,
        help_text="At least 20 characters, for next quarter’s reader.",
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        decision: str,
        proposed: str = "",
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        if decision == "hold":
            del self.fields["tier"]
            return
        choices = self.fields["tier"]
        assert isinstance(choices, forms.ChoiceField)
        # What the rules propose is accepted, not overridden.
        choices.choices = [(value, capfirst(label)) for value, label in Tier.choices if value != proposed]
