"""What the forms of the market's rooms have in common: whom they are about."""

from django import forms

from partners.directory.models import Partner
from prm.tenancy.context import current_tenant


def partner_field() -> "forms.ModelChoiceField[Partner]":
    """Return the field for the partner; `offer_partners` binds it to the tenant in scope."""
    return forms.ModelChoiceField(
        queryset=None, label="Partner", error_messages={"invalid_choice": "There is no such partner here."}
    )


def offer_partners(form: forms.Form, *, fixed: Partner | None) -> None:
    """Offer the tenant's partners by name; hide the field when the partner is known."""
    field = form.fields["partner"]
    assert isinstance(field, forms.ModelChoiceField)
    field.label = current_tenant().partner_noun.capitalize()
    field.queryset = Partner.objects.active().order_by("name", "pk")
    if fixed is not None:
        field.queryset = Partner.objects.filter(pk=fixed.pk)
        field.widget = forms.HiddenInput()
