"""API calls of the last 24 hours, counted as the org's daily allocation counts them."""

from __future__ import annotations

import threading
from collections import deque

from prm.sandbox.kit.clock import Clock

# Versions of the API above the first are known, those below 31 were retired.
FIRST_VERSION, RETIRED_BELOW, LAST_VERSION = 20, 31, 68


class Usage:
    """A rolling count per minute; it starts at nothing when the process starts."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._minutes: deque[list[int]] = deque()
        self.limit = limit
        self.per_app = False
        self.total = 0

    def count(self, calls: int = 1) -> None:
        """Add calls made now."""
        minute = int(self._clock.now().timestamp() // 60)
        with self._lock:
            self.total += calls
            if self._minutes and self._minutes[-1][0] == minute:
                self._minutes[-1][1] += calls
            else:
                self._minutes.append([minute, calls])

    @property
    def used(self) -> int:
        """Calls of the last 24 hours."""
        oldest = int(self._clock.now().timestamp() // 60) - 24 * 60
        with self._lock:
            while self._minutes and self._minutes[0][0] <= oldest:
                self._minutes.popleft()
            return sum(calls for _, calls in self._minutes)

    @property
    def exhausted(self) -> bool:
        """Whether no call is left."""
        return self.used >= self.limit

    def header(self) -> str:
        """Return the value of `Sforce-Limit-Info`."""
        used = self.used
        header = f"api-usage={used}/{self.limit}"
        if self.per_app:
            header += f"; per-app-api-usage={used}/{self.limit}(appName=PRM)"
        return header
