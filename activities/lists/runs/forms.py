"""Input of the pages of lists."""

from collections.abc import Mapping

from django import forms
from django.core.files.base import ContentFile, File

from activities.lists.reading.readings import ColumnReading
from activities.lists.runs.models import BringRun
from orders.doors.files.forms import NOTHING_BROUGHT, PastedField
from prm.bringing import Column, Kind, Type
from prm.ui.pickers.fields import PickerField
from prm.ui.pickers.pickers import registered


class BringForm(forms.Form):
    """Which list, and its file or rows pasted from a spreadsheet."""

    kind = forms.ChoiceField(label="What is in it")
    file = forms.FileField(
        required=False, label="File", help_text="CSV, text, XLSX or ODS, with headings; also in ZIP or gzip."
    )
    pasted = PastedField(lines=4)

    def __init__(self, *args: object, kinds: list[Kind], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]  # the stubs list every parameter
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(kind.key, kind.nouns()[1].capitalize()) for kind in kinds]

    def clean(self) -> None:
        """Ask for one of file and rows."""
        super().clean()
        has_some = self.cleaned_data.get("file") or self.cleaned_data.get("pasted", "").strip()
        if not self.errors and not has_some:
            self.add_error("file", NOTHING_BROUGHT)

    def brought(self) -> "File[bytes]":
        """Return what was brought, as a file."""
        return self.cleaned_data["file"] or ContentFile(
            self.cleaned_data["pasted"].encode(), name="pasted.tsv"
        )


class ColumnsForm(forms.Form):
    """Which column of the file holds what (`column_<key>`), how it is read (`reading_<place>`), and what new rows take.

    `default_<key>` are values of what every new row needs and the file may lack.
    """

    blank_empties = forms.BooleanField(
        required=False,
        label="A blank cell empties what is there",
        help_text="Otherwise a blank cell is no answer and changes nothing.",
    )

    def __init__(self, data: Mapping[str, object] | None, *, run: BringRun, kind: Kind) -> None:
        super().__init__(data, initial={"blank_empties": run.blank_empties})
        self._kind = kind
        places = [
            ("", "not in the file"),
            *((str(place), heading) for place, heading in enumerate(run.header)),
        ]
        for column in kind.all_columns():
            self.fields[f"column_{column.key}"] = forms.ChoiceField(
                choices=places,
                required=False,
                label=column.label,
                initial=str(run.columns.get(column.key, "")),
            )
        for place, reading in run.readings.items():
            self.fields[f"reading_{place}"] = _reading_field(str(run.header[int(place)]), reading)
        self.fields |= _default_fields(run, kind)

    def columns(self) -> dict[str, int]:
        """Return the places of the columns chosen, by key."""
        return {
            name.removeprefix("column_"): int(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("column_") and value != ""
        }

    def readings(self) -> dict[int, str]:
        """Return the readings chosen, by place."""
        return {
            int(name.removeprefix("reading_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("reading_") and value
        }

    def defaults(self) -> dict[str, str]:
        """Return the values of new rows, by key."""
        return _defaults_said(self.cleaned_data)


class DefaultsForm(forms.Form):
    """What new rows take that the file does not say (`default_<key>`), and nothing else of how it is read."""

    def __init__(self, data: Mapping[str, object] | None, *, run: BringRun, kind: Kind) -> None:
        super().__init__(data)
        self.fields |= _default_fields(run, kind, none="choose")
        for column in kind.all_columns():
            if field := self.fields.get(f"default_{column.key}"):
                field.label = column.label

    def defaults(self) -> dict[str, str]:
        """Return the values of new rows, by key."""
        return _defaults_said(self.cleaned_data)


def _reading_field(heading: str, reading: ColumnReading) -> forms.ChoiceField:
    choices = [(choice["key"], f"{choice['label']} ({choice['note']})") for choice in reading["choices"]]
    if not reading["chosen"]:
        choices = [("", "choose"), *choices]
    return forms.ChoiceField(
        choices=choices,
        required=not reading["chosen"],
        label=f"How “{heading}” is read",
        help_text=f"{reading['evidence']}.",
        initial=reading["chosen"],
    )


def _default_fields(run: BringRun, kind: Kind, none: str = "") -> dict[str, forms.Field]:
    return {
        f"default_{column.key}": _default_field(column, kind, run, none)
        for column in kind.all_columns()
        if column.needed and column.type is Type.CHOICE
    }


def _defaults_said(said: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix("default_"): value
        for name, value in said.items()
        if name.startswith("default_") and value
    }


def _default_field(column: Column, kind: Kind, run: BringRun, none: str) -> forms.ChoiceField:
    one, many = kind.nouns()
    return forms.ChoiceField(
        choices=[("", none or f"new {many} without it are rejected"), *column.choices().items()],
        required=False,
        label=f"{column.label} of every new {one} whose row has none",
        initial=run.defaults.get(column.key, ""),
    )


class MeantForm(forms.Form):
    """Whom a row means, chosen by typing."""

    def __init__(self, data: Mapping[str, object] | None, *, kind: Kind) -> None:
        super().__init__(data)
        picker = next(picker for picker in registered() if picker.key == kind.picker)
        self.fields["meant"] = PickerField(picker, label=picker.nouns[0].capitalize())
