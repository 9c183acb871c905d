"""Input of the upload page."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from orders.sources.models import OrderSource


class ManyFiles(forms.ClearableFileInput):
    """A file field that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploaded files as a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        """A list of files, each checked as a single one would be."""
        one = super().clean
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [one(file, initial) for file in files] or one(None, initial)


class UploadForm(forms.Form):
    """Which files, of which source."""

    source: "forms.ModelChoiceField[OrderSource]" = forms.ModelChoiceField(
        queryset=None, label="Source", empty_label=None
    )
    files = FilesField(  # type: ignore[assignment]
        label="Files", help_text="CSV or XLSX. Several are one import, in the order of their names."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].queryset = OrderSource.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def sorted_files(self) -> list[UploadedFile]:
        """The files by name, as a system that exports daily means them."""
        return sorted(self.cleaned_data["files"], key=lambda file: str(file.name))
