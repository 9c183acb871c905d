"""Input of the partner pages. Rules live in the services; forms only read and point at fields."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from partners.directory.choosing import ORGANISATIONS
from partners.directory.models import Partner
from partners.kinds.queries import kind_choices
from prm.accounts.profile.choosing import MEMBERS
from prm.core.fields import LONGEST_TEXT
from prm.core.words.countries import country_choices
from prm.ownfields.forms import OwnFieldsMixin
from prm.tenancy.context import said_of_orders
from prm.ui.pickers.fields import FEW, PickerField

_DETAILS = (
    "name", "kind", "specialty", "organisation", "rep", "city", "region", "country", "email", "phone", "website",
    "notes", "is_active",
)  # fmt: skip


def _countries() -> list[tuple[str, str]]:
    return [("", ""), *country_choices()]


class PartnerForm(OwnFieldsMixin, forms.Form):
    """A partner's details. `version` is the one the page was made from."""

    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=kind_choices)
    specialty = forms.CharField(max_length=120, required=False)
    organisation = PickerField(
        ORGANISATIONS, required=False, help_text="The practice, hospital or agency it belongs to."
    )
    rep = PickerField(MEMBERS, few=FEW, required=False)
    city = forms.CharField(max_length=120, required=False)
    region = forms.CharField(max_length=120, required=False)
    country = forms.ChoiceField(choices=_countries, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    phone = forms.CharField(max_length=40, required=False)
    website = forms.URLField(required=False, assume_scheme="https")
    notes = forms.CharField(widget=forms.Textarea, required=False, max_length=LONGEST_TEXT)
    is_active = forms.BooleanField(label="Active", required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        partner: Partner | None = None,
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial={**(_initial(partner) if partner else {}), **(initial or {})})
        for name in ("rep", "organisation"):
            field = self.fields[name]
            assert isinstance(field, PickerField)
            field.offer_also(getattr(partner, f"{name}_id", None))
        if partner is not None:
            _offer_kind_of(self.fields["kind"], partner)
        self.fields["rep"].widget.empty_label = "Nobody"
        self.add_own("partner", partner.pk if partner else None)
        if partner is None:
            del self.fields["is_active"]

    @property
    def address_open(self) -> bool:
        """Say whether the folded part holds an error, and so must not stay folded."""
        folded = {"organisation", "city", "region", "country", "phone", "email", "website"}
        return bool(folded & self.errors.keys())

    def details(self) -> dict[str, Any]:
        """Return the fields of Partner, for the services."""
        return {name: self.cleaned_data[name] for name in _DETAILS if name in self.cleaned_data}


def _offer_kind_of(field: forms.Field, partner: Partner) -> None:
    """Let a partner stay what it is: its kind may have been put away."""
    assert isinstance(field, forms.ChoiceField)
    offered = kind_choices()
    if partner.kind not in dict(offered):
        field.choices = [*offered, (partner.kind, partner.get_kind_display())]


def _initial(partner: Partner) -> dict[str, object]:
    return {**{name: getattr(partner, name) for name in _DETAILS}, "version": partner.version}


class AddPartnerForm(PartnerForm):
    """A new partner with its first referral code."""

    scheme = forms.CharField(
        label="Whose code", max_length=60, required=False, help_text="NPI, agent number, customer number."
    )
    code = forms.CharField(
        label="Referral code",
        max_length=120,
        required=False,
        help_text=said_of_orders(
            "As the system of your {orders} writes it. {Orders} with it are tied by themselves."
        ),
    )

    another_than = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)

    def others(self) -> set[UUID]:
        """Return whom it was said not to be: those that the page has shown."""
        return {UUID(text) for text in re.findall(r"[0-9a-f-]{36}", self.cleaned_data["another_than"])}


class AliasForm(forms.Form):
    """Another name."""

    name = forms.CharField(
        label="Other name", max_length=200, help_text="A nickname, a former practice: the search finds it."
    )


class CodeForm(forms.Form):
    """Another referral code."""

    scheme = forms.CharField(
        label="Whose code", max_length=60, required=False, help_text="NPI, agent number, customer number."
    )
    code = forms.CharField(label="Referral code", max_length=120)
