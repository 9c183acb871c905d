"""Installs what PRM needs into the checkout: ``.venv`` and ``node_modules``. Run as a script.

Only the standard library, since it runs before anything is installed, with whatever Python 3.11
or newer the machine has. What is done already (a stamp holds the hash of what it was made from)
is not done again. pip and npm are used as the machine has them configured.
"""

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MODULES = ROOT / "node_modules"
OLDEST = (3, 11)


class SetupError(Exception):
    """Something cannot be installed; the message says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code; errors are one clear message on standard error."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--dev", action="store_true", help="also install what the tests need")
    parser.add_argument("--port", type=int, help="first see whether this port is free")
    options = parser.parse_args(arguments)
    try:
        if options.port is not None:
            check_port(options.port)
        make_environment()
        install_python(["requirements.txt", *(["requirements-dev.txt"] if options.dev else [])])
        install_front_end()
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Raises SetupError when something listens on the port already."""
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
    """A virtual environment of our own; one that is broken, or whose Python is gone, is made anew."""
    if sys.version_info < OLDEST:
        raise SetupError(f"PRM needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.")
    if runs([str(PYTHON), "-c", "import pip"]):
        return
    print("Making a Python environment in .venv", flush=True)
    made = subprocess.run(
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
    """Installs pinned packages, each checked against its hash."""
    stamp = VENV / f".installed-{'-'.join(Path(name).stem for name in files)}"
    wanted = digest(*(ROOT / name for name in files))
    if read(stamp) == wanted:
        return
    print("Installing Python packages (half a minute the first time)", flush=True)
    if not pip_install(files):
        raise SetupError(
            "The Python packages could not be installed; pip says why above. Run the same command again."
        )
    for old in VENV.glob(".installed-requirements*"):
        # A stamp of the same environment with older files would be believed when they come back.
        old.unlink()
    stamp.write_text(wanted)
    if len(files) > 1:
        (VENV / f".installed-{Path(files[0]).stem}").write_text(digest(ROOT / files[0]))


def install_front_end() -> None:
    """Installs the packages of package-lock.json into node_modules."""
    stamp = MODULES / ".installed"
    wanted = digest(ROOT / "package.json", ROOT / "package-lock.json")
    if read(stamp) == wanted:
        return
    npm, environment = find_npm()
    print("Installing front-end packages", flush=True)
    done = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(
            f"The front-end packages could not be installed; npm said:\n{(done.stdout + done.stderr).strip()}"
        )
    stamp.write_text(wanted)


def find_npm() -> tuple[str, dict[str, str]]:
    """Npm and the environment to run it in: the machine's own, or the one from the Python wheel."""
    machines = shutil.which("npm")
    if machines and runs([machines, "--version"]):
        return machines, dict(os.environ)
    wheels = VENV / "bin" / "npm"
    # npm starts node by name. This node carries its own certificates; a company's proxy may need the machine's.
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    environment = {**os.environ, "PATH": path, "NODE_USE_SYSTEM_CA": "1"}
    if not runs([str(PYTHON), str(wheels), "--version"], environment):
        print("Installing npm, which this machine does not have", flush=True)
        if not pip_install(["requirements-node.txt"], "--force-reinstall") or not wheels.exists():
            raise SetupError(
                "npm could not be installed; install Node.js 20 or newer and run the same command again."
            )
    return str(wheels), environment


def pip_install(files: list[str], *options: str) -> bool:
    """Whether pip installed what the files pin, each package checked against its hash; it prints errors only."""
    command = [str(PYTHON), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", *options]
    for name in files:
        command += ["-r", str(ROOT / name)]
    return not subprocess.run(command, cwd=ROOT, check=False).returncode


def runs(command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Whether the command can be run and succeeds."""
    try:
        return not subprocess.run(
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
    """What something was made from."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def read(stamp: Path) -> str:
    """The content of a stamp, empty when there is none."""
    try:
        return stamp.read_text()
    except OSError:
        return ""


if __name__ == "__main__":
    raise SystemExit(main())
