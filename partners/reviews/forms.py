"""Input of the review pages."""

from collections.abc import Mapping

from django import forms
from django.utils.text import capfirst

from partners.states import Tier
from prm.core.fields import LONGEST_TEXT
from prm.ui.fields import DayField


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

    until_changed = forms.TypedChoiceField(
        label="Valid until",
        choices=[("no", "Next review"), ("yes", "Until changed")],
        coerce=lambda value: value == "yes",
        empty_value="",
        initial="no",
        required=False,
        widget=forms.RadioSelect(attrs={"class": "segments"}),
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


class ManyForm(forms.Form):
    """Hold or override all that are ticked, for one reason."""

    decision = forms.ChoiceField(choices=[("accept", "Accept"), ("hold", "Hold"), ("override", "Override")])
    tier = forms.ChoiceField(choices=[("", "–"), *Tier.choices], required=False)
    reason = forms.CharField(required=False, max_length=LONGEST_TEXT)


class CommentForm(forms.Form):
    """What a rep says about a partner."""

    text = forms.CharField(
        label="What you know",
        widget=forms.Textarea,
        max_length=500,
        help_text="Whoever decides reads it beside the figures.",
    )


class LetterForm(forms.Form):
    """The words of a letter."""

    letter_subject = forms.CharField(label="Subject", max_length=150)
    letter_text = forms.CharField(label="Letter", widget=forms.Textarea(attrs={"rows": 12}), max_length=4000)


class CycleForm(forms.Form):
    """A review is opened: its name and its day."""

    name = forms.CharField(
        max_length=60, required=False, help_text="Without one it is called by the quarter."
    )
    effective_on = DayField(label="In force from")


class ReopenForm(forms.Form):
    """A signed review is opened again."""

    reason = forms.CharField(
        widget=forms.Textarea,
        max_length=LONGEST_TEXT,
        help_text="At least 20 characters; kept with the review.",
    )


class ReviewSettingsForm(forms.Form):
    """How reviews are held."""

    two_people = forms.BooleanField(label="Two people sign each review", required=False)
    every_quarter = forms.BooleanField(label="A review opens by itself with every quarter", required=False)
