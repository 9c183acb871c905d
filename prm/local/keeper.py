"""Keep one embedded server alive as long as somebody uses it. Run as a script; `server` imports what it tells it.

`python keeper.py JSON` detaches from whoever started it, starts the server as its child, writes
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
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TypedDict

START_SECONDS = 60.0
STOP_SECONDS = 20.0
PING_SECONDS = 5.0
PR_SET_PDEATHSIG = 1
# A line of PostgreSQL's pid file says whether it takes connections.
STATUS_LINE = 8


class Privileges(TypedDict, total=False):
    """Arguments of `subprocess.Popen` that change the account; none to stay as we are."""

    user: int
    group: int
    extra_groups: list[int]


class Order(TypedDict):
    """What a keeper is told, as JSON. Paths are absolute."""

    title: str
    """The server's name for people."""
    command: list[str]
    privileges: Privileges
    program: str
    """A word of the command line by which a process is known to be this server, beside `data`."""
    data: str
    """The directory that the server owns; part of its command line."""
    pid_file: str
    socket_file: str
    answers_ping: bool
    """Whether it speaks Redis's protocol and is asked by PING; otherwise its pid file says that it is ready."""
    log: str
    users_lock: str
    keeper_lock: str
    state: str


class StartError(Exception):
    """The server did not start."""


def main() -> None:
    """Read the order from the command line, detach, keep the server."""
    order: Order = json.loads(sys.argv[1])
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
        stop_orphan(order)
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


def say(text: str) -> None:
    """Write one line into the server's log."""
    print(time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()), "keeper:", text, file=sys.stderr, flush=True)


def answer(text: str) -> None:
    """Write one line to whoever started the keeper, who may be gone by now."""
    try:
        os.write(1, f"{text}\n".encode())
    except OSError:
        say(f"nobody waits for the answer '{text}'")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)


def begin_as_server() -> None:
    """Make the child, already of its account, take signals as usual and stop when the keeper dies."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(sign, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)


def start(order: Order) -> subprocess.Popen[bytes]:
    """Start the server and wait until it takes connections."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        log_end = os.fstat(2).st_size
        server = subprocess.Popen(  # nosec B603 # no shell; the command is our own
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=2,
            stderr=2,
            cwd="/",
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
            start_new_session=True,
            preexec_fn=begin_as_server,  # noqa: PLW1509 - no thread runs yet
            **order["privileges"],
        )
        while server.poll() is None and time.monotonic() < deadline:
            if is_ready(order, server.pid):
                return server
            time.sleep(0.01)
        if server.poll() is None:
            stop(server)
            raise StartError(f"{order['title']} did not get ready within {START_SECONDS:.0f} seconds")
        # Left-over backends of a killed PostgreSQL need a moment to notice and leave.
        said = Path(order["log"]).read_bytes()[log_end:]
        if b"still in use" not in said or time.monotonic() > deadline - START_SECONDS + 10:
            raise StartError(f"{order['title']} ended at once (exit code {server.returncode})")
        time.sleep(0.5)


def is_ready(order: Order, pid: int | None = None) -> bool:
    """Return whether the server (the process `pid`, if given) takes connections."""
    try:
        lines = Path(order["pid_file"]).read_text().splitlines()
    except OSError:
        return False
    if not lines or (pid is not None and lines[0].strip() != str(pid)):
        return False
    if order["answers_ping"]:
        return answers_ping(order["socket_file"])
    return len(lines) >= STATUS_LINE and lines[STATUS_LINE - 1].strip() == "ready"


def answers_ping(socket_file: str) -> bool:
    """Return whether a server of Redis's protocol is done with loading its data."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PING_SECONDS)
        try:
            connection.connect(socket_file)
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def stop_orphan(order: Order) -> None:
    """End a server that a killed keeper left behind, and remove what a crash left behind.

    A pid in a stale file may by now be another program's, which a server cannot tell: in a
    restarted container pids repeat.
    """
    pid_file = Path(order["pid_file"])
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        pid = 0
    if pid > 0:
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if not is_our_server(pid, order):
                break
            say(f"stopping the server {pid} that was left behind")
            os.kill(pid, sign)
            wait_until_gone(pid, order, STOP_SECONDS / 2)
        pid_file.unlink(missing_ok=True)
    for stale in (Path(order["socket_file"]), Path(f"{order['socket_file']}.lock")):
        stale.unlink(missing_ok=True)


def is_our_server(pid: int, order: Order) -> bool:
    """Return whether this process is a server of our kind started on our data directory."""
    command = Path(f"/proc/{pid}/cmdline")
    if command.parent.parent.joinpath("self").exists():
        try:
            arguments = command.read_bytes()
        except OSError:
            return False
    else:
        arguments = subprocess.run(  # nosec B603, B607 # no shell; the command is our own
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout
    return order["program"].encode() in arguments and os.fsencode(order["data"]) in arguments


def wait_until_gone(pid: int, order: Order, seconds: float) -> None:
    """Wait for a process that is not our child."""
    deadline = time.monotonic() + seconds
    while is_our_server(pid, order) and time.monotonic() < deadline:
        time.sleep(0.02)


def wait_for_end(server: subprocess.Popen[bytes], users_lock: str) -> str:
    """Block until nobody uses the server, it ended by itself, or the keeper is told to stop; return which."""
    events: queue.SimpleQueue[str] = queue.SimpleQueue()

    def alone() -> None:
        users = os.open(users_lock, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(users, fcntl.LOCK_EX)
        events.put("nobody uses the server any more")

    def ended() -> None:
        events.put(f"the server ended by itself (exit code {server.wait()})")

    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, lambda *_: events.put("told to stop"))
    for watch in (alone, ended):
        threading.Thread(target=watch, daemon=True).start()
    return events.get()


def stop(server: subprocess.Popen[bytes]) -> None:
    """Shut the server down: sessions are ended, everything committed is kept. Harsher after a while."""
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
