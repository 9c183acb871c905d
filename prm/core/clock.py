"""The one clock. Nothing else asks the system for the time.

Callers import :func:`now` by name, so replacing it would leave some of them on the system's time.
Tests replace :func:`system_time`, which every one of them reaches (fixture ``clock_at``).
"""

from datetime import UTC, datetime


def system_time() -> datetime:
    """The system's own time, aware, in UTC. For :func:`now` alone."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return system_time()
