"""Input of the partner pages. Rules live in the services; forms only read and point at fields."""

from collections.abc import Mapping
from typing import Any

from django import forms

from partners.directory.models import Partner
from partners.states import Kind
from prm.accounts.models import Membership
from prm.core.fields import LONGEST_TEXT
from prm.ui.fields import or_present

_DETAILS = (
    "name", "kind", "specialty", "organisation", "rep", "city", "region", "email", "phone", "website",
    "notes", "is_active",
)  # fmt: skip


class _MemberField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a subscript fails at run time
    """Offers members by name alone."""

    def label_from_instance(self, obj: Membership) -> str:
        """Return the person's name, and whether they are away."""
        return str(obj.user) if obj.is_active and obj.user.is_active else f"{obj.user} (away)"


class PartnerForm(forms.Form):
    """A partner's details. `version` is the one the page was made from."""

    name = forms.CharField(max_length=200)
    kind = forms.ChoiceField(choices=Kind)
    specialty = forms.CharField(max_length=120, required=False)
    organisation = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"list": "organisations"}),
        help_text="The practice, hospital or agency it belongs to, by its name in the list.",
    )
    rep = _MemberField(None, required=False, empty_label="Nobody")
    city = forms.CharField(max_length=120, required=False)
    region = forms.CharField(max_length=120, required=False)
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
        rep = self.fields["rep"]
        assert isinstance(rep, forms.ModelChoiceField)
        self.partner = partner
        offered = Membership.objects.active().staff()
        rep.queryset = or_present(offered, partner.rep_id if partner else None).with_people()
        if partner is None:
            del self.fields["is_active"]

    def clean_organisation(self) -> Partner | None:
        """Find the organisation by name, whatever the case."""
        name = self.cleaned_data["organisation"].strip()
        if not name:
            return None
        present: Partner | None = self.partner.organisation if self.partner else None
        if present is not None and present.name.casefold() == name.casefold():
            return present  # left as it was: a namesake, or its leaving the list, is no reason to refuse
        found = list(Partner.objects.filter(kind__in=Kind.organisations(), name__iexact=name)[:2])
        if len(found) == 1:
            return found[0]
        if found:
            raise forms.ValidationError("There are several of that name. Rename one to tell them apart.")
        raise forms.ValidationError("Nothing in the list has this name. Add it first, or leave this empty.")

    @property
    def address_open(self) -> bool:
        """Say whether the folded part holds an error, and so must not stay folded."""
        folded = {"organisation", "city", "region", "phone", "email", "website"}
        return bool(folded & self.errors.keys())

    def details(self) -> dict[str, Any]:
        """Return the fields of Partner, for the services."""
        return {name: self.cleaned_data[name] for name in _DETAILS if name in self.cleaned_data}


def _initial(partner: Partner) -> dict[str, object]:
    values = {name: getattr(partner, name) for name in _DETAILS if name != "organisation"}
    organisation = partner.organisation.name if partner.organisation else ""
    return {**values, "organisation": organisation, "version": partner.version}


class AddPartnerForm(PartnerForm):
    """A new partner with its first referral code."""

    scheme = forms.CharField(
        label="Whose code", max_length=60, required=False, help_text="NPI, agent number, customer number."
    )
    code = forms.CharField(
        label="Referral code",
        max_length=120,
        required=False,
        help_text="As the order system writes it. Orders with it are tied by themselves.",
    )


class CodeForm(forms.Form):
    """Another referral code."""

    scheme = forms.CharField(
        label="Whose code", max_length=60, required=False, help_text="NPI, agent number, customer number."
    )
    code = forms.CharField(label="Referral code", max_length=120)
