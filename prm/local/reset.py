"""``make reset``: removes everything under ``.local``, the local database included."""

import fcntl
import shutil
import sys
from pathlib import Path

from prm.local.layout import home_from_environment


def main() -> int:
    """Returns the exit code; refuses while somebody uses the database."""
    local = home_from_environment() / ".local"
    cluster = (local / "postgres").resolve()
    if in_use(cluster):
        print(
            f"The database in {cluster} is in use. Stop the demo and every manage.py command first.",
            file=sys.stderr,
        )
        return 1
    # The cluster may lie outside: .local/postgres is then a link (see layout.py).
    for path in (cluster, local):
        if path.is_dir():
            shutil.rmtree(path)
    print(f"Removed {local}")
    return 0


def in_use(cluster: Path) -> bool:
    """Whether a process holds the users' lock or a keeper is still stopping the server."""
    for name in ("users.lock", "keeper.lock"):
        try:
            with (cluster / name).open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            continue
        except BlockingIOError:
            return True
    return False


if __name__ == "__main__":
    raise SystemExit(main())
