"""Input of the administrator's pages."""

from django import forms

from prm.accounts.rights import LABELS, SCOPES


class ChangeMemberForm(forms.Form):
    """An existing member."""

    role = forms.ChoiceField(label="Role", choices=list(LABELS.items()), widget=forms.RadioSelect)
    is_active = forms.BooleanField(label="May sign in here", required=False)
    # What is taken away is said once before it happens; this is the answer (see `views.member_change`).
    agreed = forms.CharField(required=False, widget=forms.HiddenInput)


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(
        label="Name", max_length=80, help_text="What will use it, for example “Order feed”."
    )
    scopes = forms.MultipleChoiceField(
        label="May do", choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )
