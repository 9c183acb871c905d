"""`make setup`, second half: done when something changed, and only then."""

import subprocess
import sys

import pytest

from tests.local.conftest import processes_naming, wait_until

# Stands for Django: "migrate" notes in the database which migrations there are.
MANAGE = """
import sys
from pathlib import Path
import psycopg
from prm.local.layout import checkout
from prm.local.postgres import ensure_running
if sys.argv[1] == "migrate":
    found = [(p.parents[1].name, p.stem) for p in checkout().glob("*/migrations/[0-9]*.py")]
    with psycopg.connect(ensure_running().owner_url) as owner:
        owner.execute("CREATE TABLE IF NOT EXISTS django_migrations (app text, name text)")
        owner.execute("GRANT SELECT ON django_migrations TO prm_app")
        owner.cursor().executemany("INSERT INTO django_migrations VALUES (%s, %s)", found)
if sys.argv[1] == "collectstatic":
    (checkout() / ".local/static").mkdir(exist_ok=True)
"""
TABLES, STATIC = "Preparing the database…", "Collecting static files…"


@pytest.fixture
def app(checkout_copy):
    """An app with one migration and one static file."""
    (checkout_copy / "manage.py").write_text(MANAGE)
    folder = checkout_copy / "shop"
    for name in ("apps.py", "migrations/__init__.py", "migrations/0001_initial.py", "static/shop.css"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


@pytest.fixture
def prepare(checkout_copy, environment):
    """``prepare()``: what it says it did."""

    def run():
        done = subprocess.run(
            [sys.executable, "-m", "prm.local.prepare"],
            cwd=checkout_copy,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [line for line in done.stderr.splitlines() if line in {TABLES, STATIC}]

    return run


def test_each_part_is_done_when_it_changed_and_only_then(app, prepare):
    assert prepare() == [TABLES, STATIC]
    assert prepare() == []
    (app / "migrations/0002_more.py").write_text("")
    assert prepare() == [TABLES]
    (app / "static/shop.css").write_text("a { color: red }")
    assert prepare() == [STATIC]
    assert prepare() == []


def test_new_database_is_prepared_although_the_files_are_old(app, prepare, checkout_copy, environment):
    prepare()
    wait_until(lambda: not processes_naming(str(checkout_copy)))
    data = checkout_copy / ".local/postgres/data"
    data.rename(data.with_name("data.elsewhere"))
    assert prepare() == [TABLES]


def test_command_on_a_new_database_finds_its_tables_and_its_output_is_its_own(
    app, prepare, checkout_copy, environment
):
    code = "import sys; from prm.local.prepare import before_command as b; b(sys.argv[1:]); print('{}')"

    def command(*arguments):
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            cwd=checkout_copy,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    for arguments in (("collectstatic", "--noinput"), ("standings", "--help"), ("--version",)):
        assert command(*arguments).communicate() == ("{}\n", "")
    assert not (checkout_copy / ".local/postgres/data").exists()
    assert not (checkout_copy / ".local/valkey/data").exists()
    # Two at once: one makes the tables, the other waits for them.
    said = [process.communicate() for process in [command("standings", "--json"), command("demo")]]
    assert [output for output, _ in said] == ["{}\n", "{}\n"]
    assert sorted(errors for _, errors in said) == ["", f"{TABLES}\n"]
    assert prepare() == [STATIC]


def test_reset_removes_everything_unless_it_is_in_use(app, prepare, checkout_copy, environment):
    prepare()
    wait_until(lambda: not processes_naming(str(checkout_copy)))
    code = "import sys; from prm.local.postgres import ensure_running as e; e(); print('up', flush=True); sys.stdin.read()"
    user = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=checkout_copy,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout.readline() == "up\n"
    command = {"args": [sys.executable, "-m", "prm.local.reset"], "cwd": checkout_copy, "env": environment}
    refused = subprocess.run(**command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "is in use" in refused.stderr
    user.communicate("")
    wait_until(lambda: not processes_naming(str(checkout_copy)))
    assert subprocess.run(**command, capture_output=True, check=False).returncode == 0
    assert not (checkout_copy / ".local").exists()
