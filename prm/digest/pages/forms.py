"""Input of what is arranged."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Final, TypedDict
from zoneinfo import available_timezones

from django import forms

from prm.core.calendar import is_timezone
from prm.digest.choices.models import DigestChoice, DigestDefault
from prm.digest.choices.rules import place
from prm.digest.choices.states import Frequency, Weekday
from prm.digest.lines.registry import Topic
from prm.tenancy.context import current_tenant

_ZONES: Final = [
    (zone, zone.replace("_", " ")) for zone in sorted(filter(is_timezone, available_timezones()))
]
_SEGMENTS: Final = {"class": "segments"}


class Choice(TypedDict):
    """What `set_choice` takes."""

    frequency: str
    weekday: int | None
    at: time | None
    timezone: str
    muted: list[str]
    as_usual: list[str]


class DefaultForm(forms.Form):
    """How often, on which day and when, for whoever has not chosen."""

    frequency = forms.ChoiceField(
        label="Digest", choices=Frequency, widget=forms.RadioSelect(attrs=_SEGMENTS)
    )
    at = forms.TimeField(label="At", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    weekday = forms.TypedChoiceField(
        label="A weekly one on", choices=Weekday, coerce=int, help_text="Daily ones go from Monday to Friday."
    )

    def __init__(self, data: Mapping[str, object] | None, *, kept: DigestDefault) -> None:
        initial = {"frequency": kept.frequency, "at": kept.at, "weekday": kept.weekday}
        super().__init__(data, initial=initial)


class ChoiceForm(forms.Form):
    """How often, when and of what somebody is told; an empty field is as the organisation has it."""

    frequency = forms.ChoiceField(
        label="Digest", choices=Frequency, widget=forms.RadioSelect(attrs=_SEGMENTS)
    )
    at = forms.TimeField(
        label="At", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    weekday = forms.ChoiceField(label="A weekly one on", required=False)
    timezone = forms.ChoiceField(label="Time zone", required=False)
    topics = forms.MultipleChoiceField(
        label="Tell me about", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Mapping[str, object] | None,
        *,
        kept: DigestChoice,
        usual: DigestDefault,
        topics: Sequence[Topic],
    ) -> None:
        super().__init__(data, initial=_initial(kept, usual, topics))
        self._usual, self._topics, self._kept = usual, topics, kept
        _set(self, "weekday", [("", f"{Weekday(usual.weekday).label}, as usual here"), *_days()])
        zone = place(current_tenant().timezone)
        _set(self, "timezone", [("", f"{zone}, as {current_tenant().name}"), *_ZONES])
        _set(self, "topics", [(topic.key, topic.heading) for topic in topics])

    def choice(self) -> Choice:
        """Return what `set_choice` takes: what is as the organisation has it stays so when it changes its mind."""
        said = self.cleaned_data
        own = bool(self._kept.frequency) or said["frequency"] != self._usual.frequency
        shown = {topic.key for topic in self._topics}
        # Topics that the member may not see now stay as they were.
        unseen = [key for key in self._kept.muted if key not in shown]
        return {
            "frequency": said["frequency"] if own else "",
            "weekday": int(said["weekday"]) if said["weekday"] else None,
            "at": said["at"],
            "timezone": said["timezone"],
            "muted": [*unseen, *sorted(shown - set(said["topics"]))],
            "as_usual": [name for name in ("weekday", "at") if said[name] in (None, "")],
        }


def _initial(kept: DigestChoice, usual: DigestDefault, topics: Sequence[Topic]) -> dict[str, object]:
    return {
        "frequency": kept.frequency or usual.frequency,
        "at": kept.at,
        "weekday": "" if kept.weekday is None else str(kept.weekday),
        "timezone": kept.timezone,
        "topics": [topic.key for topic in topics if topic.key not in kept.muted],
    }


def _days() -> list[tuple[str, str]]:
    return [(str(day.value), str(day.label)) for day in Weekday]


def _set(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
