"""Promises: how the next step of a visit stands against its date."""

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
