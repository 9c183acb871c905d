"""`make reset`: remove everything under `.local`, the embedded servers' data included."""

import fcntl
import shutil
import sys
from pathlib import Path

from prm.local import postgres, valkey
from prm.local.layout import home_from_environment


def main() -> int:
    """Return the exit code; refuse while somebody uses a server."""
    local = home_from_environment() / ".local"
    # A server may lie outside: its folder is then a link (see layout.py).
    servers = [(local / name).resolve() for name in (postgres.FOLDER, valkey.FOLDER)]
    for server in servers:
        if in_use(server):
            print(
                f"The server in {server} is in use. Stop the demo and every manage.py command first.",
                file=sys.stderr,
            )
            return 1
    for path in (*servers, local):
        if path.is_dir():
            shutil.rmtree(path)
    print(f"Removed {local}")
    return 0


def in_use(server: Path) -> bool:
    """Return whether a process holds the users' lock or a keeper is still stopping the server."""
    for name in ("users.lock", "keeper.lock"):
        try:
            with (server / name).open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            continue
        except BlockingIOError:
            return True
    return False


if __name__ == "__main__":
    raise SystemExit(main())
