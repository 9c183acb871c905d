"""Promises: how the next step of a visit stands against its date, and when it is another one."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a promise stands against its date: words, and a kind for the colour (late, today, later)."""

    words: str
    kind: str


def promise_lateness(due: date | None, today: date) -> Lateness:
    """Return "2 days late", "Today", "Wed 25 Nov" or "no date" with its kind."""
    if due is None:
        return Lateness("no date", "later")
    days = (today - due).days
    if days > 0:
        return Lateness(f"{days} day{'s' * (days != 1)} late", "late")
    if days == 0:
        return Lateness("Today", "today")
    return Lateness(
        f"{due:%a} {due.day} {due:%b}" + (f" {due.year}" if due.year != today.year else ""), "later"
    )


Promise = tuple[str, date | None]
"""What is to be done, "" for nothing, and by when (the tenant's day)."""


def is_same_promise(before: Promise, after: Promise) -> bool:
    """Return whether one promise is the other: the same words, whatever their case and blanks, by the same day.

    What was kept was that promise: other words, or another day to do it again, are not kept by it.
    """
    one, other = ((" ".join(step.split()).casefold(), due) for step, due in (before, after))
    return one == other
