"""Input of the page that corrects a rejected line."""

from collections.abc import Mapping

from django import forms

from orders.sources.spec import FIELDS, Spec


class AlikeForm(forms.Form):
    """The right value, typed once for all rows that have the same wrong one."""

    to = forms.CharField(required=False, label="It should be", max_length=500)


class CorrectForm(forms.Form):
    """The cells of a rejected line, as written, to be corrected."""

    def __init__(
        self, data: Mapping[str, object] | None = None, *, spec: Spec, initial: Mapping[str, str]
    ) -> None:
        super().__init__(data, initial=dict(initial))
        for name in spec.fields:
            self.fields[name] = forms.CharField(required=False, label=FIELDS[name], max_length=500)
