"""When a digest is due: plain values in, plain values out."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from prm.digest.choices.states import Frequency, Weekday

USUAL_FREQUENCY: Final = Frequency.DAILY
USUAL_WEEKDAY: Final = Weekday.MONDAY
USUAL_TIME: Final = time(7, 30)
"""As delivered, where an organisation has said nothing."""

STILL_USEFUL: Final = timedelta(hours=10)
"""A mail that could not go when it was due goes so much later at most: nobody is mailed at night about the morning."""

_PERIODS: Final = {Frequency.DAILY: timedelta(days=1), Frequency.WEEKLY: timedelta(days=7)}
LONGEST_LOOK: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Timing:
    """How often, on which day of the week (weekly), at what time of the day, in which IANA time zone."""

    frequency: Frequency
    weekday: int
    at: time
    timezone: str

    @property
    def words(self) -> str:
        """Return "Workdays at 7:30, New York"."""
        if self.frequency == Frequency.OFF:
            return "No digest"
        days = "Workdays" if self.frequency == Frequency.DAILY else f"{Weekday(self.weekday).label}s"
        return f"{days} at {self.at.hour}:{self.at.minute:02d}, {place(self.timezone)}"


def place(timezone: str) -> str:
    """Return what people call a time zone: "New York"."""
    return timezone.rpartition("/")[2].replace("_", " ")


def last_due(timing: Timing, moment: datetime) -> datetime | None:
    """Return the latest moment up to *moment* (aware) for which a digest is arranged; None for somebody who wants none.

    Daily ones go from Monday to Friday. A time that the clocks leave out in spring is that of an hour later.
    """
    if timing.frequency == Frequency.OFF:
        return None
    zone = ZoneInfo(timing.timezone)
    day = moment.astimezone(zone).date()
    for back in range(8):
        then = day - timedelta(days=back)
        wanted = (
            then.weekday() < 5 if timing.frequency == Frequency.DAILY else then.weekday() == timing.weekday
        )
        at = datetime.combine(then, timing.at, zone)
        if wanted and at <= moment:
            return at
    return None


def is_due(timing: Timing, moment: datetime, *, chosen_at: datetime) -> bool:
    """Return whether a digest is to go now: arranged for a moment not long ago, and after it was chosen so."""
    due = last_due(timing, moment)
    return due is not None and due > chosen_at and moment - due < STILL_USEFUL


def look_from(timing: Timing, due: datetime, *, last_sent: datetime | None) -> datetime:
    """Return from when on news are told: since the last digest, without one since one period ago (over the weekend)."""
    earliest = due - LONGEST_LOOK
    if last_sent is not None:
        return max(last_sent, earliest)
    period = _PERIODS.get(timing.frequency, timedelta(days=1))
    local = due.astimezone(ZoneInfo(timing.timezone))
    over_weekend = timing.frequency == Frequency.DAILY and local.weekday() == Weekday.MONDAY
    return due - (timedelta(days=3) if over_weekend else period)
