"""Input of the page that corrects a rejected line."""

from collections.abc import Mapping

from django import forms

from orders.sources.spec import FIELDS, Spec


class CorrectForm(forms.Form):
    """The cells of a rejected line, as written, to be corrected."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, spec: Spec, initial: Mapping[str, str]
    ) -> None:
        super().__init__(data, initial=dict(initial))
        for name in spec.fields:
            self.fields[name] = forms.CharField(required=False, label=FIELDS[name], max_length=500)
