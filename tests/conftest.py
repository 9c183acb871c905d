"""The database, the people and the tenants that tests share.

The walls are on in every test: tests run as the application's own role, on a database that the
owner's role made by running the real migrations. A template database is kept per state of the
migrations, so that a run starts by copying a file and not by migrating.

alice administers *mercy*, bob is a manager of it and mary a rep; charlie is a member of *anchor*
only and must see nothing of mercy.
"""

import gc
import hashlib
import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings
from django.test.testcases import LiveServerThread
from psycopg import sql

from prm.core import clock
from prm.local import environment
from prm.tenancy.backend.database_roles import creation_of, ensure_roles
from prm.tenancy.context import bound_tenant, current_actor, current_tenant
from tests.part import keep_part

ROOT = Path(__file__).resolve().parent.parent
TEST_OWNER, TEST_APP = "prm_test_owner", "prm_test_app"


# A busy machine makes no rule untrue: no example has a deadline, and slow ones do not count as unhealthy.
hypothesis.settings.register_profile(
    "prm", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("prm")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes after its argument: packed bytes hold the second they were packed in.

    The workers of one run collect at different seconds and must find the same tests.
    """
    return argname if isinstance(val, bytes) else None


def pytest_configure(config: pytest.Config) -> None:
    _start_at_another_time()
    config.addinivalue_line("markers", "browser: walks pages in a real browser")
    config.addinivalue_line("markers", "broker: needs a running worker on a real broker")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Add up what tests have counted with `record_property` (`make security`, `make soak`)."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        counts.update({name: value for name, value in report.user_properties if isinstance(value, int)})
    if counts and {"PRM_SECURITY", "PRM_CRAWL", "PRM_SOAK", "PRM_CALIBRATE"} & os.environ.keys():
        failed = len(terminalreporter.getreports("failed")) + len(terminalreporter.getreports("error"))
        said = ", ".join(f"{count:,} {name}" for name, count in counts.items())
        terminalreporter.write_sep("=", f"{said}; {failed} tests with findings")


# --- time -------------------------------------------------------------------------------------

# Seconds for tests that fill whole tenants or walk a browser, by the end of their path.
LONGER = {
    "tests/browser/": 400,
    "/test_demo.py": 300,
    "tests/test_isolation.py": 300,
    "tests/api/test_lists.py": 300,
    "tests/test_lists.py": 300,
    "/test_schedules.py": 0 if "SCHEDULES" in os.environ else 300,
    "tests/local/": 240,
    "tests/partners/alarms/test_rules.py": 0 if "PRM_CALIBRATE" in os.environ else 120,
    "tests/orders/histories/": 0 if "PRM_SOAK" in os.environ else 400,
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    keep_part(config, items, ROOT)
    for item in items:
        path = item.path.relative_to(ROOT).as_posix()
        for place, seconds in LONGER.items():
            if path.startswith(place) or path.endswith(place):
                item.add_marker(pytest.mark.timeout(seconds))


def pytest_collection_finish() -> None:
    """Leave what all tests share (modules, 6,000 tests) out of every search for garbage: a tenth of a worker's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def _without_time_limit() -> Iterator[None]:
    """Stop the clock of the test that happens to be first: what all tests share is made in its name."""
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


def _start_at_another_time() -> None:
    """``PRM_TEST_TIME=2028-02-29T03:58:00+00:00`` runs the tests as if they had begun then.

    A test may assume nothing about the day, the hour or the month it runs in.
    """
    if begun := os.environ.get("PRM_TEST_TIME"):
        moved = datetime.fromisoformat(begun) - datetime.now(UTC)  # noqa: TID251 - moves the one place
        clock.system_time = lambda: datetime.now(UTC) + moved  # noqa: TID251 - moves the one place


# --- database ---------------------------------------------------------------------------------


def _migration_state() -> str:
    """A checksum of everything that shapes the schema."""
    digest = hashlib.sha256()
    folders = [ROOT / name for name in ("prm", "partners", "orders", "activities")]
    files = [f for folder in folders for f in folder.rglob("*.py") if "migrations" in f.parts]
    files += [*ROOT.glob("prm/tenancy/**/*.py"), *ROOT.glob("prm/core/*.py"), *ROOT.glob("*/salesforce.py")]
    files += [*ROOT.glob("*/score_components.py"), *ROOT.glob("partners/standing/*.py")]
    files += [
        *ROOT.glob("partners/merges/*.py"),
        *ROOT.glob("*/partner_tables.py"),
        *ROOT.glob("*/*/partner_tables.py"),
    ]
    files += [*ROOT.glob("prm/salesforce/**/*.py"), ROOT / "requirements.txt"]
    for file in sorted(files):
        digest.update(file.relative_to(ROOT).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _server() -> tuple[dict[str, Any], str, str]:
    """Connection keywords of the server, the owner's role and the application's role."""
    database = settings.DATABASES["default"]
    environment.start(os.environ)
    keys = {"HOST": "host", "PORT": "port", "PASSWORD": "password"}
    where = {low: database[up] for up, low in keys.items() if database.get(up)}
    owner = settings.DATABASES["default"]["OWNER"]
    with psycopg.connect(**where, user=database["USER"], dbname=database["NAME"]) as probe:
        row = probe.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if row and row[0]:
        return _plain_roles(where, database)
    return where, owner["USER"], database["USER"]


def _plain_roles(where: dict[str, Any], database: dict[str, Any]) -> tuple[dict[str, Any], str, str]:
    """A superuser was given, whom the policies do not bind: make plain roles to test with."""
    admin = psycopg.conninfo.make_conninfo(**where, user=database["USER"], dbname=database["NAME"])
    password = where.get("password")
    ensure_roles(
        admin,
        owner=TEST_OWNER,
        app=TEST_APP,
        database="prm_test_home",
        owner_password=password,
        app_password=password,
    )
    settings.DATABASES["default"]["OWNER"] = {**database["OWNER"], "USER": TEST_OWNER}
    connection.settings_dict["OWNER"] = settings.DATABASES["default"]["OWNER"]
    return where, TEST_OWNER, TEST_APP


def _drop(owner: psycopg.Connection, name: str) -> None:
    """Drop a database; autovacuum may be at work in it, and its process is not ours to end."""
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    for _ in range(40):
        try:
            owner.execute(drop)
        except psycopg.errors.InsufficientPrivilege:
            time.sleep(0.25)
        else:
            return
    owner.execute(drop)


def _template(owner: psycopg.Connection, app: str) -> str:
    """The migrated template database, made when the migrations changed."""
    # Others may test on the same server, each as a role of their own.
    role = owner.info.user
    name = f"prm_template_{role}_{_migration_state()}"
    owned = owner.execute(
        "SELECT datname FROM pg_database WHERE pg_get_userbyid(datdba) = current_user"
    ).fetchall()
    if (name,) in owned:
        return name
    for (stale,) in owned:
        if stale.startswith(("prm_template_", "prm_building_")):
            _drop(owner, stale)
    building = f"prm_building_{role}_{name[-12:]}"
    owner.execute(creation_of(owner, building, owner.info.user))
    connection.close()
    connection.settings_dict["NAME"] = building
    call_command("migrate", verbosity=0)
    connection.close()
    # Renamed only when whole: a run that was killed half-way leaves nothing that looks ready.
    owner.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (building, name))))
    return name


@dataclass
class Databases:
    """The databases of this worker: each a copy of the migrated template, dropped at the end."""

    admin: dict[str, Any]
    template: str
    worker: str

    @contextmanager
    def copy(self, purpose: str) -> Iterator[str]:
        """Make a copy for the length of the block; gives its name."""
        name = f"prm_{purpose}_{os.getpid()}_{self.worker}"
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, self.template)))
        with psycopg.connect(**self.admin, autocommit=True) as owner, _one_at_a_time(owner):
            owner.execute(create)
        yield name
        with psycopg.connect(**self.admin, autocommit=True) as owner:
            _drop(owner, name)


@contextmanager
def _one_at_a_time(owner: psycopg.Connection) -> Iterator[None]:
    """A template is copied by one worker only, and while it is made by none."""
    owner.execute("SELECT pg_advisory_lock(720011)")
    yield
    owner.execute("SELECT pg_advisory_unlock(720011)")


@pytest.fixture(scope="session")
def databases(django_db_blocker: Any, worker_id: str) -> Databases:
    """The server, its roles and the template."""
    with _without_time_limit():
        where, owner_role, app_role = _server()
        settings.DATABASES["default"]["USER"] = app_role
        connection.settings_dict.update({"USER": app_role, "TEST_OWNER": owner_role})
        admin = {**where, "user": owner_role, "dbname": settings.DATABASES["default"]["NAME"]}
        with (
            django_db_blocker.unblock(),
            psycopg.connect(**admin, autocommit=True) as owner,
            _one_at_a_time(owner),
        ):
            return Databases(admin, _template(owner, app_role), worker_id)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, databases: Databases) -> Iterator[None]:
    """Give this worker its own copy of the migrated database."""
    with databases.copy("test") as mine, django_db_blocker.unblock():
        connection.settings_dict["NAME"] = mine
        yield
        connection.close()


@contextmanager
def _connected_to(database: str) -> Iterator[None]:
    """For the length of the block the tests' connection is one to that database."""
    assert not connection.in_atomic_block, "the transaction of a test has begun in another database"
    home = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = database
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = home


@pytest.fixture(scope="session")
def filled_database(
    django_db_setup: None,
    databases: Databases,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Path]]:
    """The name of a database with the small demo tenants, and the folder of their files; filled once."""
    from django.core.management import call_command

    files = tmp_path_factory.mktemp("demo")
    with databases.copy("demo") as name, django_db_blocker.unblock():
        with (
            _without_time_limit(),
            _connected_to(name),
            override_settings(DEMO_ALLOWED=True, MEDIA_ROOT=files),
        ):
            call_command("demo", size=6, verbosity=0)
        yield name, files


@pytest.fixture
def _in_filled_database(
    filled_database: tuple[str, Path], django_db_blocker: Any, settings: Any
) -> Iterator[None]:
    name, settings.MEDIA_ROOT = filled_database
    settings.DEMO_ALLOWED = True
    with django_db_blocker.unblock(), _connected_to(name):
        yield


@pytest.fixture
def demo(_in_filled_database: None, db: None) -> Any:
    """Mercy of the demo tenants; anchor is there as well. A test's changes are rolled back as always."""
    from prm.tenancy.models import Tenant

    return Tenant.objects.get(slug="mercy")


def _empty_all_tables(self: TransactionTestCase) -> None:
    """After a test with real transactions: truncate as the owner (the application may not) what has been written to.

    A table made anew has no page until a row comes; rows cannot be asked for, as the walls hold for the owner too.
    """
    from prm.tenancy.backend.owner import owner_mode

    kept = ("django_migrations", "django_content_type", "auth_permission")
    with owner_mode(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND pg_relation_size(oid) > 0 AND relname <> ALL(%s)",
            [list(kept)],
        )
        if written := cursor.fetchone()[0]:
            cursor.execute(f"TRUNCATE {written} RESTART IDENTITY CASCADE")


TransactionTestCase._fixture_teardown = _empty_all_tables  # type: ignore[method-assign]


@contextmanager
def owner_connection(tenant_id: str) -> Iterator[psycopg.Connection]:
    """The owner's connection in a tenant's scope, for ANALYZE (the application may not); rolled back at the end.

    The owner is bound by the policies as the application is, so that plans are the same.
    """
    found = connection.settings_dict
    where = {low: found[up] for up, low in {"HOST": "host", "PORT": "port"}.items() if found.get(up)}
    owner = found["OWNER"]["USER"] if "OWNER" in found else found["TEST_OWNER"]
    password = found.get("PASSWORD") or None
    with psycopg.connect(**where, user=owner, password=password, dbname=found["NAME"]) as walled:
        walled.execute("SELECT set_config('prm.tenant', %s, true)", [tenant_id])
        yield walled
        walled.rollback()


# --- settings ---------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Passwords hash fast and files go to a folder of this run, which is given.

    Set once: said anew for each of thousands of tests, settings take a twentieth of their time.
    """
    folder = tmp_path_factory.mktemp("files") / "uploads"
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        MEDIA_ROOT=folder,
        # A test that walks all addresses calls more often than a program may.
        API_CALLS_PER_CALLER=0,
        API_CALLS_PER_TENANT=0,
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    ):
        yield folder


@pytest.fixture(autouse=True)
def _nothing_kept(uploads: Path) -> Iterator[None]:
    """Begin each test with an empty cache, and leave no file of it to the next."""
    cache.clear()
    yield
    if uploads.exists():
        shutil.rmtree(uploads)


@pytest.fixture(scope="session", autouse=True)
def _reaches_the_sandbox_org() -> None:
    """Wherever the database is, and in fixtures of a whole module too, which are made before those of a test."""
    from django.conf import settings

    settings.OUTGOING_ALLOWED = (ip_network("127.0.0.0/8"), ip_network("::1"))


@pytest.fixture(scope="session", autouse=True)
def _eager_tasks() -> None:
    from prm.celery import app

    app.conf.broker_url = "memory://"
    app.conf.task_always_eager = True
    app.conf.task_eager_propagates = True
    # Tasks are sent by name, so whoever runs them at once has to know them, as a worker does.
    app.loader.import_default_modules()


@contextmanager
def tasks_left_in_the_queue() -> Iterator[None]:
    """As where no worker runs: what is sent is not done. Filling demo data is much faster so."""
    from prm.celery import app

    app.conf.task_always_eager = False
    try:
        yield
    finally:
        app.conf.task_always_eager = True


@contextmanager
def as_a_worker() -> Iterator[None]:
    """As where no transaction is open around the work: what needs one and opens none is refused."""
    with bound_tenant(current_tenant(), actor=current_actor(), opens_its_own=True):
        yield


@contextmanager
def demo_served(django_db_blocker: Any, *, size: int) -> Iterator[str]:
    """The address of the product on this machine, filled with demo tenants; the database is emptied afterwards."""
    with django_db_blocker.unblock():
        settings.DEMO_ALLOWED = True
        with tasks_left_in_the_queue():
            call_command("demo", size=size, verbosity=0, stdout=StringIO())
        server = LiveServerThread("localhost", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        settings.ALLOWED_HOSTS = ["*"]
        try:
            yield f"http://localhost:{server.port}"
        finally:
            server.terminate()
            _empty_all_tables(None)  # type: ignore[arg-type]


@pytest.fixture
def django_capture_on_commit_callbacks() -> Any:
    """As pytest-django's, and as a commit does it: what runs is off the list before it runs.

    What was registered before the block never runs in a test, so it must not be taken for sent.
    """

    @contextmanager
    def capture(*, execute: bool = False) -> Iterator[list[Any]]:
        callbacks: list[Any] = []
        connection.run_on_commit = []
        yield callbacks
        while connection.run_on_commit:
            batch, connection.run_on_commit = connection.run_on_commit, []
            callbacks += [callback for _, callback, _ in batch]
            for _, callback, robust in batch if execute else ():
                with suppress(*[Exception] if robust else ()):
                    callback()

    return capture


# --- people and tenants -----------------------------------------------------------------------


@dataclass
class House:
    """A tenant with one member of each staff role."""

    tenant: Any
    administrator: Any
    manager: Any
    rep: Any


def confirm_usual_bands() -> None:
    """Confirm the bands of version 1 as they are: most tests are about tenants that have tiers."""
    from partners.policy.models import StandingPolicy

    StandingPolicy.objects.update(is_confirmed=True)


def make_house(slug: str, people: tuple[str, str, str], **fields: Any) -> House:
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.service import create_tenant

    tenant = create_tenant(slug=slug, name=slug.capitalize(), **fields)
    with tenant_scope(tenant):
        confirm_usual_bands()
        return House(tenant, *make_members(dict(zip(people, ROLES, strict=True)), at=f"{slug}.example"))


ROLES = ("administrator", "manager", "rep")


def make_members(roles: dict[str, str], *, at: str) -> list[Any]:
    """Members of the tenant in scope as `accounts.service.add_member` makes them, a tenth of its statements.

    Half of all tests begin with three of them. `roles` by first name; `at` is the address's domain.
    """
    from allauth.account.models import EmailAddress
    from django.contrib.auth.hashers import make_password

    from prm.accounts.models import Membership, User

    password, moment = make_password("secret-pass"), clock.now()
    users = User.objects.bulk_create(
        User(email=f"{name}@{at}", name=name.capitalize(), password=password, proved_at=moment)
        for name in roles
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    return Membership.objects.bulk_create(
        Membership(user=user, role=role) for user, role in zip(users, roles.values(), strict=True)
    )


@pytest.fixture
def clock_at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """``clock_at(moment)`` stops PRM's clock at an aware moment, for every module alike."""

    def stop(moment: datetime) -> None:
        monkeypatch.setattr("prm.core.clock.system_time", lambda: moment)

    return stop


@pytest.fixture
def clock_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """PRM's clock goes as the database's, for what compares with the moments of the audit trail, which are its own."""
    monkeypatch.setattr("prm.core.clock.system_time", lambda: datetime.now(UTC))  # noqa: TID251 - moves the one place


@pytest.fixture
def mercy(db: None) -> House:
    """The tenant most tests work in: alice (administrator), bob (manager), mary (rep)."""
    return make_house(
        "mercy",
        ("alice", "bob", "mary"),
        timezone="America/New_York",
        partner_noun="provider",
        partner_noun_plural="providers",
    )


@pytest.fixture
def anchor(db: None) -> House:
    """Another tenant, with charlie as administrator: nothing of mercy may reach it."""
    return make_house("anchor", ("charlie", "carla", "chris"), timezone="Europe/London", currency="GBP")


@pytest.fixture
def in_mercy(mercy: House) -> Iterator[House]:
    """Run the test inside mercy's scope."""
    from prm.tenancy.context import tenant_scope

    with tenant_scope(mercy.tenant):
        yield mercy


@pytest.fixture
def client_for() -> Any:
    """``client_for(member)``: a test client signed in as that member's user."""

    def make(member: Any) -> Client:
        client = Client()
        client.force_login(member.user, backend="prm.accounts.signin.backend.AddressBackend")
        return client

    return make


def chromium() -> str | None:
    """The path of a Chromium or Chrome that Playwright can drive, if the machine has one."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def open_chromium(not_done: str) -> Iterator[Any]:
    """A browser for the length of the block; without one the test is skipped, saying what was not done."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if path is None:
        pytest.skip(f"no Chromium on this machine: {not_done}")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_playwright() as playwright:
        engine = playwright.chromium.launch(executable_path=path, args=arguments)
        yield engine
        engine.close()
