"""Whom to merge, and which details stay."""

from dataclasses import dataclass

from django import forms

from partners.directory.choosing import PARTNERS
from partners.directory.models import Partner
from partners.merges import rules
from prm.ui.pickers.fields import PickerField


class OtherForm(forms.Form):
    """The other one of two that are one."""

    other = PickerField(
        PARTNERS, label="Who is the same?", help_text="You see what moves before anything does."
    )


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail of both: how it reads, whether they differ, and whether that of the merged one is chosen."""

    name: str
    label: str
    ours: str
    theirs: str
    is_taken: bool

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return self.ours != self.theirs


_LABELS = {"email": "E-mail", "is_active": "Active"}


def details(survivor: Partner, merged: Partner) -> list[Detail]:
    """Return the details that either has, those of the merged one chosen where the survivor lacks them."""
    ours, theirs = ({name: _read(partner, name) for name in rules.DETAILS} for partner in (survivor, merged))
    chosen = rules.worth_taking(ours, theirs)
    return [
        Detail(name, _LABELS.get(name, name.capitalize()), ours[name], theirs[name], name in chosen)
        for name in rules.DETAILS
        if ours[name] or theirs[name]
    ]


def _read(partner: Partner, name: str) -> str:
    if name in ("kind", "country"):
        return str(getattr(partner, f"get_{name}_display")())
    value = getattr(partner, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(getattr(value, "user", value))
