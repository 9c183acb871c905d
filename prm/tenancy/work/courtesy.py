"""Within one process: large work steps aside while small work of its queue is done beside it.

Threads of a process share one processor. Whose turn it is, is decided when a piece of work begins; this is for the time
after: an edit that takes a third of a second alone would take two beside three backlogs.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prm.tenancy.work.states import Queue, Size

LONGEST: Final = 1.0
"""Seconds for which large work stands still at most, each time it asks: it must get on beside any number of edits."""

_LOOK: Final = 0.02

_NONE: Final[tuple[Queue | None, Size | None]] = (None, None)
_lock = threading.Lock()
_small: Counter[Queue] = Counter()
_own = threading.local()


@contextmanager
def under_way(queue: Queue, size: Size) -> Iterator[None]:
    """Say that this thread is at a piece of work of this queue and size; where tasks run at once, within another."""
    outer = getattr(_own, "work", _NONE)
    _own.work = (queue, size)
    is_small = size is Size.SMALL
    with _lock:
        _small[queue] += is_small
    try:
        yield
    finally:
        with _lock:
            _small[queue] -= is_small
        _own.work = outer


def size_of_own() -> Size | None:
    """Return the size of the work this thread is at; None outside of any."""
    return getattr(_own, "work", _NONE)[1]


def step_aside() -> None:
    """Stand still, for a second at most, while small work of the same queue is done; small work and others go on."""
    queue, size = getattr(_own, "work", _NONE)
    if queue is None or size is not Size.LARGE:
        return
    ends = time.monotonic() + LONGEST
    while _small[queue] and time.monotonic() < ends:
        time.sleep(_LOOK)
