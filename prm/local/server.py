"""The life of an embedded server: started when first needed, stopped when nobody uses it any more.

A process that uses a server holds a shared lock on its `users.lock` until it ends, so nothing has
to be told when it ends, not even after `kill -9`. Forked children share the lock with their
parent and keep the server alive after it; programs started by exec do not inherit it. A detached
keeper (`keeper.py`) owns the server and stops it when the last lock is gone.

The lock is never released by hand: LOCK_UN in a forked child would release it for the parent too.
"""

import fcntl
import json
import os
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, ClassVar

from prm.local import keeper
from prm.local.keeper import Order
from prm.local.layout import Account, Layout, LocalServiceError, prepare

READY_SECONDS = 75.0
LONGEST_LOG = 5_000_000


class EmbeddedServer(ABC):
    """What differs from server to server."""

    name: ClassVar[str]
    """Its folder in `.local`."""
    title: ClassVar[str]
    """Its name for people."""
    program: ClassVar[str]
    """A word of its command line."""
    socket_name: ClassVar[str]
    pid_name: ClassVar[str]
    """The pid file in its data directory."""
    answers_ping: ClassVar[bool]
    advice: ClassVar[Mapping[str, str]]
    """What to do, by a word of the log that tells the cause."""

    @abstractmethod
    def account(self) -> Account:
        """Return whom it runs as."""

    @abstractmethod
    def make_data(self, layout: Layout, start_lock: int) -> None:
        """Make the data directory whole or not at all; a program started for it inherits the lock."""

    @abstractmethod
    def command(self, layout: Layout) -> list[str]:
        """Return the command line of a server that listens on its socket only and stays in the foreground.

        Raises LocalServiceError when it is known that the server would not start.
        """

    @abstractmethod
    def finish(self, layout: Layout) -> None:
        """Make what users expect on a server that takes connections; repeatable."""


_held: dict[Path, int] = {}
# One for each server, by name, so that several start side by side.
_guards: defaultdict[str, threading.RLock] = defaultdict(threading.RLock)


def _after_fork() -> None:
    """Make new guards: another thread may have held one at the fork; in the child nobody would give it back."""
    _guards.clear()


os.register_at_fork(after_in_child=_after_fork)


def ensure_running(server: EmbeddedServer, home: Path) -> Path:
    """Make sure that the server of `home` runs and stays as long as this process; return its socket's directory.

    The first call makes its data; a call while it runs takes under a millisecond.
    Raises LocalServiceError with the reason and what to do.
    """
    with _guards[server.name]:
        top = (home.absolute() / ".local" / server.name).resolve()
        if _holds(top):
            running = _read_state(top)
            if running:
                return running
        layout = prepare(home.absolute(), server.name, server.account())
        _hold(layout)
        running = _read_state(layout.top)
        if running:
            return running
        try:
            return _start(server, layout)
        except BaseException:
            os.close(_held.pop(layout.top))
            raise


def keep_over_exec() -> None:
    """Let the program that this process becomes go on holding the servers."""
    for descriptor in _held.values():
        os.set_inheritable(descriptor, True)


def failure(server: EmbeddedServer, layout: Layout, what: str) -> LocalServiceError:
    """Return an error with the last lines of the server's log and, where the cause is known, what to do."""
    try:
        lines = layout.log.read_text(errors="replace").splitlines()[-8:]
    except OSError:
        lines = []
    advice = [text for sign, text in server.advice.items() if any(sign in line for line in lines)]
    quoted = "".join(f"\n  {line}" for line in lines)
    return LocalServiceError(" ".join([f"{what}.", *advice, f"The end of {layout.log}:{quoted}"]))


def open_log(layout: Layout) -> BinaryIO:
    """Open the server's log for appending; one that is long is put aside first."""
    if layout.log.exists() and layout.log.stat().st_size > LONGEST_LOG:
        layout.log.rename(layout.log.with_suffix(".log.old"))
    layout.log.touch(mode=0o600)
    return layout.log.open("ab")


def is_durable() -> bool:
    """Return False with PRM_PG_FSYNC=off, for servers that hold only tests."""
    return os.environ.get("PRM_PG_FSYNC", "on") != "off"


def _holds(top: Path) -> bool:
    """Return whether this process (or the one it was forked from) holds the users' lock that is there now."""
    descriptor = _held.get(top)
    if descriptor is None:
        return False
    try:
        ours, there = os.fstat(descriptor), (top / "users.lock").stat()
    except OSError:
        del _held[top]
        return False
    if (ours.st_dev, ours.st_ino) == (there.st_dev, there.st_ino):
        return True
    del _held[top]  # .local was deleted and made anew; the number may meanwhile be another file's
    return False


def _hold(layout: Layout) -> None:
    """Take the shared lock; wait while a server that is being stopped still holds it."""
    if _holds(layout.top):
        return
    descriptor = os.open(layout.users_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[layout.top] = descriptor


def _read_state(top: Path) -> Path | None:
    """Return the socket's directory, or None when no server takes connections or its keeper is gone."""
    pid = _keeper(top)
    if pid is None:
        return None
    try:
        state = json.loads((top / "server.json").read_text())
    except (OSError, ValueError):
        return None
    return Path(state["socket"]) if state["keeper"] == pid else None


def _write_state(layout: Layout) -> None:
    fresh = layout.state.with_suffix(".new")
    fresh.write_text(json.dumps({"socket": str(layout.socket_directory), "keeper": _keeper(layout.top)}))
    fresh.rename(layout.state)


def _keeper(top: Path) -> int | None:
    """Return the pid of the living keeper."""
    try:
        with (top / "keeper.lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0)
    except (FileNotFoundError, ValueError):
        pass
    return None


def _start(server: EmbeddedServer, layout: Layout) -> Path:
    """Start what is missing; of several processes that arrive at once, one does it."""
    start_lock = os.open(layout.start_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(start_lock, fcntl.LOCK_EX)
        running = _read_state(layout.top)
        if running:
            return running
        order = _order(server, layout)
        if _keeper(layout.top) is None:
            if not layout.data.exists():
                server.make_data(layout, start_lock)
            _start_keeper(server, layout, order)
        _wait_until_ready(server, layout, order)
        server.finish(layout)
        _write_state(layout)
        return layout.socket_directory
    finally:
        os.close(start_lock)


def _order(server: EmbeddedServer, layout: Layout) -> Order:
    return {
        "title": server.title,
        "command": server.command(layout),
        "privileges": layout.account.privileges,
        "program": server.program,
        "data": str(layout.data),
        "pid_file": str(layout.data / server.pid_name),
        "socket_file": str(layout.socket_directory / server.socket_name),
        "answers_ping": server.answers_ping,
        "log": str(layout.log),
        "users_lock": str(layout.users_lock),
        "keeper_lock": str(layout.keeper_lock),
        "state": str(layout.state),
    }


def _start_keeper(server: EmbeddedServer, layout: Layout, order: Order) -> None:
    with open_log(layout) as log:
        # The keeper forks at once and its parent ends: nobody has to wait for it later.
        starter = subprocess.Popen(  # nosec B603 # no shell; the command is our own
            [sys.executable, "-I", "-S", keeper.__file__, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    assert starter.stdout is not None
    with starter.stdout as answer:
        said = answer.readline().decode().strip()
    starter.wait()
    if said != "ready":
        reason = said.removeprefix("failed: ") or "its keeper died"
        raise failure(server, layout, f"The embedded {server.title} did not start ({reason})")


def _wait_until_ready(server: EmbeddedServer, layout: Layout, order: Order) -> None:
    """Wait in case that whoever started the keeper was killed before the server was ready."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and _keeper(layout.top) is not None:
        if keeper.is_ready(order):
            return
        time.sleep(0.02)
    raise failure(server, layout, f"The embedded {server.title} did not get ready")
