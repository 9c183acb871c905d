"""Wake-ups through the broker, and whether it answers.

A wake-up says that a queue has work; what is done is decided when a worker is free. One that is lost costs
two seconds, until the schedule's next look (`tenancy.wake_waiting`).
"""

import logging
import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

from prm.tenancy.work.states import Queue

TASK: Final = "tenancy.work"
# Seconds for which a process believes what it has seen of the broker, so that requests do not wait for a dead one.
_BELIEVED: Final = 5.0

logger = logging.getLogger("prm.tasks")


@dataclass(slots=True)
class _Seen:
    """What this process saw last: whether the broker answered, and until when (`time.monotonic`) to believe it."""

    answers: bool = True
    until: float = 0.0

    def note(self, answers: bool) -> None:
        self.answers, self.until = answers, time.monotonic() + _BELIEVED

    @property
    def is_silent(self) -> bool:
        return not self.answers and time.monotonic() < self.until


_seen = _Seen()


def wake(queue: Queue, *, job: UUID | None = None, expires: float = 3600.0) -> bool:
    """Wake a worker of a queue; return whether the broker took it.

    `job` is done where tasks run at once (tests); workers take whose turn it is. `expires`: seconds after
    which nobody needs to hear it.
    """
    if _seen.is_silent:
        return False
    message = {"queue": queue.value, "job": str(job) if job else ""}
    try:
        current_app.tasks[TASK].apply_async(kwargs=message, queue=queue.value, retry=False, expires=expires)
    except OperationalError as error:
        _seen.note(False)
        logger.warning("the broker does not answer (%s); work waits until it is back", error)
        return False
    return True


def answers() -> bool:
    """Whether the broker answers; asked at most every five seconds, for at most about a second."""
    if time.monotonic() >= _seen.until:
        _seen.note(_asked())
    return _seen.answers


def _asked() -> bool:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
            # Opening a channel asks Redis; a connection alone does not.
            broker.maybe_close_channel(broker.channel())
    except Exception:  # noqa: BLE001  # each transport has errors of its own
        return False
    return True
