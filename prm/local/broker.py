"""The newcomer's broker: kombu's filesystem transport, made safe for several processes.

kombu writes a message into the file that consumers already see, so that under load a worker reads
half of it and ends with a JSON error (seen 2026-11-23 with kombu's filesystem transport). It also
takes messages by moving them to the system's temporary folder, which copies when that is another
file system. Here a message gets its name only when it is whole, is taken by a rename in its own
folder, and the table of an exchange is read and written under one lock. kombu also notes that a queue
is bound before it is: a second thread that asked meanwhile sent its messages to nobody (seen
2026-11-23). Here it waits.
"""

import fcntl
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

import kombu.transport
from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

SCHEME = "prmfiles"

# What is bound is known to all connections of a process.
_BINDING = threading.Lock()


class Channel(filesystem.Channel):
    """See the module's docstring."""

    @contextmanager
    def _table_lock(self) -> Iterator[None]:
        folder = Path(self.control_folder)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "tables.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def get_table(self, exchange: str) -> Any:
        with self._table_lock():
            return super().get_table(exchange)

    def queue_bind(self, *args: Any, **kwargs: Any) -> None:
        with _BINDING:
            super().queue_bind(*args, **kwargs)

    def _queue_bind(
        self, exchange: str, routing_key: str | None, pattern: str | None, queue: str | None
    ) -> None:
        with self._table_lock():
            super()._queue_bind(exchange, routing_key, pattern, queue)  # type: ignore[arg-type]

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}"
        draft = Path(self.data_folder_out) / f"{name}.draft"
        draft.write_text(dumps(payload), encoding="utf-8")
        draft.rename(draft.with_name(f"{name}.msg"))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        ending = f"{queue}.msg"
        for name in sorted(os.listdir(self.data_folder_in)):
            if name.partition(".")[2] != ending:
                continue
            file = Path(self.data_folder_in) / name
            mine = file.with_name(f"{name}.{uuid.uuid4().hex}")
            try:
                file.rename(mine)
            except FileNotFoundError:
                continue  # another consumer was first
            text = mine.read_text(encoding="utf-8")
            mine.unlink()
            return loads(text)
        raise Empty


class Transport(filesystem.Transport):
    """kombu's transport with the channel above."""

    Channel = Channel


def register() -> None:
    """Make ``prmfiles://`` known to kombu."""
    kombu.transport.TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
