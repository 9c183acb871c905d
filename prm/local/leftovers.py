"""Say which processes of this checkout a script left running; `.ci/run` ends with an error then.

`python -m prm.local.leftovers PID` looks for those that started after process PID did. It waits
a while, since a server that nobody uses any more may just be stopping. Linux only: elsewhere it
says that it did not look.
"""

import os
import sys
import time
from pathlib import Path

from prm.local.layout import checkout

PATIENCE_SECONDS = 15.0
PROCESSES = Path("/proc")


def main() -> int:
    """Return 1 and print a list when something is left."""
    if not (PROCESSES / "self").exists():
        print("Processes are not looked at on this system.")
        return 0
    since = _started(int(sys.argv[1]))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := leftovers(checkout(), since)) and time.monotonic() < deadline:
        time.sleep(0.5)
    for pid, command in left.items():
        print(f"left behind: {pid} {command}", file=sys.stderr)
    return 1 if left else 0


def leftovers(root: Path, since: int) -> dict[int, str]:
    """Return the processes of `root` (by command line or working directory) that started after `since`.

    Ourselves and the processes that started us are left out. Times are in clock ticks since boot.
    """
    ours = _lineage()
    found = {}
    for entry in PROCESSES.iterdir():
        if not entry.name.isdigit() or int(entry.name) in ours:
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            where = os.readlink(entry / "cwd")
            young = _started(int(entry.name)) > since
        except OSError:
            continue
        if young and command and (f"{root}/" in command or f"{where}/".startswith(f"{root}/")):
            found[int(entry.name)] = command[:200]
    return found


def _started(pid: int) -> int:
    """Return when a process started: field 22 of its stat, counted after the name, which may hold blanks."""
    return int((PROCESSES / str(pid) / "stat").read_text().rpartition(")")[2].split()[19])


def _lineage() -> set[int]:
    """Return our own pid and those of the processes that started us."""
    pids, pid = set(), os.getpid()
    while pid > 1:
        pids.add(pid)
        status = (PROCESSES / str(pid) / "status").read_text()
        pid = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:"))
    return pids


if __name__ == "__main__":
    raise SystemExit(main())
