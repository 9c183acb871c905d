"""Helpers to look at processes from outside, and a miniature checkout to run the supervisor in."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MINIATURE = {
    "manage.py": """
import sys
if sys.argv[1] == "demo":
    print("admin@mercy.example / demo")
""",
    "prm/__init__.py": "",
    "prm/wsgi.py": """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
""",
    "prm/celery.py": """
from celery import Celery
app = Celery("miniature", broker="memory://")
""",
    "prm/sandbox.py": """
import http.server, pathlib, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
pathlib.Path(sys.argv[sys.argv.index("--ready-file") + 1]).write_text("{}")
http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler).serve_forever()
""",
}


def wait_until(condition, seconds=60):
    """Polls; the time is long because the machine may be busy, not because it should take that long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def default_signals():
    """In a child: what a shell in the background ignores is not ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def background_signals():
    """In a child: what a shell does to a command that it starts by `&`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)


def processes_naming(*texts):
    """The pids of the processes whose command line or working directory names one of the texts."""
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    found = []
    for line in listing.stdout.splitlines():
        pid, state, arguments = line.split(None, 2)
        if state.startswith("Z") or int(pid) == os.getpid():
            continue
        try:
            where = str(Path(f"/proc/{pid}/cwd").readlink())
        except OSError:
            where = ""
        if any(text in arguments or text in where for text in texts):
            found.append(int(pid))
    return found


@pytest.fixture
def checkout_copy():
    """A directory with our prm/local and the smallest things that it starts."""
    path = Path(tempfile.mkdtemp(prefix="prm-test-", dir="/tmp"))
    path.chmod(0o755)
    for name, content in MINIATURE.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content)
    shutil.copytree(ROOT / "prm/local", path / "prm/local", ignore=shutil.ignore_patterns("__pycache__"))
    names = ["requirements.txt", "package-lock.json", "Makefile", "prm/env.py"]
    names += [
        f"prm/tenancy/{name}" for name in ("__init__.py", "backend/__init__.py", "backend/database_roles.py")
    ]
    for name in names:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, path / name)
    (path / "prm/settings.py").write_text("")
    yield path
    wait_until(lambda: not processes_naming(str(path)))
    shutil.rmtree(path)


@pytest.fixture
def environment(checkout_copy):
    """What the supervisor of the copy is run with."""
    dropped = {
        "MAKELEVEL",
        "STATIC_ROOT",
        "HOST",
        "PORT",
        "DATABASE_URL",
        "DATABASE_OWNER_URL",
        "REDIS_URL",
        "SECRET_KEY",
    }
    dropped |= {"PRM_HOME", "PRM_EMBEDDED", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(checkout_copy), "PRM_PG_FSYNC": "off", "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def start_demo(checkout_copy, environment):
    """``start_demo(port)``: the supervisor of the copy, as `make demo` starts it; by a shell's `&` if told so."""
    started = []

    def start(port, in_background=False, **more):
        process = subprocess.Popen(
            [sys.executable, "-m", "prm.local.supervisor"],
            cwd=checkout_copy,
            env={**environment, "PORT": str(port), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=background_signals if in_background else default_signals,  # noqa: PLW1509 - no thread runs
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
