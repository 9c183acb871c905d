"""The embedded PostgreSQL: started when first needed, stopped when nobody uses it any more.

A process that uses the server holds a shared lock on ``users.lock`` until it ends, so nothing has
to be told when it ends, not even after ``kill -9``. Forked children share the lock with their
parent and keep the server alive after it; programs started by exec do not inherit it. A detached
keeper (`keeper.py`) owns the server and stops it when the last lock is gone.

The lock is never released by hand: LOCK_UN in a forked child would release it for the parent too.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

import psycopg

from prm.local.layout import Layout, LocalServiceError, home_from_environment, prepare, server_binaries
from prm.local.roles import ensure_roles

DATABASE = "prm"
OWNER = "prm_owner"
APP = "prm_app"
ADMIN = "postgres"
PORT = 5432  # only names the socket's file: the server listens on no network address
READY_SECONDS = 75.0
LONGEST_LOG = 5_000_000
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - only measured
ENOUGH_SHARED_MEMORY = 256 * 1024**2

# For a laptop that runs everything: little memory, few connections, and a write-ahead log that
# lets half a million rows in without a checkpoint every few seconds. Given on the command line,
# so that a change reaches clusters that exist.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "min_wal_size": "160MB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "logging_collector": "off",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %u@%d ",
}

ADVICE = {
    "No space left on device": "The disk is full: free some space and try again.",
    "could not resize shared memory": "Shared memory (/dev/shm) is too small: give it at least 64 MB.",
    "could not map anonymous shared memory": "There is not enough free memory (about 200 MB are needed).",
    "could not create shared memory": "The system allows no more shared memory; end other database servers.",
    "ermission denied": "A directory cannot be entered or written to; set PRM_HOME to one of your own.",
    "could not look up effective user": "This account has no name on this machine, which PostgreSQL insists on: run as "
    "root or as a user with a name, or set DATABASE_URL.",
    "database files are incompatible": "The cluster was made by another PostgreSQL; see docs/operations.md.",
}


@dataclass(frozen=True, slots=True)
class LocalDatabase:
    """How to reach the running server. Three roles: see prm.local.roles; ``postgres`` only for set-up."""

    socket: str
    port: int = PORT
    name: str = DATABASE

    def parameters(self, role: str) -> dict[str, str | int]:
        """Keyword arguments for ``psycopg.connect``."""
        return {"host": self.socket, "port": self.port, "dbname": self.name, "user": role}

    def url(self, role: str) -> str:
        """A libpq URL."""
        where = urlencode({"host": self.socket, "port": self.port})
        return f"postgresql://{quote(role)}@/{quote(self.name)}?{where}"

    @property
    def app_url(self) -> str:
        """For web, workers and commands; row-level security applies."""
        return self.url(APP)

    @property
    def owner_url(self) -> str:
        """For migrations and for making test databases."""
        return self.url(OWNER)

    @property
    def admin_url(self) -> str:
        """The superuser, for setting up roles only."""
        return self.url(ADMIN)


_held: dict[Path, int] = {}
_guard = threading.RLock()


def _after_fork() -> None:
    """Another thread may have held the guard at the fork; in the child nobody would give it back."""
    global _guard
    _guard = threading.RLock()


os.register_at_fork(after_in_child=_after_fork)


def ensure_running(home: Path | None = None) -> LocalDatabase:
    """Makes sure that the server of ``home`` runs and stays as long as this process.

    ``home`` holds ``.local``; without it ``PRM_HOME``, or the checkout. The first call makes the
    cluster, the roles and the empty database; a call while it runs takes under a millisecond.
    Raises LocalServiceError with the reason and what to do.
    """
    home = (home or home_from_environment()).absolute()
    with _guard:
        top = (home / ".local" / "postgres").resolve()
        if _holds(top):
            running = _read_state(top)
            if running:
                return running
        layout = prepare(home)
        _hold(layout)
        running = _read_state(layout.top)
        if running:
            return running
        try:
            return _start(layout)
        except BaseException:
            os.close(_held.pop(layout.top))
            raise


def _holds(top: Path) -> bool:
    """Whether this process (or the one it was forked from) holds the users' lock that is there now."""
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
    """Takes the shared lock; waits while a server that is being stopped still holds it."""
    if _holds(layout.top):
        return
    descriptor = os.open(layout.users_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[layout.top] = descriptor


def _read_state(top: Path) -> LocalDatabase | None:
    """The running server, or None when none takes connections or its keeper is gone."""
    keeper = _keeper(top)
    if keeper is None:
        return None
    try:
        state = json.loads((top / "server.json").read_text())
    except (OSError, ValueError):
        return None
    return LocalDatabase(state["socket"]) if state["keeper"] == keeper else None


def _keeper(top: Path) -> int | None:
    """The pid of the living keeper."""
    try:
        with (top / "keeper.lock").open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0)
    except (FileNotFoundError, ValueError):
        pass
    return None


def _start(layout: Layout) -> LocalDatabase:
    """Starts what is missing; of several processes that arrive at once, one does it."""
    database = LocalDatabase(str(layout.socket_directory))
    start_lock = os.open(layout.start_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(start_lock, fcntl.LOCK_EX)
        running = _read_state(layout.top)
        if running:
            return running
        if _keeper(layout.top) is None:
            binaries = server_binaries(layout)
            _check_version(layout, binaries)
            if not layout.data.exists():
                _initialise(layout, binaries, start_lock)
            _start_keeper(layout, binaries)
        _wait_until_ready(layout)
        try:
            ensure_roles(database.url(ADMIN).replace(f"/{DATABASE}?", "/postgres?"), owner=OWNER, app=APP)
        except psycopg.Error as error:
            raise _failure(layout, f"The local database's roles could not be made ({error})") from error
        _write_state(layout, database)
        return database
    finally:
        os.close(start_lock)


def _initialise(layout: Layout, binaries: Path, start_lock: int) -> None:
    """Makes the cluster beside its place and moves it there, so that half a cluster is never used."""
    unfinished = layout.top / "data.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    if layout.account.dropped:
        os.chown(unfinished, layout.account.uid, layout.account.gid)
    command = [
        str(binaries / "initdb"),
        f"--pgdata={unfinished}",
        f"--username={ADMIN}",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--auth=trust",  # the socket's directory is private
        "--no-instructions",
    ]
    if not _durable():
        command.append("--no-sync")
    with _open_log(layout) as log:
        # The lock goes along: should we be killed, nobody starts on the same directory meanwhile.
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
            pass_fds=[start_lock],
            check=False,
            **_as_account(layout),
        )
    if done.returncode:
        raise _failure(layout, "The local database could not be made")
    unfinished.rename(layout.data)


def _start_keeper(layout: Layout, binaries: Path) -> None:
    command = [str(binaries / "postgres"), "-D", str(layout.data), "-k", str(layout.socket_directory)]
    for name, value in _settings().items():
        command += ["-c", f"{name}={value}"]
    order = {
        "command": command,
        "account": {"uid": layout.account.uid, "gid": layout.account.gid} if layout.account.dropped else None,
        "data": str(layout.data),
        "log": str(layout.log),
        "socket_file": str(layout.socket_directory / f".s.PGSQL.{PORT}"),
        "users_lock": str(layout.users_lock),
        "keeper_lock": str(layout.keeper_lock),
        "state": str(layout.state),
    }
    script = str(Path(__file__).with_name("keeper.py"))
    with _open_log(layout) as log:
        # The keeper forks at once and its parent ends: nobody has to wait for it later.
        starter = subprocess.Popen(
            [sys.executable, "-I", "-S", script, json.dumps(order)],
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
        raise _failure(
            layout, f"The local database did not start ({said.removeprefix('failed: ') or 'keeper died'})"
        )


def _wait_until_ready(layout: Layout) -> None:
    """For the case that whoever started the keeper was killed before the server was ready."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and _keeper(layout.top) is not None:
        try:
            lines = (layout.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            lines = []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        time.sleep(0.02)
    raise _failure(layout, "The local database did not get ready")


def _write_state(layout: Layout, database: LocalDatabase) -> None:
    fresh = layout.state.with_suffix(".new")
    fresh.write_text(json.dumps({"socket": database.socket, "port": PORT, "keeper": _keeper(layout.top)}))
    fresh.rename(layout.state)


def _check_version(layout: Layout, binaries: Path) -> None:
    """A cluster cannot be used by another major version: say so before the server does in its own words."""
    try:
        made_by = (layout.data / "PG_VERSION").read_text().strip()
    except OSError:
        return
    said = subprocess.run(
        [str(binaries / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        **_as_account(layout),
    ).stdout
    here = said.split()[2].split(".")[0]
    if here != made_by:
        raise LocalServiceError(
            f"{layout.data} was made by PostgreSQL {made_by}, and this checkout brings PostgreSQL {here}. To keep "
            "its content, dump it with the old checkout first (docs/operations.md); to begin anew, `make reset`."
        )


def _settings() -> dict[str, str]:
    settings = dict(SETTINGS)
    if not _durable():
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    if sys.platform == "linux":
        room = os.statvfs(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
        if room is None or room.f_frsize * room.f_bavail < ENOUGH_SHARED_MEMORY:
            settings["dynamic_shared_memory_type"] = "mmap"
    return settings


def _durable() -> bool:
    """False with PRM_PG_FSYNC=off, for clusters that hold only tests."""
    return os.environ.get("PRM_PG_FSYNC", "on") != "off"


def _as_account(layout: Layout) -> dict[str, Any]:
    if not layout.account.dropped:
        return {}
    return {"user": layout.account.uid, "group": layout.account.gid, "extra_groups": []}


def _open_log(layout: Layout) -> BinaryIO:
    if layout.log.exists() and layout.log.stat().st_size > LONGEST_LOG:
        layout.log.rename(layout.log.with_suffix(".log.old"))
    layout.log.touch(mode=0o600)
    return layout.log.open("ab")


def _failure(layout: Layout, what: str) -> LocalServiceError:
    """An error with the last lines of the server's log and, where the cause is known, what to do."""
    try:
        lines = layout.log.read_text(errors="replace").splitlines()[-8:]
    except OSError:
        lines = []
    advice = [text for sign, text in ADVICE.items() if any(sign in line for line in lines)]
    quoted = "".join(f"\n  {line}" for line in lines)
    return LocalServiceError(" ".join([f"{what}.", *advice, f"The end of {layout.log}:{quoted}"]))
