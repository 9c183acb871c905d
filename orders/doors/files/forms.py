"""Input of the upload page."""

import csv
import io
from collections.abc import Sequence
from typing import Final

from django import forms
from django.core.files.base import ContentFile, File

from orders.doors.files.order import in_order
from orders.doors.forms import DoorForm
from orders.sources.spec import Spec

# Characters of pasted rows.
_MOST_PASTED: Final = 5_000_000
NOTHING_BROUGHT: Final = "Choose a file, or paste rows."


class ManyFiles(forms.ClearableFileInput):
    """A file field that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files as a list."""

    widget = ManyFiles

    def clean(self, data: object, initial: object = None) -> object:
        """Return a list of files, each checked as a single one would be."""
        check = super().clean
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [check(file, initial) for file in files] or check(None, initial)


class PastedField(forms.CharField):
    """Rows copied from a spreadsheet, instead of a file."""

    def __init__(self, *, lines: int) -> None:
        super().__init__(
            required=False,
            label="Or rows from a spreadsheet",
            max_length=_MOST_PASTED,
            widget=forms.Textarea(attrs={"rows": lines}),
            help_text="Copy them with their headings and paste them here.",
        )


class UploadForm(DoorForm):
    """Which files, of which source."""

    files = FilesField(  # type: ignore[assignment]
        label="Files",
        required=False,
        help_text="CSV, XLSX or ODS, also in ZIP or gzip. Several are one import, in the order of the dates or numbers in their names.",
    )

    pasted = PastedField(lines=4)

    def clean(self) -> None:
        """Ask for files or rows, and write pasted rows as the source says that its files are written."""
        super().clean()
        pasted, source = self.cleaned_data.get("pasted", ""), self.cleaned_data.get("source")
        if "files" not in self.errors and not self.cleaned_data.get("files") and not pasted.strip():
            self.add_error("files", NOTHING_BROUGHT)
        elif pasted.strip() and source is not None and source.rules.starts:
            self.add_error("pasted", "This source reads files of fixed width: bring a file.")
        elif pasted.strip() and source is not None:
            try:
                self.cleaned_data["pasted_file"] = _as_written_by(source.rules, pasted)
            except UnicodeEncodeError as error:
                sign = error.object[error.start]
                self.add_error(
                    "pasted",
                    f"“{sign}” cannot be written in {source.rules.encoding}, the encoding of the source.",
                )

    def brought(self) -> Sequence["File[bytes]"]:
        """Return the files by the dates in their names, then as people count; pasted rows come last."""
        files = [*(self.cleaned_data["files"] or ())]
        if pasted := self.cleaned_data.get("pasted_file"):
            files.append(pasted)
        return [files[place] for place in in_order([str(file.name) for file in files])]


def _as_written_by(spec: Spec, pasted: str) -> "File[bytes]":
    """Return rows that a spreadsheet has put on the clipboard (tabs between cells) as a file of a source."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter=spec.delimiter,
        quotechar=spec.quote,
        escapechar=spec.escape or None,
        doublequote=not spec.escape,
    )
    writer.writerows(csv.reader(io.StringIO(pasted, newline=""), delimiter="\t"))
    return ContentFile(text.getvalue().encode(spec.encoding), name="pasted.csv")
