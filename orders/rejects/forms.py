"""Input of the page that corrects a rejected line."""

from typing import Any

from django import forms

from orders.sources.spec import FIELDS, Spec


class CorrectForm(forms.Form):
    """The cells of a rejected line, as written, to be corrected."""

    def __init__(self, *args: Any, spec: Spec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in spec.columns:
            self.fields[name] = forms.CharField(required=False, label=FIELDS[name], max_length=500)
