"""Keeps one PostgreSQL alive as long as somebody uses it. Run as a script, not imported.

``python keeper.py JSON`` detaches from whoever started it, starts the server as its child, writes
one line to standard output ("ready", or "failed: why") and then waits for an exclusive lock on the
users' file. The kernel gives it when the last process holding the shared lock is gone, however
that process ended; then the server is stopped and the keeper ends. On Linux the server is told
to stop by the kernel when the keeper itself is killed; elsewhere the next keeper stops it.

Only the standard library: it must start in milliseconds and outlive the checkout's environment.
"""

import ctypes
import fcntl
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
STOP_SECONDS = 20.0
PR_SET_PDEATHSIG = 1


def main() -> None:
    """Reads the order from the command line, detaches, keeps the server."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    if os.fork():
        os._exit(0)
    keeper = open(order["keeper_lock"], "w")  # noqa: SIM115 - held until the end
    fcntl.flock(keeper, fcntl.LOCK_EX)
    state = Path(order["state"])
    # Before our pid is there: it may be the same as that of the keeper who wrote the state.
    state.unlink(missing_ok=True)
    keeper.write(str(os.getpid()))
    keeper.flush()
    try:
        stop_orphan(Path(order["data"]), Path(order["socket_file"]))
        server = start(order)
    except StartError as error:
        answer(f"failed: {error}")
        return
    answer("ready")
    reason = wait_for_end(server, order["users_lock"])
    state.unlink(missing_ok=True)
    say(f"stopping: {reason}")
    stop(server)
    # Before the users' lock goes: whoever waits for that one must not find a keeper any more.
    keeper.close()


class StartError(Exception):
    """The server did not start."""


def say(text: str) -> None:
    """One line into the server's log."""
    print(time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()), "keeper:", text, file=sys.stderr, flush=True)


def answer(text: str) -> None:
    """One line to whoever started the keeper, who may be gone by now."""
    try:
        os.write(1, f"{text}\n".encode())
    except OSError:
        say(f"nobody waits for the answer '{text}'")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)


def die_with_parent() -> None:
    """In the child, after it became the unprivileged account: ask for a fast shutdown when the keeper dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def start(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Starts the server and waits until it takes connections."""
    account = order["account"]
    privileges = {"user": account["uid"], "group": account["gid"], "extra_groups": []} if account else {}
    deadline = time.monotonic() + START_SECONDS
    while True:
        log_end = os.fstat(2).st_size
        server = subprocess.Popen(
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=2,
            stderr=2,
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - no thread runs yet
            **privileges,
        )
        while server.poll() is None and time.monotonic() < deadline:
            if is_ready(Path(order["data"]), server.pid):
                return server
            time.sleep(0.01)
        if server.poll() is None:
            stop(server)
            raise StartError(f"PostgreSQL did not get ready within {START_SECONDS:.0f} seconds")
        # Left-over backends of a killed server need a moment to notice and leave.
        said = Path(order["log"]).read_bytes()[log_end:]
        if b"still in use" not in said or time.monotonic() > deadline - START_SECONDS + 10:
            raise StartError(f"PostgreSQL ended at once (exit code {server.returncode})")
        time.sleep(0.5)


def is_ready(data: Path, pid: int) -> bool:
    """Whether the server says in its pid file that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def stop_orphan(data: Path, socket_file: Path) -> None:
    """Ends a server that a killed keeper left behind, and removes what a crash left behind.

    A pid in a stale file may by now be another program's, which PostgreSQL cannot tell: in a
    restarted container pids repeat.
    """
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        pid = 0
    if pid > 0:
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not is_our_server(pid, data):
                break
            say(f"stopping the server {pid} that was left behind")
            os.kill(pid, sign)
            wait_until_gone(pid, data, STOP_SECONDS / 2)
        pid_file.unlink(missing_ok=True)
    for stale in (socket_file, Path(f"{socket_file}.lock")):
        stale.unlink(missing_ok=True)


def is_our_server(pid: int, data: Path) -> bool:
    """Whether this process is a PostgreSQL server started on our data directory."""
    command = Path(f"/proc/{pid}/cmdline")
    if command.parent.parent.joinpath("self").exists():
        try:
            arguments = command.read_bytes()
        except OSError:
            return False
    else:
        arguments = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout
    return b"postgres" in arguments and os.fsencode(data) in arguments


def wait_until_gone(pid: int, data: Path, seconds: float) -> None:
    """Waits for a process that is not our child."""
    deadline = time.monotonic() + seconds
    while is_our_server(pid, data) and time.monotonic() < deadline:
        time.sleep(0.02)


def wait_for_end(server: subprocess.Popen[bytes], users_lock: str) -> str:
    """Blocks until nobody uses the server, it ended by itself, or the keeper is told to stop; says which."""
    events: queue.SimpleQueue[str] = queue.SimpleQueue()

    def alone() -> None:
        users = os.open(users_lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_EX)
        events.put("nobody uses the database any more")

    def ended() -> None:
        events.put(f"the server ended by itself (exit code {server.wait()})")

    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, lambda *_: events.put("told to stop"))
    for watch in (alone, ended):
        threading.Thread(target=watch, daemon=True).start()
    return events.get()


def stop(server: subprocess.Popen[bytes]) -> None:
    """Fast shutdown: sessions are ended, everything committed is kept. Harsher after a while."""
    for sign, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if server.poll() is not None:
            return
        server.send_signal(sign)
        try:
            server.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            say(f"the server did not stop within {seconds:.0f} seconds")


if __name__ == "__main__":
    main()
