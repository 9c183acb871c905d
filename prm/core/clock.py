"""The one clock. Nothing else asks the system for the time.

Callers import `now` by name, so replacing it would leave some of them on the system's time.
Tests replace `system_time`, which every one of them reaches (fixture `clock_at`).
"""

from datetime import UTC, datetime


def system_time() -> datetime:
    """Return the system's own time, aware, in UTC. For `now` alone."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return system_time()
