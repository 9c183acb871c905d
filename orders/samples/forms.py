"""Input of the pages of samples."""

from collections.abc import Mapping

from django import forms
from django.core.files.base import ContentFile, File

from orders.doors.files.forms import NOTHING_BROUGHT, PastedField
from orders.proof.finding import Finding
from orders.samples.models import FileSample
from orders.sources.spec import FIELDS
from partners.kinds.queries import kind_choices
from prm.core.money import ISO_4217


class BringForm(forms.Form):
    """A file, or rows pasted from a spreadsheet."""

    file = forms.FileField(
        required=False,
        label="File",
        help_text="CSV, text, XLSX or ODS as your system exports it; also in ZIP or gzip.",
    )
    pasted = PastedField(lines=5)

    def clean(self) -> None:
        """Ask for one of the two."""
        super().clean()
        if (
            not self.errors
            and not self.cleaned_data.get("file")
            and not self.cleaned_data.get("pasted", "").strip()
        ):
            self.add_error("file", NOTHING_BROUGHT)

    def brought(self) -> "File[bytes]":
        """Return what was brought, as a file."""
        return self.cleaned_data["file"] or ContentFile(
            self.cleaned_data["pasted"].encode(), name="pasted.tsv"
        )


class ReadingsForm(forms.Form):
    """A choice for each finding that has several readings, the name of the source, and what no cell decides.

    Fields of findings are called `reading_<place>`, those of columns `column_<field>`.
    """

    name = forms.CharField(max_length=80, label="Name of the source")
    currency = forms.ChoiceField(required=False, label="Currency of lines that name none")
    timezone = forms.CharField(
        required=False,
        max_length=40,
        label="Time zone of times that name none",
        help_text="Empty: your organisation’s.",
    )
    create_partners = forms.BooleanField(required=False, label="Make a partner of every unknown code")
    partner_kind = forms.ChoiceField(choices=kind_choices, label="Which is then a")

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        sample: FileSample,
        findings: list[Finding],
        headings: list[str],
    ) -> None:
        super().__init__(data, initial={"name": name_of(sample.name)})
        self.findings = findings
        self.fields["currency"].choices = [("", "As found"), *((code, code) for code in sorted(ISO_4217))]  # type: ignore[attr-defined]
        for place, finding in enumerate(findings):
            if len(finding.readings) > 1 or finding.is_open:
                self.fields[f"reading_{place}"] = self._choice(finding)
        columns = [("", "No column"), *((str(place), heading) for place, heading in enumerate(headings))]
        for name, label in FIELDS.items():
            initial = sample.columns.get(name, "")
            self.fields[f"column_{name}"] = forms.ChoiceField(
                choices=columns, required=False, label=label, initial=str(initial)
            )

    def _choice(self, finding: Finding) -> forms.ChoiceField:
        return forms.ChoiceField(
            choices=[(reading.key, reading.label) for reading in finding.readings],
            label=finding.label,
            initial=finding.chosen or finding.leaning,
            error_messages={"required": f"Choose how to read it: {finding.label}."},
        )

    def answers(self) -> dict[str, str]:
        """Return what was chosen, by finding."""
        return {
            finding.key: str(self.cleaned_data.get(f"reading_{place}", ""))
            for place, finding in enumerate(self.findings)
        }

    def more(self) -> dict[str, object]:
        """Return the settings that no cell decides."""
        data = self.cleaned_data
        more: dict[str, object] = {
            "create_partners": data["create_partners"],
            "partner_kind": data["partner_kind"],
        }
        return more | {name: data[name] for name in ("currency", "timezone") if data[name]}

    def columns(self) -> dict[str, int]:
        """Return the columns as they stand in the form, by field."""
        chosen = {name: str(self.data.get(f"column_{name}", "")) for name in FIELDS}
        return {name: int(place) for name, place in chosen.items() if place.isdecimal()}


def name_of(file: str) -> str:
    """Return a name for a source from that of its sample: without the ending, marks and dates."""
    stem = file.rsplit(".", 1)[0].replace("_", " ").replace("-", " ")
    words = [word for word in stem.split() if not word.isdecimal()]
    return (" ".join(words)[:80] or stem[:80] or "Orders").capitalize()
