"""Input of the queue of unattributed orders."""

from django import forms

from partners.directory.models import Partner


class TieForm(forms.Form):
    """Who it is."""

    partner = forms.UUIDField(required=False)

    def chosen(self) -> Partner | None:
        """Return the partner, if one was chosen and is there."""
        if not self.is_valid() or not self.cleaned_data["partner"]:
            return None
        return Partner.objects.filter(pk=self.cleaned_data["partner"]).first()
