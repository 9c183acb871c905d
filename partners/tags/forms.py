"""Input of the pages of tags."""

from django import forms

from partners.tags.rules import LONGEST, words_of
from prm.core.errors import Refused
from prm.ui.fields import Cleaned

_COMMAS = "Commas between them."


class TagsField(forms.CharField):
    """Tags with commas between them, as a list."""

    def clean(self, value: object) -> list[str]:
        """Return the tags. Raises ValidationError."""
        try:
            return words_of(super().clean(value))
        except Refused as refused:
            raise forms.ValidationError(refused.message, code=refused.code) from refused


class AddTagsForm(forms.Form):
    """Tags for one partner."""

    tags = TagsField(label="Tags", max_length=1_000, help_text=_COMMAS)


class BulkTagsForm(forms.Form):
    """Tags for many partners."""

    add = TagsField(label="Put on", max_length=1_000, required=False, help_text=_COMMAS)
    remove = TagsField(label="Take off", max_length=1_000, required=False, help_text=_COMMAS)

    def clean(self) -> Cleaned:
        """Ask for one of the two."""
        data = self.cleaned_data
        if not self.errors and not data.get("add") and not data.get("remove"):
            self.add_error("add", "Say which tag.")
        return data


class TagForm(forms.Form):
    """Another word for a tag, or another tag in its place."""

    name = forms.CharField(label="Word", max_length=LONGEST, required=False)
    into = forms.CharField(
        required=False,
        max_length=LONGEST,
        label="Or merge it into",
        help_text="Another tag. Whoever has this one has the other one then.",
    )
