"""What `.ci/run` uses: the machine's PostgreSQL, and the look for processes left behind."""

import os
import subprocess
import sys

import psycopg
import pytest

from prm.local import leftovers, machine_services, postgres
from prm.tenancy.backend import database_roles
from prm.tenancy.backend.database_roles import ensure_roles
from tests.local.conftest import ROOT, wait_until


@pytest.fixture
def admin():
    """A superuser of the embedded server; what the test makes there is removed.

    The names are the same in every test and the server is shared by all test processes, so one
    test at a time: the lock ends with its connection.
    """
    url = postgres.ensure_running().admin_url.replace("/prm?", "/postgres?")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('tests/local/test_machine_services'))")
        yield url
        machine_services.drop(url)


def test_environment_is_of_plain_roles_and_goes_away(admin, monkeypatch, capsys):
    monkeypatch.setenv("PRM_ADMIN_URL", admin)
    monkeypatch.setattr(machine_services, "_redis_answers", lambda: False)
    environment = machine_services.make(machine_services.administrator())
    assert sorted(environment) == ["DATABASE_OWNER_URL", "DATABASE_URL", "SECRET_KEY"]
    rights = "SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    for name in ("DATABASE_OWNER_URL", "DATABASE_URL"):
        with psycopg.connect(environment[name]) as connection:
            assert connection.execute(rights).fetchone() == (False,)
            assert connection.info.dbname == machine_services.NAME
    machine_services.drop(admin)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(environment["DATABASE_URL"])


def test_no_server_means_no_environment(monkeypatch, capsys):
    monkeypatch.setenv("PRM_ADMIN_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(sys, "argv", ["machine_services", "make"])
    assert machine_services.main() == 0
    assert capsys.readouterr().out == ""


def test_roles_that_were_changed_are_set_right_again(admin):
    names = {"owner": machine_services.OWNER, "app": machine_services.APP, "database": machine_services.NAME}
    ensure_roles(admin, **names)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"ALTER ROLE {machine_services.APP} SUPERUSER BYPASSRLS CREATEDB")
        ensure_roles(admin, **names)
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = %s",
            [machine_services.APP],
        ).fetchone()
    assert row == (False, False, False)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at on Linux only")
def test_process_left_behind_is_found(tmp_path):
    since = leftovers._started(os.getpid())
    sleeper = subprocess.Popen(["sleep", "30"], cwd=tmp_path)
    try:
        wait_until(lambda: leftovers.leftovers(tmp_path, since) == {sleeper.pid: "sleep 30"})
        assert leftovers.leftovers(ROOT / "nowhere", since) == {}
        later = leftovers._started(sleeper.pid)
        assert leftovers.leftovers(tmp_path, later) == {}
    finally:
        sleeper.kill()
        sleeper.wait()


def test_roles_command_makes_what_the_urls_name(admin, monkeypatch):
    for name, value in machine_services.make(admin).items():
        monkeypatch.setenv(name, value.replace(machine_services.NAME, "prm_named"))
    monkeypatch.setenv("PRM_ADMIN_URL", admin)
    monkeypatch.setattr(machine_services, "OWNER", "prm_named_owner")
    monkeypatch.setattr(machine_services, "APP", "prm_named_app")
    try:
        assert database_roles.main() is None
        assert machine_services._signs_in(os.environ["DATABASE_URL"])
    finally:
        machine_services.drop(admin)


def test_roles_command_says_what_is_not_set(monkeypatch):
    for name in ("PRM_ADMIN_URL", "DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.delenv(name, raising=False)
    assert database_roles.main().startswith("Set PRM_ADMIN_URL, DATABASE_URL, DATABASE_OWNER_URL")


def test_server_without_the_modules_of_migrations_is_refused(admin, monkeypatch):
    monkeypatch.setattr(database_roles, "EXTENSIONS", ("pg_trgm", "no_such_module"))
    with pytest.raises(
        database_roles.ExtensionsMissing, match=r"no no_such_module: install .* \(postgresql-contrib\)"
    ):
        ensure_roles(admin, owner="prm_named_owner", app="prm_named_app", database="prm_named")
