"""Who stands for a member there, and who owns the rest."""

from __future__ import annotations

from django import forms

from prm.salesforce.choosing import USERS
from prm.ui.pickers.fields import FEW, PickerField

BY_EMAIL, USER, FALLBACK = "email", "user", "fallback"
WAYS = (
    (BY_EMAIL, "The user with the same e-mail address"),
    (USER, "Another user"),
    (FALLBACK, "The fallback owner"),
)


class OwnerForm(forms.Form):
    """The user who stands for a member: the one with the same e-mail, another one, or the fallback owner."""

    how = forms.ChoiceField(label="Records belong to", widget=forms.RadioSelect, choices=WAYS)
    user = PickerField(USERS, few=FEW, label="User in Salesforce", required=False)

    def __init__(self, *args: object, fallback: str, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["how"].choices = [  # type: ignore[attr-defined]
            *WAYS[:-1],
            (FALLBACK, f"The fallback owner ({fallback})"),
        ]

    def clean(self) -> dict[str, object]:
        """Refuse another user who is not named. A user who is named is meant."""
        cleaned = super().clean() or {}
        if cleaned.get("how") == USER and not cleaned.get("user") and "user" not in self.errors:
            self.add_error("user", "Choose the user.")
        return cleaned


class FallbackForm(forms.Form):
    """Who owns what nobody else does."""

    user = PickerField(
        USERS,
        few=FEW,
        label="Fallback owner",
        required=False,
        empty_label="The integration user",
        help_text="Owns the records of nobody, and of members who are nobody in Salesforce.",
    )
