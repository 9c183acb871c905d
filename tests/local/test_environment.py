"""The newcomer's environment: written before anything reads it, and no part of production."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from prm.local import environment
from prm.local.environment import complete
from tests.local.conftest import ROOT, processes_naming, wait_until

PRODUCTION = {
    "DATABASE_URL": "postgresql://prm_app:secret@127.0.0.1:1/prm",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "a-long-random-key-0123456789-abcdefghijklmnopqrstuvwxyz",
}
IMPORTS = """
import json, os, sys
written = []
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            written.append(str(path))
    elif event in {"os.mkdir", "os.rename", "os.remove", "os.link", "subprocess.Popen", "os.exec", "os.fork"}:
        written.append(event)
sys.addaudithook(watch)
import prm.settings, prm.wsgi, prm.celery
prm.celery.app.loader.import_default_modules()
print(json.dumps([[name for name in sys.modules if name.startswith("prm.local")], written]))
"""


@pytest.fixture
def home():
    """A directory with a path short enough for sockets, so that nothing is made outside of it."""
    path = Path(tempfile.mkdtemp(prefix="prm-test-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    wait_until(lambda: not processes_naming(f"{path}/"))
    shutil.rmtree(path)


@pytest.fixture
def newcomer(environment):
    """The environment of somebody who has set nothing but where the data lie."""

    def run(home, *command):
        variables = {**environment, "PRM_HOME": str(home), "PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)

    return run


def test_production_imports_nothing_local_and_writes_nothing(home):
    variables = {**PRODUCTION, "PRM_HOME": str(home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-B", "-c", IMPORTS]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], []]


@pytest.mark.parametrize("missing", PRODUCTION)
def test_missing_setting_of_production_stops_the_start_with_its_name(home, missing):
    variables = {name: value for name, value in PRODUCTION.items() if name != missing}
    command = [sys.executable, "-c", "import prm.settings"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"BadSetting: {missing} (or {missing}_FILE) is required" in done.stderr
    assert list(home.iterdir()) == []


def test_embedded_parts_are_refused_in_production(home, newcomer):
    done = newcomer(home, sys.executable, "manage.py", "check", "--deploy")
    assert done.returncode == 1
    assert "(prm.E010)" in done.stderr
    assert "Set DATABASE_URL" in done.stderr
    assert "(prm.E011)" in done.stderr
    assert "Set REDIS_URL" in done.stderr


def test_nothing_given_becomes_the_embedded_servers(home):
    variables = {"PRM_HOME": str(home)}
    complete(variables)
    assert variables["PRM_EMBEDDED"] == "broker,database"
    assert variables["DATABASE_URL"].startswith("postgresql://prm_app@/prm?host=")
    assert variables["DATABASE_OWNER_URL"] == variables["DATABASE_URL"].replace("prm_app", "prm_owner")
    assert variables["REDIS_URL"].startswith("redis+socket:///")
    again = dict(variables)
    complete(again)
    assert again == variables


def test_secret_key_is_random_private_and_kept(home):
    first, second, other = (
        {"PRM_HOME": str(home)},
        {"PRM_HOME": str(home)},
        {"PRM_HOME": f"{home}/other"},
    )
    for variables in (first, second, other):
        complete(variables)
    assert first["SECRET_KEY"] == second["SECRET_KEY"] != other["SECRET_KEY"]
    assert (home / ".local/secret-key").stat().st_mode & 0o777 == 0o600


def test_what_is_given_stays(home):
    variables = {**PRODUCTION, "PRM_HOME": str(home)}
    complete(variables)
    assert variables == {**PRODUCTION, "PRM_HOME": str(home)}
    files = {"PRM_HOME": str(home), "DATABASE_URL_FILE": "/run/url", "REDIS_URL_FILE": "/run/redis"}
    expected = dict(files)
    complete(files)
    assert files == expected
    assert list(home.iterdir()) == []


def test_own_database_without_a_broker_gets_the_embedded_one(home):
    variables = {"PRM_HOME": str(home), "DATABASE_URL": PRODUCTION["DATABASE_URL"]}
    complete(variables)
    assert environment.embedded_parts(variables) == {"broker"}
    assert "SECRET_KEY" not in variables


def test_any_program_runs_on_the_embedded_servers(home, newcomer):
    code = (
        "import os, psycopg, redis\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as c: print(c.execute('SELECT current_user').fetchone()[0])\n"
        "print(redis.Redis.from_url(os.environ['REDIS_URL'].replace('redis+socket', 'unix')).ping())\n"
    )
    done = newcomer(home, sys.executable, "-m", "prm.local.environment", sys.executable, "-c", code)
    assert done.stdout.splitlines() == ["prm_app", "True"], done.stderr
