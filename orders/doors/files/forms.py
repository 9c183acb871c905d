"""Input of the upload page."""

from collections.abc import Sequence

from django import forms
from django.core.files.base import File

from orders.doors.files.order import in_order
from orders.doors.forms import DoorForm


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


class UploadForm(DoorForm):
    """Which files, of which source."""

    files = FilesField(  # type: ignore[assignment]
        label="Files",
        help_text="CSV or XLSX. Several are one import, in the order of the dates or numbers in their names.",
    )

    def brought(self) -> Sequence["File[bytes]"]:
        """Return the files by the dates in their names, then as people count."""
        files = self.cleaned_data["files"]
        return [files[place] for place in in_order([str(file.name) for file in files])]
