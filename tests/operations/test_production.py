"""Each rule of production: a state that breaks it, and that `check --deploy` and the start see it."""

import contextlib
import os
import re
from ipaddress import ip_network
from pathlib import Path

import psycopg
import pytest
from django.core.checks import run_checks
from django.db import connection

from prm.accounts.models import User
from prm.operations import start
from prm.operations.production import RULES
from prm.tenancy.backend.database_roles import ensure_roles
from prm.tenancy.backend.rights import RoleRights, rights_of_role

ROOT = Path(__file__).resolve().parents[2]
PLAIN = RoleRights(
    "prm_app", superuser=False, bypasses=False, creates_roles=False, creates_databases=False, owns=False
)
BY_ID = {rule.id: rule for rule in RULES}


@pytest.fixture
def sound(settings, tmp_path, monkeypatch):
    """An installation that breaks no rule; each test breaks one."""
    (tmp_path / "static" / "prm").mkdir(parents=True)
    (tmp_path / "static" / "prm" / "base.css").touch()
    for name in ("@tabler/icons/icons/outline", "@fontsource-variable/inter"):
        (tmp_path / "node_modules" / name).mkdir(parents=True)
    (tmp_path / "uploads").mkdir()
    settings.EMBEDDED = frozenset()
    settings.DEMO_ALLOWED = False
    settings.DEBUG = False
    settings.BASE_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.SECRET_KEY = "0f9a3c5b7d1e2846" * 4 + "x"
    settings.FIELD_KEYS_DERIVED = False
    settings.ALLOWED_HOSTS = ["prm.example"]
    settings.HTTPS = True
    settings.REDIS_URL = "redis://:secret@redis.example:6379/0"
    settings.OUTGOING_ALLOWED = (ip_network("10.1.0.0/16"),)
    settings.MAIL_DELIVERS = True
    settings.DEFAULT_FROM_EMAIL = "prm@prm.example"
    monkeypatch.setattr("prm.operations.production.application_role", lambda: PLAIN)
    return settings


def broken() -> set[str]:
    return {rule.id for rule in RULES if rule.find()}


def test_a_sound_installation_breaks_no_rule_and_starts(sound, db):
    assert broken() == set()
    start.refuse_danger()


def _role(**rights):
    def breaks(settings, monkeypatch):
        role = RoleRights(**{field: getattr(PLAIN, field) for field in PLAIN.__slots__} | rights)
        monkeypatch.setattr("prm.operations.production.application_role", lambda: role)

    return breaks


def _setting(**values):
    def breaks(settings, monkeypatch):
        for name, value in values.items():
            setattr(settings, name, value)

    return breaks


def _demo_sign_in(settings, monkeypatch):
    User.objects.create_user("admin@mercy.example", "demo")


def _uploads_are_a_file(settings, monkeypatch):
    Path(settings.MEDIA_ROOT).rmdir()
    Path(settings.MEDIA_ROOT).touch()


def _uploads_below_a_file(settings, monkeypatch):
    (settings.BASE_DIR / "file").touch()
    settings.MEDIA_ROOT = settings.BASE_DIR / "file" / "uploads"


def _uploads_on_a_disk_that_takes_nothing(settings, monkeypatch):
    def refuses(*args, **kwargs):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("tempfile.TemporaryFile", refuses)


def _no_icons(settings, monkeypatch):
    (settings.BASE_DIR / "node_modules/@tabler/icons/icons/outline").rmdir()


def _no_font(settings, monkeypatch):
    (settings.BASE_DIR / "node_modules/@fontsource-variable/inter").rmdir()


def _no_database(settings, monkeypatch):
    monkeypatch.setattr("prm.operations.production.application_role", lambda: None)


STATES = [
    ("prm.E010", _setting(EMBEDDED=frozenset({"database"}))),
    ("prm.E011", _setting(EMBEDDED=frozenset({"broker"}))),
    ("prm.E012", _setting(DEBUG=True)),
    ("prm.E013", _setting(SECRET_KEY="short-but-9f8e7d6c5b4a32")),
    ("prm.E013", _setting(SECRET_KEY="a" * 64)),
    ("prm.E013", _setting(SECRET_KEY="abcdefghijklm" * 5)),
    ("prm.E013", _setting(SECRET_KEY="django-insecure-0f9a3c5b7d1e2846aabbccddeeff00112233445566778899")),
    ("prm.E014", _setting(FIELD_KEYS=[])),
    ("prm.E014", _setting(FIELD_KEYS=["not a key"])),
    ("prm.E014", _setting(FIELD_KEYS=["A" * 43 + "=", "AAAA"])),
    ("prm.E015", _setting(ALLOWED_HOSTS=["prm.example", "*"])),
    ("prm.E016", _role(superuser=True)),
    ("prm.E016", _role(bypasses=True)),
    ("prm.E017", _role(owns=True)),
    ("prm.E018", _role(creates_roles=True)),
    ("prm.E019", _role(creates_databases=True)),
    ("prm.E020", _demo_sign_in),
    ("prm.E021", _uploads_are_a_file),
    ("prm.E021", _uploads_below_a_file),
    ("prm.E021", _uploads_on_a_disk_that_takes_nothing),
    ("prm.E022", _no_icons),
    ("prm.E022", _no_font),
    ("prm.E023", _setting(STATIC_ROOT="/nowhere")),
    ("prm.W024", _setting(FIELD_KEYS_DERIVED=True)),
    ("prm.W025", _setting(MAIL_DELIVERS=False)),
    ("prm.W025", _setting(DEFAULT_FROM_EMAIL="PRM <prm@localhost>")),
    ("prm.W025", _setting(DEFAULT_FROM_EMAIL="webmaster@localhost")),
    ("prm.W026", _setting(HTTPS=False)),
    ("prm.W027", _setting(REDIS_URL="redis://redis.example:6379/0")),
    ("prm.W028", _setting(OUTGOING_ALLOWED=(ip_network("127.0.0.0/8"),))),
    ("prm.W028", _setting(OUTGOING_ALLOWED=(ip_network("0.0.0.0/0"),))),
    ("prm.W028", _setting(OUTGOING_ALLOWED=(ip_network("::/0"),))),
    ("prm.W029", _no_database),
]


@pytest.mark.parametrize(
    ("name", "breaks"), STATES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_state_is_seen_and_stops_the_start_where_it_is_dangerous(sound, db, monkeypatch, name, breaks):
    breaks(sound, monkeypatch)
    assert broken() == {name}
    rule = BY_ID[name]
    (message,) = [
        m for m in run_checks(tags=["security"], include_deployment_checks=True) if m.id.startswith("prm.")
    ]
    assert (message.id, message.hint) == (name, rule.do)
    assert message.is_serious() is not rule.is_warning
    if rule.stops:
        with pytest.raises(start.StartRefused, match=name) as caught:
            start.refuse_danger()
        assert rule.do in str(caught.value)
        with pytest.raises(SystemExit, match=name):
            start.refuse_background(sender="worker", instance=None)
    else:
        start.refuse_danger()


def test_every_rule_is_broken_by_a_test():
    assert {name for name, _ in STATES} == set(BY_ID)


def test_a_demonstration_starts_with_known_passwords_and_never_with_a_broken_wall(sound, db, monkeypatch):
    sound.DEMO_ALLOWED = True
    _demo_sign_in(sound, monkeypatch)
    sound.DEBUG = True
    start.refuse_danger()
    _role(owns=True)(sound, monkeypatch)
    with pytest.raises(start.StartRefused, match=r"prm\.E017"):
        start.refuse_danger()


def test_what_docs_say_of_each_rule():
    """docs/operations.md has a row for each: id, whether it stops the start, in this order."""
    table = (
        (ROOT / "docs/operations.md").read_text().split("## What `check --deploy` says")[1].split("\n## ")[0]
    )
    rows = re.findall(r"^\| `(prm\.[EW]\d+)` \| (.+?) \| (.+?) \| (.*?) \|$", table, re.MULTILINE)
    stops = {True: {False: "no start", True: "no start, unless a demonstration"}, False: {False: "error"}}
    wanted = [(r.id, "warning" if r.is_warning else stops[r.stops][r.unless_demo and r.stops]) for r in RULES]
    assert [(row[0], row[2]) for row in rows] == wanted


# --- the role itself, on a real server ----------------------------------------------------------


# Other workers test on the same server.
PROBE, PROBE_OWNER = f"prm_probe_{os.getpid()}", f"prm_probe_owner_{os.getpid()}"


@pytest.fixture
def admin():
    """A superuser of the server that the tests use, if there is one: roles are made and removed."""
    found = connection.settings_dict
    where = {low: found[up] for up, low in {"HOST": "host", "PORT": "port"}.items() if found.get(up)}
    try:
        signed_in = psycopg.connect(**where, user="postgres", dbname="postgres", autocommit=True)
    except psycopg.Error:
        pytest.skip("nobody may sign in as postgres here")
    with signed_in as superuser:
        yield superuser, where, found["NAME"]
        for role in (PROBE, PROBE_OWNER):
            with contextlib.suppress(psycopg.errors.UndefinedObject):
                superuser.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("rights", "seen"),
    [
        ("", set()),
        ("SUPERUSER", {"superuser", "owns"}),
        ("BYPASSRLS", {"bypasses"}),
        ("CREATEROLE", {"creates_roles"}),
        ("CREATEDB", {"creates_databases"}),
        ("IN ROLE {owner}", {"owns"}),
        ("IN ROLE {owner} NOINHERIT", {"owns"}),
    ],
)
def test_the_database_is_asked_what_a_role_may(admin, db, rights, seen):
    superuser, where, database = admin
    owner = connection.settings_dict["TEST_OWNER"]
    superuser.execute(f"CREATE ROLE {PROBE} LOGIN PASSWORD 'probe' {rights.format(owner=owner)}")
    with psycopg.connect(**where, user=PROBE, password="probe", dbname=database) as probe:
        role = rights_of_role(probe)
    found = {field for field in role.__slots__ if getattr(role, field) is True}
    assert found == seen
    assert bool(role.walls_do_not_hold) == bool(seen - {"creates_databases"})


def test_the_roles_that_are_made_may_none_of_it(admin):
    _, where, database = admin
    conninfo = psycopg.conninfo.make_conninfo(**where, user="postgres", dbname="postgres")
    ensure_roles(conninfo, owner=PROBE_OWNER, app=PROBE, database=database, app_password="probe")
    with psycopg.connect(**where, user=PROBE, password="probe", dbname=database) as probe:
        assert rights_of_role(probe) == RoleRights(PROBE, *[False] * 5)


def test_a_connection_of_the_owner_is_refused(db, monkeypatch):
    from django.core.exceptions import ImproperlyConfigured
    from django.db import connections

    other = connections.create_connection("default")
    other.settings_dict = {**connection.settings_dict, "USER": connection.settings_dict["TEST_OWNER"]}
    with pytest.raises(ImproperlyConfigured, match="owns the tables"):
        other.connect()
    other.close()


def test_the_tests_run_as_a_role_that_may_nothing_of_it(db):
    with connection.cursor() as cursor:
        role = rights_of_role(cursor.connection)
    assert {field for field in role.__slots__ if getattr(role, field) is True} == set()
    assert os.environ["DATABASE_URL"]
