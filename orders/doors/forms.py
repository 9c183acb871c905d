"""What the forms of doors have in common."""

from collections.abc import Sequence

from django import forms
from django.core.files.base import File

from orders.sources.models import OrderSource


class DoorForm(forms.Form):
    """Which source the orders are of; a door's own form adds what it takes."""

    source: "forms.ModelChoiceField[OrderSource]" = forms.ModelChoiceField(
        queryset=None, label="Source", empty_label=None
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # the stubs list every parameter
        # In the tenant in scope; a class has none.
        self.fields["source"].queryset = OrderSource.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def brought(self) -> Sequence["File[bytes]"]:
        """Return what was brought, as files to be kept until its import is over."""
        raise NotImplementedError
