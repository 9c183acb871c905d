"""Input of the pages that connect Salesforce."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

_QUIET = {"autocomplete": "off", "spellcheck": "false"}


class _AppForm(forms.Form):
    """What every way needs: where one signs in, and as which app. Whether it works, only Salesforce can say."""

    login_url = forms.CharField(
        label="Address of your organisation",
        max_length=255,
        help_text="The My Domain address, like https://yourcompany.my.salesforce.com",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    client_id = forms.CharField(
        label="Client id",
        max_length=255,
        help_text="In Salesforce: External Client App Manager, your app, Settings, OAuth Settings: consumer key.",
        widget=forms.TextInput(attrs=_QUIET),
    )
    replaces = forms.BooleanField(
        label="This is our sandbox, refreshed",
        required=False,
        help_text="What was known of the old one's records is forgotten, and the connection rests until it is started.",
    )

    def __init__(self, data: QueryDict | None, *, initial: dict[str, object], may_replace: bool) -> None:
        """`may_replace`: a sandbox is connected, which may have been refreshed."""
        super().__init__(data, initial=initial)
        if not may_replace:
            del self.fields["replaces"]


class SecretForm(_AppForm):
    """Client credentials."""

    client_secret = forms.CharField(
        label="Client secret",
        max_length=512,
        help_text="The consumer secret beside it. It is kept encrypted and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("login_url", "client_id", "client_secret", "replaces")


class PersonForm(_AppForm):
    """The web server flow."""

    client_secret = forms.CharField(
        label="Client secret",
        max_length=512,
        required=False,
        help_text="Where the app requires one for this flow. It is kept encrypted and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("login_url", "client_id", "client_secret", "replaces")


class KeyForm(_AppForm):
    """JWT bearer."""

    username = forms.CharField(
        label="User name",
        max_length=255,
        help_text="Of the integration user in Salesforce, in whose name PRM works; in a sandbox it ends in its name.",
        widget=forms.TextInput(attrs=_QUIET),
    )
    field_order = ("login_url", "client_id", "username", "replaces")
