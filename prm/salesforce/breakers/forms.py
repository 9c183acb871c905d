"""The thresholds as a form."""

from __future__ import annotations

from django import forms

from prm.salesforce.breakers.service import THRESHOLDS

_WORDS = {
    "changed_records": "Records changed, more than", "changed_percent": "or percent of all",
    "cleared_records": "Records that lose a value, more than", "cleared_percent": "or percent of all",
    "deleted_records": "Records deleted, more than", "deleted_percent": "or percent of all",
    "loop_times": "A field rewritten there again, times", "loop_minutes": "within minutes",
}  # fmt: skip


class GuardForm(forms.Form):
    """From how many records on a change by one cause waits for a person."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in THRESHOLDS:
            self.fields[name] = forms.IntegerField(label=_WORDS[name], min_value=1)
