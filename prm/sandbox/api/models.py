"""What was asked of an org so far: for people, and for "no record sent twice" tests."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import TypedDict


class Part(TypedDict):
    """One request within a composite."""

    method: str
    endpoint: str
    object: str
    records: int


class Entry(TypedDict, total=False):
    """One request; `keys` name the records it wrote, `parts` what a composite asked, `ms` is how long it took."""

    n: int
    at: str
    method: str
    path: str
    endpoint: str
    object: str
    records: int
    keys: list[str]
    parts: list[Part]
    status: int
    faults: list[str]
    ms: float


class Report(TypedDict):
    """What was asked, with counts per endpoint and per written record."""

    last: int
    total: int
    counts: dict[str, int]
    records_written: int
    distinct_records_written: int
    written_more_than_once: dict[str, int]
    requests: list[Entry]


class Journal:
    """The last requests in order, and totals since the start or the last clearing."""

    def __init__(self, keep: int = 20_000, keep_keys: int = 300_000) -> None:
        """`keep` requests are kept, fewer when together they wrote more than `keep_keys` records."""
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._keep, self._keep_keys, self._keys = keep, keep_keys, 0
        self._counts: Counter[str] = Counter()
        self._number = 0

    def add(self, entry: Entry) -> None:
        """Note a request; `endpoint`, `status` and `records` are counted."""
        with self._lock:
            self._number += 1
            entry["n"] = self._number
            self._entries.append(entry)
            self._counts[entry["endpoint"]] += 1
            self._keys += len(entry.get("keys", ()))
            while len(self._entries) > self._keep or (
                self._keys > self._keep_keys and len(self._entries) > 1
            ):
                self._keys -= len(self._entries.popleft().get("keys", ()))

    def clear(self) -> None:
        """Forget the requests and the counts."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
            self._keys = 0

    @property
    def entries(self) -> list[Entry]:
        """The requests that are kept, the oldest first."""
        with self._lock:
            return list(self._entries)

    def report(self, *, since: int = 0) -> Report:
        """Return the requests after number `since` with counts per endpoint and per written record."""
        with self._lock:
            entries = [entry for entry in self._entries if entry["n"] > since]
            counts = dict(self._counts)
            last = self._number
        written = Counter(key for entry in entries for key in entry.get("keys", ()))
        return {
            "last": last,
            "total": len(entries),
            "counts": counts,
            "records_written": sum(written.values()),
            "distinct_records_written": len(written),
            "written_more_than_once": {key: times for key, times in written.items() if times > 1},
            "requests": entries,
        }
