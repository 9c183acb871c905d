"""The one clock. Tests patch :func:`now`; nothing else asks the system for the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
