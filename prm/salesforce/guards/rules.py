"""When a change is a mass change, and when a field is caught in a loop. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

LEAST: Final = 20
"""Records below which no share of a small tenant's records is a mass."""

Turn = tuple[str, str]
"""Who rewrote a field ("here", "there"), and when (ISO 8601 with zone)."""


def is_mass(count: int, total: int, *, most: int, percent: int) -> bool:
    """Whether so many of `total` records, changed by one cause, wait for a person: more than `most`, or than a share."""
    return count > most or (count > LEAST and count * 100 > percent * total)


def with_turn(turns: Sequence[Turn], side: str, at: datetime, *, minutes: int) -> list[Turn]:
    """Return the turns of the last `minutes`, this one added; of several of one side in a row the last."""
    since = at - timedelta(minutes=minutes)
    kept = [(who, when) for who, when in turns if datetime.fromisoformat(when) >= since]
    if kept and kept[-1][0] == side:
        kept.pop()
    return [*kept, (side, at.isoformat(timespec="seconds"))]


def is_loop(turns: Sequence[Turn], *, times: int) -> bool:
    """Whether Salesforce rewrote our value `times` times, each after we had written it anew."""
    return sum(who == "there" for who, _ in turns[1:]) >= times
