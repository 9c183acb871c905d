"""How far a merge is, written by a second connection so that others see it before the merge commits."""

import threading
from types import TracebackType
from typing import Final, Self
from uuid import UUID

from django.db import connection, transaction

from partners.merges.models import MergeTask
from prm.tenancy.context import bound_tenant, current_tenant

# Seconds between two notes.
INTERVAL: Final = 1.0


class Progress:
    """Use as a context manager around the transaction; inside one that was open before nothing is noted."""

    def __init__(self, task_id: UUID) -> None:
        self._task_id, self._tenant = task_id, current_tenant()
        self._step, self._done = "", 0
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def moved(self, words: str, rows: int) -> None:
        """Note which rows move, and that so many more have."""
        self._step, self._done = words, self._done + rows

    def __enter__(self) -> Self:
        if not connection.in_atomic_block:
            self._thread = threading.Thread(target=self._notes, name="merge-progress", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop noting; afterwards the merge's own transaction may write the task."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _notes(self) -> None:
        try:
            with bound_tenant(self._tenant):
                while not self._over.wait(INTERVAL):
                    with transaction.atomic():
                        MergeTask.objects.filter(pk=self._task_id, ended_at=None).update(
                            step=self._step[:80], rows_done=self._done
                        )
        finally:
            connection.close()
