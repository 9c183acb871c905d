"""Input of saved views."""

from django import forms

from partners.saved.rules import LONGEST_QUERY


class ViewForm(forms.Form):
    """What a view is called, and who sees it; `query` is what the list showed."""

    name = forms.CharField(max_length=60)
    is_shared = forms.BooleanField(label="Shared with everybody here", required=False)
    query = forms.CharField(required=False, max_length=LONGEST_QUERY, widget=forms.HiddenInput)
