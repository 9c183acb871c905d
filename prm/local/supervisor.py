"""`make demo`: the whole of PRM in one command, and nothing left when it ends.

Starts the embedded servers, the sandbox org, the demo tenants, web, workers and beat, each as a
process group of its own with a log in ``.local/log``. Ctrl-C or SIGTERM stops all of them; one of
them ending stops the others, with its last lines shown. A guard process (`guard.py`) ends them
when the supervisor itself is killed.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from prm.local import environment, prepare
from prm.local.bootstrap import Progress, SetupError, check_port
from prm.local.layout import LocalServiceError, checkout, home_from_environment

READY_SECONDS = 120.0
STOP_SECONDS = 8.0
PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec nothing may be loaded any more.
LIBC = ctypes.CDLL(None)
TENANTS = ("mercy", "anchor")
CELERY = ("-m", "celery", "--app", "prm.celery")
# Gunicorn's control socket is one per account: a second checkout would take it over.
WEB_OPTIONS = [
    "--workers",
    "2",
    "--threads",
    "4",
    "--timeout",
    "120",
    "--no-control-socket",
    "--graceful-timeout",
    "3",
]
WORKER_OPTIONS = ["--pool", "threads", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
# Each kind of work has threads of its own, so that an edit waits neither for files nor for Salesforce.
WORKERS = {
    "worker": ("interactive,schedule", 3),
    "worker-sync": ("sync", 4),
    "worker-imports": ("imports,nightly", 3),
}
BEAT_OPTIONS = ("--loglevel", "WARNING", "--pidfile", "")


class DemoError(Exception):
    """The demo cannot start or go on; the message is shown as it is."""


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way may swallow it."""


@dataclass
class Child:
    """One of the demo's processes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass
class Demo:
    """The running demo. `home` holds `.local`; `host` and `port` are where the web listens."""

    home: Path
    host: str
    port: int
    children: list[Child] = field(default_factory=list)
    guard: subprocess.Popen[bytes] | None = None

    @property
    def local(self) -> Path:
        """Where the demo's data lie."""
        return self.home / ".local"

    @property
    def url(self) -> str:
        """What to open in a browser."""
        return f"http://{'localhost' if self.host in {'127.0.0.1', '0.0.0.0'} else self.host}:{self.port}"  # noqa: S104 # nosec B104 # nothing listens because of it

    def run(self) -> None:
        """Start everything and stay until told to stop (Stopped) or something ends (DemoError)."""
        lock = self._only_one()
        try:
            check_port(self.port, self.host)
            print("Starting PostgreSQL and Valkey", flush=True)
            environment.start(os.environ)
            self._start_guard()
            prepare.prepare(self.home)
            print("Starting the sandbox Salesforce org", flush=True)
            self._start_sandbox()
            variables = self._environment()
            sign_ins = self._fill(variables)
            print("Starting web, workers and beat", flush=True)
            self._start_services(variables)
            self._wait_until_healthy()
            print(
                f"\n{sign_ins}\n\n  PRM is ready: {self.url}\n  Ctrl-C stops it; logs are in {self.local / 'log'}\n",
                flush=True,
            )
            self._watch()
        finally:
            self._stop()
            lock.close()

    def _environment(self) -> dict[str, str]:
        """Return what the product's processes are told: where the sandbox org is, and cookies of their own.

        Browsers keep cookies per host, not per port: two checkouts would sign each other out.
        """
        cookies = {f"{kind}_COOKIE_NAME": f"prm_{kind.lower()}_{self.port}" for kind in ("SESSION", "CSRF")}
        sandbox = {
            "PRM_SANDBOX_READY": str(self.local / "sandbox" / "ready.json"),
            "PRM_SANDBOX_SECRET_FILE": str(self.local / "sandbox" / "secret"),
        }
        variables = {**cookies, **os.environ, **sandbox}
        environment.allow_sandbox(variables)
        return variables

    def _only_one(self) -> IO[str]:
        """Hold a lock on the data: two demos on the same would disturb each other."""
        self.local.mkdir(parents=True, exist_ok=True)
        lock = (self.local / "demo.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise DemoError(
                f"PRM runs from here already, at {lock.read().strip() or 'another port'}. Stop it first, or set PRM_HOME to "
                "another directory for a second one."
            ) from None
        lock.truncate(0)
        lock.write(self.url)
        lock.flush()
        return lock

    def _start_guard(self) -> None:
        script = str(Path(__file__).with_name("guard.py"))
        self.guard = subprocess.Popen(  # nosec B603 # no shell; the command is our own
            [sys.executable, "-I", "-S", script], stdin=subprocess.PIPE, cwd="/", start_new_session=True
        )

    def _tell_guard(self, change: str) -> None:
        if self.guard is not None and self.guard.stdin is not None:
            try:
                self.guard.stdin.write(f"{change}\n".encode())
                self.guard.stdin.flush()
            except OSError:
                pass  # somebody ended the guard; the demo goes on without it

    def _log(self, name: str) -> Path:
        """Return the place of a new log; the one before is kept beside it."""
        log = self.local / "log" / f"{name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.rename(log.with_suffix(".log.old"))
        return log

    def _start(
        self, name: str, arguments: Sequence[str], variables: dict[str, str], speech: Path | None = None
    ) -> Child:
        """Start `python ARGUMENTS` in a process group of its own, which no Ctrl-C reaches.

        Everything goes into its log; standard output into the file `speech` instead, if given.
        """
        log = self._log(name)
        with log.open("wb") as errors, (speech or log).open("ab") as output:
            process = subprocess.Popen(  # nosec B603 # no shell; the command is our own
                [sys.executable, *arguments],
                cwd=checkout(),
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors if speech else output,
                start_new_session=True,
                preexec_fn=_begin_as_child,  # noqa: PLW1509 - it only makes system calls
            )
        self._tell_guard(f"+{process.pid}")
        child = Child(name, process, log)
        self.children.append(child)
        return child

    def _start_sandbox(self) -> None:
        """Start the sandbox org on the port it had last time, if that is free."""
        folder = self.local / "sandbox"
        folder.mkdir(parents=True, exist_ok=True)
        ready = folder / "ready.json"
        ready.unlink(missing_ok=True)
        port = _remembered_port(folder / "port")
        files = ["--data", folder / "org", "--client-secret-file", folder / "secret", "--ready-file", ready]
        organisations = [word for tenant in TENANTS for word in ("--org", tenant)]
        where = ["--host", "127.0.0.1", "--port", str(port)]
        # Where people come back to when they have allowed the product to come in.
        back = f":{self.port}/t/{{org}}/salesforce/callback/"
        callbacks = ["--callback", f"http://localhost{back}", "--callback", f"http://127.0.0.1{back}"]
        arguments = ["-m", "prm.sandbox", *where, *map(str, files), *organisations, *callbacks]
        child = self._start("sandbox", arguments, dict(os.environ))
        self._wait(child, lambda: _listens(port) and ready.exists(), "the sandbox org")

    def _fill(self, variables: dict[str, str]) -> str:
        """Make the demo tenants, showing what it does; return the sign-ins, its last paragraph."""
        speech = self._log("demo-output")
        child = self._start("demo", ["manage.py", "demo"], variables, speech)
        shown, ended = 0, False
        progress: Progress | None = None
        while not ended:
            ended = child.process.poll() is not None  # asked first: what it wrote before is then all there
            paragraphs = speech.read_text(errors="replace").strip().split("\n\n")
            steps = paragraphs[0].splitlines() if len(paragraphs) > 1 or not ended else []
            for step in steps[shown:]:
                if progress:
                    progress.end()
                progress = Progress(step)
            shown = max(shown, len(steps))
            if progress:
                progress.tick()
            time.sleep(0 if ended else 0.2)
        if progress:
            progress.end()
        self._forget(child)
        if child.process.returncode:
            raise DemoError(f"The demo tenants could not be made.{_last_lines(child)}")
        return paragraphs[-1].rstrip()

    def _start_services(self, variables: dict[str, str]) -> None:
        web = ["-m", "gunicorn", "prm.wsgi", "--bind", f"{self.host}:{self.port}"]
        self._start("web", [*web, *WEB_OPTIONS], variables)
        for name, (queues, threads) in WORKERS.items():
            own = ["--queues", queues, "--concurrency", str(threads), "--hostname", f"{name}@%h"]
            self._start(name, [*CELERY, "worker", *WORKER_OPTIONS, *own], variables)
        self._start("beat", [*CELERY, "beat", *BEAT_OPTIONS], variables)

    def _wait_until_healthy(self) -> None:
        web = next(child for child in self.children if child.name == "web")
        self._wait(web, lambda: _is_healthy(self.host, self.port), "the web server")

    def _wait(self, child: Child, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not condition():
            self._check_children()
            if time.monotonic() > deadline:
                raise DemoError(
                    f"After {READY_SECONDS:.0f} seconds {what} does not answer.{_last_lines(child)}"
                )
            time.sleep(0.1)

    def _watch(self) -> None:
        """Show errors from the logs until one of the processes ends."""
        echo = [LogEcho(child) for child in self.children]
        while True:
            self._check_children()
            for log in echo:
                log.show_errors()
            # A server that was killed comes back at the same address.
            environment.start(os.environ)
            time.sleep(0.5)

    def _check_children(self) -> None:
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                self._forget(child)
                raise DemoError(
                    f"The process '{child.name}' ended ({_how(code)}), so everything stops.{_last_lines(child)}"
                )

    def _forget(self, child: Child) -> None:
        self.children.remove(child)
        # What the process may have left in its group.
        _signal_group(child.process.pid, signal.SIGKILL)
        self._tell_guard(f"-{child.process.pid}")

    def _stop(self) -> None:
        """Tell every process to end, and kill what has not ended after a while."""
        for child in self.children:
            _signal_process(child.process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in list(self.children):
            try:
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(child.process.pid, signal.SIGKILL)
                child.process.wait()
            self._forget(child)
        if self.guard is not None and self.guard.stdin is not None:
            self.guard.stdin.close()
            self.guard.wait()


class LogEcho:
    """Show the error lines of a log on the terminal, as they are written."""

    SIGNS = (" ERROR ", " CRITICAL ", "[ERROR]", "[CRITICAL]", "ERROR/", "CRITICAL/")

    def __init__(self, child: Child) -> None:
        self.name = child.name
        self.file = child.log.open(errors="replace")

    def show_errors(self) -> None:
        """Read what is new."""
        for line in self.file.readlines():
            if any(sign in line for sign in self.SIGNS):
                print(f"[{self.name}] {line.strip()[:300]}", file=sys.stderr, flush=True)


def _remembered_port(file: Path) -> int:
    """Return the port in the file while it is free, or a new one, which is then remembered."""
    try:
        port = int(file.read_text())
        check_port(port)
    except (OSError, ValueError, SetupError):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        file.write_text(str(port))
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_healthy(host: str, port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    where = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 # nosec B104 # nothing listens because of it
    request = urllib.request.Request(f"http://{where}:{port}/healthz", headers={"Host": "localhost"})
    try:
        with direct.open(request, timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _last_lines(child: Child, count: int = 15) -> str:
    """Return the end of a log for people, each line marked with whose it is."""
    lines = child.log.read_text(errors="replace").splitlines()[-count:]
    return "".join(f"\n  [{child.name}] {line}" for line in lines) + f"\n  (all of it: {child.log})"


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _begin_as_child() -> None:
    """Make a child take signals as usual, whatever a shell in the background made us ignore.

    On Linux it also ends when the supervisor is killed, even if the guard was killed as well.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _signal_process(process: subprocess.Popen[bytes], sign: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(sign)


def _signal_group(group: int, sign: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, sign)


def _stop_on_signals() -> None:
    """Let SIGINT, SIGTERM and SIGHUP stop the demo once; repeated ones do not disturb the stopping."""

    def stop(number: int, frame: FrameType | None) -> None:
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, signal.SIG_IGN)
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    for sign in (signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(sign) != signal.SIG_IGN:  # make demo &; nohup make demo
            signal.signal(sign, stop)


def _stop_with_make() -> None:
    """Stop when make is killed: it cannot tell us, but our parent changes."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    if os.environ.get("MAKELEVEL"):
        threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    """Return the exit code. `HOST` and `PORT` say where to listen (127.0.0.1, 8000)."""
    _stop_on_signals()
    _stop_with_make()
    try:
        port = int(os.environ.get("PORT") or 8000)
        Demo(home_from_environment(), os.environ.get("HOST") or "127.0.0.1", port).run()
    except Stopped:
        print("Stopped.", flush=True)
        return 0
    except ValueError:
        print(f"PORT is {os.environ['PORT']!r}; write a number.", file=sys.stderr)
    except (DemoError, SetupError, LocalServiceError) as error:
        print(error, file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"`{' '.join(map(str, error.cmd[-3:]))}` failed; see above.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
