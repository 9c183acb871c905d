"""Input of the administrator's pages."""

from django import forms

from prm.accounts.rights import LABELS, SCOPES, staff_roles

# A partner's membership is made on the partner's page, where it is bound to that partner.
STAFF_ROLES = [(key, LABELS[key]) for key in staff_roles()]


class PersonForm(forms.Form):
    """Somebody who is let in, with a first password."""

    email = forms.EmailField(label="E-mail")
    name = forms.CharField(label="Name", max_length=120, required=False)
    password = forms.CharField(
        label="First password",
        min_length=8,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 8 characters. Not used when the person has an account already.",
    )


class AddMemberForm(PersonForm):
    """A new member."""

    role = forms.ChoiceField(label="Role", choices=STAFF_ROLES, widget=forms.RadioSelect)

    field_order = ("email", "name", "role", "password")


class ChangeMemberForm(forms.Form):
    """An existing member."""

    role = forms.ChoiceField(label="Role", choices=list(LABELS.items()), widget=forms.RadioSelect)
    is_active = forms.BooleanField(label="May sign in here", required=False)


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label="Name", max_length=80, help_text="What will use it, for example “Order feed”."
    )
    scopes = forms.MultipleChoiceField(
        label="May do", choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
