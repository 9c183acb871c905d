"""The memory of an import: its peak, and Python's search for cycles of unused objects made rare meanwhile."""

import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

# New containers (lists, tuples, objects) between two searches; Python's own figure is 700.
_RARELY: Final = 50_000

_lock = Lock()
_usual: list[tuple[int, int, int]] = []


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Search for cycles seldom while the block runs, in the whole process; blocks may overlap in threads.

    Rows of a file are hundreds of thousands of lists that belong to no cycle and are freed without a search. Looking at all
    of those at hand again and again took a third of a second import's time.
    """
    with _lock:
        _usual.append(gc.get_threshold())
        gc.set_threshold(_RARELY, *_usual[0][1:])
    try:
        yield
    finally:
        with _lock:
            # The first entry is that of before any block, whichever block ends last.
            first = _usual[0]
            _usual.pop()
            if not _usual:
                gc.set_threshold(*first)


def peak_memory_mb() -> float:
    """Return the most memory this process has used so far, in megabytes (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)
