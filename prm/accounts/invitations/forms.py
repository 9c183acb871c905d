"""Input of invitations: whom, and what the invited person answers."""

from django import forms
from django.http import QueryDict

from prm.accounts.models import Invitation
from prm.accounts.rights import LABELS, staff_roles
from prm.accounts.signin.forms import NewPasswordField
from prm.ui.fields import Cleaned

# A partner's invitation is made on the partner's page, where it is bound to that partner.
STAFF_ROLES = [(key, LABELS[key]) for key in staff_roles()]


class PersonForm(forms.Form):
    """Somebody to invite."""

    email = forms.EmailField(
        label="E-mail", help_text="A link goes to this address. Who follows it chooses a password."
    )
    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="For the invitation; they can change it."
    )


class InviteForm(PersonForm):
    """A future member."""

    role = forms.ChoiceField(label="Role", choices=STAFF_ROLES, widget=forms.RadioSelect)

    field_order = ("email", "name", "role")


class NewPersonForm(forms.Form):
    """What somebody new says of themselves."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = NewPasswordField(label="Password")

    def __init__(self, data: QueryDict | None = None, *, invitation: Invitation) -> None:
        super().__init__(data, initial={"name": invitation.name})
        self.invitation = invitation

    def clean(self) -> Cleaned:
        """Hold the password against the rules."""
        cleaned: Cleaned = super().clean() or {}
        try:
            NewPasswordField.check_strength(
                str(cleaned.get("password", "")),
                email=self.invitation.email,
                name=str(cleaned.get("name", "")),
            )
        except forms.ValidationError as error:
            if "password" in cleaned:
                self.add_error("password", error)
        return cleaned
