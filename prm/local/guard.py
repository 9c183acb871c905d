"""End the processes of a demo whose supervisor was killed. Run as a script, not imported.

Reads lines from standard input: `+PID` for a process group that was started, `-PID` for one
that has ended. The end of the input means that the supervisor is gone, in whatever way; the
groups that are left are then told to end, and killed if they do not.
"""

import os
import signal
import sys
import time

PATIENCE_SECONDS = 5.0


def main() -> None:
    """Wait for the end of the supervisor."""
    # In our own session already; a terminal's Ctrl-C is the supervisor's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin:
        change, pid = line[0], int(line[1:])
        if change == "+":
            groups.add(pid)
        else:
            groups.discard(pid)
    deadline = time.monotonic() + PATIENCE_SECONDS
    send(groups, signal.SIGTERM)
    while groups and time.monotonic() < deadline:
        time.sleep(0.1)
        send(groups, 0)
    send(groups, signal.SIGKILL)


def send(groups: set[int], sign: int) -> None:
    """Signal every group and forget those that are gone."""
    for group in list(groups):
        try:
            os.killpg(group, sign)
        except ProcessLookupError:
            groups.discard(group)
        except PermissionError:
            # macOS answers so for a group of zombies.
            groups.discard(group)


if __name__ == "__main__":
    main()
