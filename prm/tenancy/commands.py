"""Bases of our commands: of all of them, and of those that work in one tenant."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError, connection

from prm.core.errors import Refused
from prm.core.locks import sql_state
from prm.tenancy.checks import WALLS
from prm.tenancy.context import Actor, bound_tenant
from prm.tenancy.models import Tenant

# What argparse read, by name; each command knows the types of its own.
Options = dict[str, Any]

# How PostgreSQL numbers connections that broke, and servers that stop or start (its Appendix A).
GONE = ("08", "57P")

# The exit status of argparse.
USAGE = 2


def find_tenant(slug: str) -> Tenant:
    """Return the active tenant with this slug. Raises `CommandError` naming those that exist."""
    tenant = Tenant.objects.filter(slug=slug, is_active=True).first()
    if tenant is None:
        known = ", ".join(Tenant.objects.order_by("slug").values_list("slug", flat=True)[:20])
        raise CommandError(
            f"No tenant is called {slug!r}. "
            + (f"There are: {known}." if known else "There is none yet: make one with create_tenant.")
        )
    return tenant


@contextmanager
def database_there() -> Iterator[None]:
    """Turn a connection that cannot be made, or broke, into one line. Raises `CommandError`."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        state = sql_state(error)
        if state and not state.startswith(GONE):
            raise
        said = " ".join(str(error).split())
        raise CommandError(
            f"The database {connection.settings_dict['NAME']!r} does not answer. Is its server running, and is "
            f"DATABASE_URL right? {said}"
        ) from error


class DatabaseCommand(BaseCommand):
    """The base of our commands: says in one line that the database is not there."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run the command. Raises `CommandError` for a database that does not answer."""
        with database_there():
            return super().execute(*args, **options)


class TenantCommand(DatabaseCommand):
    """Adds `--tenant` and `--json`, binds the tenant, and turns `Refused` into one clear line.

    Subclasses define `add_options` and `work`. Transactions are the command's own affair
    (services are atomic). With `--json` exactly one JSON object goes to standard output, also when
    the command fails: `{"error": …}` then, unless it had said its result already.
    """

    # Only the checks of the walls: Django's own import every page and the API's description, half of what such a
    # command would take. `manage.py check`, `migrate` and the tests run all.
    requires_system_checks = (WALLS,)

    tenant: Tenant
    as_json = False
    has_emitted = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="the tenant to work in")
        parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
        self.add_options(parser)

    def add_options(self, parser: CommandParser) -> None:
        """Add the subclass's own options."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as Django does; a command line that cannot be read is said in JSON as well, if it asks for it."""
        try:
            super().run_from_argv(argv)
        except SystemExit as end:
            if end.code == USAGE and "--json" in argv:
                self.emit({"error": "The command line cannot be read; standard error says why."})
            raise

    def handle(self, *args: object, **options: Any) -> None:
        self.as_json = options["json"]
        try:
            with database_there():
                self._work_in_tenant(options)
        except Exception as error:
            if self.as_json and not self.has_emitted:
                known = isinstance(error, CommandError)
                self.emit(
                    {"error": str(error) if known else f"Something failed here: {type(error).__name__}."}
                )
            raise

    def _work_in_tenant(self, options: Options) -> None:
        self.tenant = find_tenant(options["tenant"])
        actor = Actor(kind="command", door="command", label=self.__module__.rpartition(".")[2])
        try:
            with bound_tenant(self.tenant, actor=actor, opens_its_own=True):
                self.work(options)
        except Refused as refused:
            raise CommandError(refused.message) from refused

    def work(self, options: Options) -> None:
        """Do what the command is for, with `self.tenant` bound."""
        raise NotImplementedError

    def emit(self, value: Mapping[str, object]) -> None:
        """Print the one JSON object. Decimals become strings, dates ISO 8601."""
        self.has_emitted = True
        self.stdout.write(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False))

    def say(self, text: str) -> None:
        """Write a line for the person: to standard output, or to standard error with `--json`."""
        (self.stderr if self.as_json else self.stdout).write(text)
