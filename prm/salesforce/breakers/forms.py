"""The thresholds as a form."""

from __future__ import annotations

from django import forms

from prm.salesforce.breakers.service import THRESHOLDS

_WORDS = {
    "changed_records": "Changed: more than so many records", "changed_percent": "Changed: more than percent of all",
    "cleared_records": "Losing a value: more than so many records",
    "cleared_percent": "Losing a value: more than percent of all",
    "deleted_records": "Deleted: more than so many records", "deleted_percent": "Deleted: more than percent of all",
    "loop_times": "Loop: a field rewritten there so many times", "loop_minutes": "Loop: within so many minutes",
}  # fmt: skip


class GuardForm(forms.Form):
    """From how many records on a change by one cause waits for a person."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in THRESHOLDS:
            self.fields[name] = forms.IntegerField(label=_WORDS[name], min_value=1)
