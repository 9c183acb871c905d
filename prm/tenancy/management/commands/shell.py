"""`shell --tenant SLUG`: a Python shell inside one tenant, in one transaction per command line."""

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.shell import Command as Shell

from prm.tenancy.commands import DatabaseCommand, find_tenant
from prm.tenancy.context import Actor, tenant_scope


class Command(DatabaseCommand, Shell):
    """Django's shell, which refuses to open without saying in which tenant."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", metavar="SLUG", help="the tenant to work in")
        parser.add_argument(
            "--unsafe-all", action="store_true", help="no tenant: only global tables show rows"
        )

    def handle(self, **options: object) -> None:
        slug, unsafe = options.pop("tenant"), options.pop("unsafe_all")
        if unsafe:
            super().handle(**options)
            return
        if not slug:
            raise CommandError("Say in which tenant: --tenant SLUG (or --unsafe-all for none).")
        actor = Actor(kind="command", door="shell", label="shell")
        with tenant_scope(find_tenant(str(slug)), actor=actor):
            super().handle(**options)
        # Leaving by an exception rolls back; a normal end commits what was done.
