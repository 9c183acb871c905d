"""Query cursors: the ids of a result, fixed when the query ran; rows are read per page."""

from __future__ import annotations

import datetime as dt
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.soql.compiler import Compiled

LIFE = dt.timedelta(days=2)


def invalid_locator() -> SandboxError:
    """Refuse a locator that leads to no further page."""
    return SandboxError("INVALID_QUERY_LOCATOR", "invalid query locator")


@dataclass(frozen=True, slots=True)
class Cursor:
    """A running result."""

    compiled: Compiled
    ids: list[str]
    batch: int
    user_id: str
    made: dt.datetime
    all_rows: bool


class Cursors:
    """Cursors by locator; they live two days, or until too many are open."""

    def __init__(self, keep: int = 100) -> None:
        self._lock = threading.Lock()
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._keep = keep

    def open(self, cursor: Cursor) -> str:
        """Keep a cursor and return its locator."""
        locator = "01g" + secrets.token_hex(7)[:12] + "AAA"
        with self._lock:
            self._open[locator] = cursor
            while len(self._open) > self._keep:
                self._open.popitem(last=False)
        return locator

    def get(self, locator: str, *, user_id: str, now: dt.datetime) -> Cursor:
        """Return the cursor; INVALID_QUERY_LOCATOR when it is unknown, too old or another user's."""
        with self._lock:
            cursor = self._open.get(locator)
        if cursor is None or now - cursor.made > LIFE or cursor.user_id != user_id:
            raise invalid_locator()
        return cursor

    def expire_all(self) -> None:
        """Forget all cursors, as if two days had passed."""
        with self._lock:
            self._open.clear()
