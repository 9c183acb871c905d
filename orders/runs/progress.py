"""How far a run is, written by a second connection so that others see it before the run commits."""

import threading
from typing import Final, Self

from django.db import connection, transaction

from orders.ingest.errors import Stopped
from orders.runs.models import ImportRun
from orders.runs.states import RunState
from prm.core.clock import now
from prm.tenancy.context import bound_tenant, current_tenant

STEPS: Final[dict[str, str]] = {
    "read": "Read and check",
    "compare": "Compare",
    "tie": "Tie to {partners}",
    "write": "Write orders",
    "months": "Months and scores",
}
# Seconds between two notes; a run that has not been heard of for much longer has died.
INTERVAL = 1.0
DEAD_AFTER = 30.0


class Progress:
    """Use as a context manager around a run's transaction.

    Inside a transaction that was open before (a test, a request) nobody could see the notes, and
    the second connection could not see the run: then nothing is noted.
    """

    def __init__(self, run: ImportRun, bytes_total: int, *, state: RunState = RunState.RUNNING) -> None:
        self.run_id, self.bytes_total, self.state = run.pk, bytes_total, state
        self.step = "read"
        self.lines = self.rejected = 0
        self.bytes_before = self.bytes_file = 0
        self._tenant = current_tenant()
        self._over = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if not connection.in_atomic_block:
            self._thread = threading.Thread(target=self._notes, name="import-progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop noting; afterwards the run's own transaction may write the run."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def at(self, step: str) -> None:
        """Enter a step. Raises `Stopped` when somebody asked to stop."""
        self.step = step
        self.check()

    def check(self) -> None:
        """Raise `Stopped` when somebody asked to stop."""
        if self._stop.is_set():
            raise Stopped

    def read(self, *, lines: int, rejected: int, bytes_file: int) -> None:
        """Note how far the present file is."""
        self.lines, self.rejected, self.bytes_file = lines, rejected, bytes_file
        self.check()

    @property
    def lines_expected(self) -> int:
        """Return how many lines there will be, judged by those read so far."""
        done = self.bytes_before + self.bytes_file
        if not done or self.step != "read":
            return self.lines
        return max(self.lines, self.lines * self.bytes_total // done)

    def _notes(self) -> None:
        try:
            with bound_tenant(self._tenant):
                while not self._over.wait(INTERVAL):
                    self._note()
        finally:
            connection.close()

    def _note(self) -> None:
        with transaction.atomic():
            mine = ImportRun.objects.filter(pk=self.run_id, state=self.state)
            found = mine.update(
                step=self.step,
                lines_done=self.lines,
                lines_total=self.lines_expected,
                rejected=self.rejected,
                heartbeat_at=now(),
            )
            # One that is in another state by now was thrown away, or another worker's lease has run out.
            if not found or mine.filter(stop_asked=True).exists():
                self._stop.set()
