"""The org's own clock: it can differ from this machine's, be moved and be stopped."""

from __future__ import annotations

import datetime as dt
import re
import threading
import time
from email.utils import format_datetime

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?\Z")
FIRST_YEAR, LAST_YEAR = 1700, 4000


def stamp_text(moment: dt.datetime) -> str:
    """Return the stored form of a moment: UTC, whole seconds, `2026-11-23T09:12:33Z`."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(text: str) -> dt.datetime:
    """Return the moment of a stored stamp, aware, UTC."""
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC)


def parse_moment(value: object) -> dt.datetime | None:
    """Return the aware moment of an ISO 8601 text, read as UTC without a zone; None when it is none."""
    found = _MOMENT.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    day, clock, zone = found.groups()
    zone = "+00:00" if zone in (None, "Z") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        moment = dt.datetime.fromisoformat(f"{day}T{clock}{zone}")
    except ValueError:
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR else None


def shown(stamp: str) -> str:
    """Return a stored stamp in the form of the API."""
    return stamp[:-1] + ".000+0000"


def http_date(stamp: str) -> str:
    """Return a stored stamp in the form of a `Last-Modified` header."""
    return format_datetime(parse_stamp(stamp), usegmt=True)


class Clock:
    """Time as the org sees it (UTC); all stamps come from here."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = dt.timedelta()
        self._frozen: dt.datetime | None = None
        self._date_skew = dt.timedelta()

    def now(self) -> dt.datetime:
        """Return the org's present moment, aware, UTC, with fractions."""
        with self._lock:
            if self._frozen is not None:
                return self._frozen
            return dt.datetime.fromtimestamp(time.time(), dt.UTC) + self._offset

    def stamp(self) -> str:
        """Return the present moment in the stored form, fractions cut off."""
        return stamp_text(self.now())

    def http_date(self) -> str:
        """Return the value of the `Date` header; its own skew comes on top of the org's."""
        with self._lock:
            skew = self._date_skew
        return format_datetime((self.now() + skew).replace(microsecond=0), usegmt=True)

    def advance(self, seconds: float) -> None:
        """Move the org's time (also a stopped one) by so many seconds."""
        with self._lock:
            if self._frozen is not None:
                self._frozen += dt.timedelta(seconds=seconds)
            else:
                self._offset += dt.timedelta(seconds=seconds)

    def freeze(self, at: dt.datetime | None = None) -> None:
        """Stop the clock, here or at the given aware moment."""
        moment = at or self.now()
        with self._lock:
            self._frozen = moment

    def run(self) -> None:
        """Let a stopped clock go on from where it stands."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - dt.datetime.fromtimestamp(time.time(), dt.UTC)
                self._frozen = None

    def reset(self) -> None:
        """Go back to this machine's time."""
        with self._lock:
            self._offset, self._date_skew, self._frozen = dt.timedelta(), dt.timedelta(), None

    def skew_date_header(self, seconds: float) -> None:
        """Make only the `Date` header wrong by so many seconds."""
        with self._lock:
            self._date_skew = dt.timedelta(seconds=seconds)
