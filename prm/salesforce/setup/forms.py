"""Input of the connection page."""

from __future__ import annotations

from django import forms


class ConnectForm(forms.Form):
    """Client credentials of a connected app. Whether they work, only Salesforce can say."""

    login_url = forms.CharField(
        label="Address of your organisation",
        max_length=255,
        help_text="The My Domain address, like https://yourcompany.my.salesforce.com",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )
    client_id = forms.CharField(
        label="Client id",
        max_length=255,
        help_text="In Salesforce: Set-up, App Manager, your app, Manage Consumer Details: consumer key.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    client_secret = forms.CharField(
        label="Client secret",
        max_length=512,
        help_text="The consumer secret beside it. It is kept encrypted and never shown again.",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
