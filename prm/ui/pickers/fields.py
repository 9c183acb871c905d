"""A field that takes one row, chosen by typing, with the filter made of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import Model, QuerySet
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from prm.ui.pickers.pickers import NOBODY, Picker

FEW = 30
"""So many rows are quicker looked through than searched: filters offer them as a list."""


class Words(str):
    """What somebody typed and did not choose from the options: no id yet."""

    __slots__ = ()


class PickerWidget(forms.Widget):
    """A text field with options while one types; the id of the row chosen goes in a hidden field beside it.

    The words go as `<name>_words`. Where no script runs they are all there is, and the field looks them up.
    """

    empty_label = ""
    takes_new = False

    def __init__(self, picker: Picker, *, few: int = 0) -> None:
        super().__init__()
        self.picker = picker
        self.few = few

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> object:
        """Return the id, or else the words."""
        return data.get(name) or Words(str(data.get(f"{name}_words") or "").strip())

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return name not in data and f"{name}_words" not in data

    def render(
        self, name: str, value: object, attrs: dict[str, Any] | None = None, renderer: object = None
    ) -> SafeString:
        """Draw a list where there are few rows, else the combobox."""
        attrs = self.build_attrs(self.attrs, attrs)
        few = list(self.picker.rows()[: self.few + 1]) if self.few else []
        if self.few and len(few) <= self.few and not isinstance(value, Words):
            attrs["class"] = f"{attrs.get('class', '')} prm-select".strip()
            none = [(NOBODY, self.picker.none)] if self.picker.none else []
            rows = ((str(row.pk), self.picker.name(row)) for row in few)
            return forms.Select(choices=[("", self.empty_label), *none, *rows]).render(name, value, attrs)
        picked, words = self._chosen(value)
        context = {
            "name": name,
            "picker": self.picker,
            "empty_label": self.empty_label,
            "takes_new": self.takes_new,
            "picked": picked,
            "words": words,
            "id": attrs.get("id", name),
            "attributes": flatatt(attrs),
        }
        return render_to_string("components/combobox.html", context)

    def _chosen(self, value: object) -> tuple[str, str]:
        """Return the value chosen, "" for none, and its words."""
        if isinstance(value, Words):
            return "", value
        if value and self.picker.means_none(str(value)):
            return NOBODY, self.picker.none
        row = self._row(value)
        return (str(row.pk), self.picker.name(row)) if row else ("", "")

    def _row(self, value: object) -> Model | None:
        try:
            found: Model | None = self.picker.rows().filter(pk=value).first() if value else None
        except (ValidationError, ValueError):
            return None
        return found


class PickerField(forms.ModelChoiceField):  # type: ignore[type-arg]  # a subscript fails at run time
    """One row of a picker. `few`: up to so many rows are offered as an ordinary list (0: never)."""

    widget: PickerWidget

    def __init__(self, picker: Picker, *, few: int = 0, **options: Any) -> None:
        self.picker = picker
        options.setdefault("widget", PickerWidget(picker, few=few))
        super().__init__(queryset=None, **options)

    # Rows belong to the tenant of the request, so they are asked for each time and never kept.
    @property
    def queryset(self) -> QuerySet[Model]:
        """The rows that may be chosen."""
        return self.picker.rows()

    @queryset.setter
    def queryset(self, rows: object) -> None:
        del rows

    def label_from_instance(self, obj: Model) -> str:
        """Return the name that people know."""
        return self.picker.name(obj)

    def offer_also(self, present: object) -> None:
        """Offer the row that is chosen now (its id, or None) though it may no longer be chosen anew."""
        offered = self.picker.rows
        if present is None:
            return
        self.picker = self.widget.picker = replace(
            self.picker, rows=lambda: offered() | offered().model._default_manager.filter(pk=present)
        )

    def to_python(self, value: object) -> Model | str | None:
        """Return the row, or `NOBODY` where that is a choice. Words that name no row, or several, are refused."""
        if value and self.picker.means_none(str(value)):
            return NOBODY
        if not isinstance(value, Words) or not value:
            found: Model | None = super().to_python(value or None)
            return found
        meant = self.picker.meant(value)
        if len(meant) == 1:
            return meant[0]
        one, many = self.picker.nouns
        words = (
            f"Several {many} match “{value}”. Type more of the name."
            if meant
            else f"No {one} matches “{value}”."
        )
        raise ValidationError(words, code="invalid_choice")


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


class NameField(PickerField):
    """A name that may be new: a row chosen by typing gives its name, other words are taken as they are."""

    def __init__(self, picker: Picker, *, max_length: int, **options: Any) -> None:
        super().__init__(picker, required=False, **options)
        self.widget.takes_new = True
        self.widget.attrs["maxlength"] = str(max_length)
        self.validators.append(MaxLengthValidator(max_length))

    def to_python(self, value: object) -> str:
        """Return the name, "" for none. What is sent without being the id of a row is the name itself."""
        if isinstance(value, Words) or not _is_id(value):
            return str(value or "").strip()
        row = super().to_python(value)
        return self.picker.name(row) if row else ""


class PickerFilter(django_filters.Filter):
    """A filter by one row of a picker."""

    field_class = PickerField

    def __init__(self, picker: Picker, field_name: str | None = None, **options: Any) -> None:
        super().__init__(field_name, picker=picker, few=FEW, **options)
