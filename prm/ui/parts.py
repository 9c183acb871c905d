"""What templates draw from values: a key figure, an entry of a timeline, the progress of a long job."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString

from prm.ui.formatting import number, plural


@dataclass(frozen=True)
class Figure:
    """A label, its value and a quieter note. ``html`` (from prm.ui.components) replaces the value.

    ``last=True`` moves it to the right end of the strip.
    """

    label: str
    value: str = ""
    note: str | SafeString = ""
    html: SafeString | None = None
    last: bool = False


@dataclass(frozen=True)
class Item:
    """What happened: icon, title, when (already words), text, and a note such as a late promise.

    ``note_kind``: "", "good", "warn" or "bad". ``undo_url`` gets a POST form.
    """

    icon: str
    title: str
    when: str
    text: str = ""
    note: str = ""
    note_kind: str = ""
    url: str = ""
    undo_url: str = ""


@dataclass(frozen=True)
class Step:
    """One step: state is "done", "now", "waits" or "failed"."""

    title: str
    note: str = ""
    state: str = "waits"

    @property
    def icon(self) -> str:
        """The icon of the state, "" while it waits."""
        return {"done": "check", "now": "loader-2", "failed": "alert-circle"}.get(self.state, "")

    @property
    def state_words(self) -> str:
        """The state for screen readers."""
        words = {"done": "done", "now": "running", "failed": "failed"}
        return words.get(self.state, "waiting")


PROGRESS_QUERY: Final = "part=progress"
"""What a page with a long job adds to its own address to ask for how far that job is."""


@dataclass(frozen=True)
class Progress:
    """Rows done of total (None = not known yet), seconds left, steps.

    The page at ``page_url`` (``""``: none asks) answers it as a piece (`prm.ui.http.progress_piece`); while
    ``running`` it is asked every 2 seconds, not when the page is hidden. ``unreachable``: nobody can begin it at
    present, because the broker does not answer.
    """

    done: int
    total: int | None
    unit: str = "rows"
    seconds_left: float | None = None
    per_second: float | None = None
    steps: Sequence[Step] = ()
    running: bool = True
    page_url: str = ""
    element_id: str = "progress"
    unreachable: bool = False

    @property
    def poll_url(self) -> str:
        """Where the page asks for the piece."""
        mark = "&" if "?" in self.page_url else "?"
        return f"{self.page_url}{mark}{PROGRESS_QUERY}" if self.page_url else ""

    @property
    def headline(self) -> str:
        """``12,600 of 18,211 rows``."""
        if self.total is None:
            return f"{number(self.done)} {self.unit}"
        return f"{number(self.done)} of {number(self.total)} {self.unit}"

    @property
    def note(self) -> str:
        """``69%, about 3 seconds left``; without the parts nobody knows."""
        parts = []
        if self.total:
            # Rounded down: a job that still runs never reads 100%.
            parts.append(f"{min(100, self.done * 100 // self.total)}%")
        if self.running and self.seconds_left is not None:
            parts.append(f"about {_duration(self.seconds_left)} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 90:
        return plural(whole, "second")
    return plural(round(whole / 60), "minute") if whole < 5400 else plural(round(whole / 3600), "hour")
