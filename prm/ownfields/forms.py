"""Input of the settings of own fields, and own fields as fields of other forms."""

from collections.abc import Mapping, Sequence
from typing import Final, cast
from uuid import UUID

from django import forms

from prm.core.ids import LONGEST_KEY
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.registry import records
from prm.ownfields.rules import LARGEST, LONGEST_NAME, LONGEST_TEXT, PLACES, PREFIX, Raw, to_number
from prm.ownfields.states import FieldType
from prm.ownfields.values import stored_of
from prm.tenancy.context import has_tenant
from prm.ui.fields import AmountField, Cleaned, DayField

_LINES: Final = {"rows": 4}


def _records() -> list[tuple[str, str]]:
    """Return the kinds of record with their words; where no tenant is in scope, with their keys."""
    return [(one.key, one.nouns()[0].capitalize() if has_tenant() else one.key) for one in records()]


class AddFieldForm(forms.Form):
    """A new field."""

    of = forms.ChoiceField(label="Of", choices=_records)
    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, help_text="As in “Beds” or “Contract until”."
    )
    type = forms.ChoiceField(label="Holds", choices=FieldType, help_text="Stays as it is chosen now.")
    choices = forms.CharField(
        label="Choices",
        required=False,
        widget=forms.Textarea(attrs=_LINES),
        help_text="For a choice: one a line.",
        max_length=6_000,
    )
    key = forms.CharField(
        label="Key",
        required=False,
        max_length=LONGEST_KEY,
        help_text="What programs and files call it. Empty: made of the name.",
    )

    def clean_choices(self) -> list[str]:
        """Return the lines that say something."""
        return lines_of(self.cleaned_data["choices"])


class ChangeFieldForm(forms.Form):
    """A field that is there. The word of each choice, and further ones; a word that is emptied puts its choice away."""

    name = forms.CharField(label="Name", max_length=LONGEST_NAME)

    def __init__(self, data: Mapping[str, object] | None, *, field: OwnField) -> None:
        super().__init__(data, initial={"name": field.name})
        self.field = field
        if field.type != FieldType.CHOICE:
            return
        for choice in field.options:
            self.fields[f"word_{choice.key}"] = forms.CharField(
                label=f"Choice {choice.key}",
                required=False,
                initial=choice.word if choice.offered else "",
                max_length=80,
                help_text=""
                if choice.offered
                else f"“{choice.word}” is put away: write it to offer it again.",
            )
        self.fields["more"] = forms.CharField(
            label="More choices", required=False, widget=forms.Textarea(attrs=_LINES), help_text="One a line.",
            max_length=6_000,
        )  # fmt: skip

    def words(self) -> list[tuple[str, str]] | None:
        """Return key and word of the choices as they are now said; None for another type."""
        if self.field.type != FieldType.CHOICE:
            return None
        said = [(choice.key, self.cleaned_data[f"word_{choice.key}"]) for choice in self.field.options]
        return [*said, *(("", line) for line in lines_of(self.cleaned_data["more"]))]


class SetForm(forms.Form):
    """What a button of a row sets, or sets back."""

    is_archived = forms.NullBooleanField(required=False)
    place = forms.ChoiceField(required=False, choices=[("", ""), ("up", "up"), ("down", "down")])


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


# --- own fields in other forms ---------------------------------------------------------------------


def form_field(field: OwnField, *, has: str = "") -> forms.Field:
    """Return the field of a form for an own field; `has` is the key of a choice that a record has already."""
    if field.type == FieldType.NUMBER:
        return AmountField(
            label=field.name, required=False, min_value=None, max_digits=len(str(LARGEST)) + PLACES, decimal_places=PLACES
        )  # fmt: skip
    if field.type == FieldType.DATE:
        return DayField(label=field.name, required=False)
    if field.type == FieldType.CHOICE:
        words = [(one.key, one.word) for one in field.options if one.offered or one.key == has]
        return forms.ChoiceField(label=field.name, required=False, choices=[("", "–"), *words])
    return forms.CharField(label=field.name, required=False, max_length=LONGEST_TEXT)


class OwnFieldsMixin:
    """A form that has the own fields of a kind of record as well: call `add_own`, then read `own_values`."""

    fields: dict[str, forms.Field]
    cleaned_data: Cleaned
    _own: Sequence[OwnField] = ()

    def add_own(self, of: str, record_id: UUID | None = None) -> None:
        """Add the tenant's fields, with what the record has."""
        self._own = here(of)
        has = stored_of(of, [record_id])[record_id] if record_id and self._own else {}
        initial = cast("dict[str, object]", vars(self)["initial"])
        for field in self._own:
            value = has.get(field.key)
            self.fields[field.known_as] = form_field(field, has=value.text if value else "")
            if value is not None:
                number = None if value.number is None else to_number(value.number)
                initial[field.known_as] = value.text or (value.day if number is None else number)

    def own_values(self) -> dict[str, Raw]:
        """Return what was said of the own fields, by key."""
        return {field.key: self.cleaned_data.get(field.known_as) for field in self._own}

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """Return them for the template."""
        return [self[field.known_as] for field in self._own]  # type: ignore[index]  # a form


def key_of(name: str) -> str:
    """Return the key of an own field of its name among other fields; "" for the name of another."""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""
