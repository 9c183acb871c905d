"""What the forms of the market's rooms have in common: whom they are about."""

from django import forms

from partners.directory.choosing import ACTIVE_PARTNERS
from partners.directory.models import Partner
from prm.tenancy.context import current_tenant
from prm.ui.pickers.fields import PickerField

NO_SUCH = {"invalid_choice": "There is no such partner here."}


def partner_field() -> PickerField:
    """Return the field for the partner, chosen by typing; see `offer_partners`."""
    return PickerField(ACTIVE_PARTNERS, label="Partner", error_messages=NO_SUCH)


def offer_partners(form: forms.Form, *, fixed: Partner | None) -> None:
    """Name the field as the tenant does; hide it when the partner is known."""
    form.fields["partner"].label = current_tenant().partner_noun.capitalize()
    if fixed is not None:
        alone = Partner.objects.filter(pk=fixed.pk)
        form.fields["partner"] = forms.ModelChoiceField(
            queryset=alone, widget=forms.HiddenInput, error_messages=NO_SUCH
        )
