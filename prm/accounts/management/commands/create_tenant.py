"""`create_tenant SLUG --name NAME [--admin EMAIL]`: a new tenant."""

import secrets

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from prm.accounts.models import User
from prm.accounts.rights import Right, roles_with
from prm.accounts.service import add_member
from prm.core.errors import Refused
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.service import create_tenant


class Command(BaseCommand):
    """Makes a tenant and, if asked, its first administrator."""

    help = "Create a tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="part of its addresses: lower-case letters, digits, hyphens")
        parser.add_argument("--name", required=True, help="the company's name")
        parser.add_argument("--admin", metavar="EMAIL", help="its first administrator")
        parser.add_argument("--currency", default="USD", help="ISO 4217 code (default USD)")
        parser.add_argument("--timezone", default="UTC", help="IANA name (default UTC)")

    def handle(self, *args: object, **options: str) -> None:
        actor = Actor(kind="command", door="command", label="create_tenant")
        try:
            with transaction.atomic():
                tenant = create_tenant(
                    slug=options["slug"],
                    name=options["name"],
                    currency=options["currency"],
                    timezone=options["timezone"],
                )
                self.stdout.write(f"Created {tenant.name} at /t/{tenant.slug}/.")
                if options["admin"]:
                    with tenant_scope(tenant, actor=actor):
                        self._add_administrator(options["admin"])
        except Refused as refused:
            raise CommandError(refused.message) from refused

    def _add_administrator(self, email: str) -> None:
        known = User.objects.filter(email=email.strip().lower()).exists()
        password = None if known else secrets.token_urlsafe(12)
        add_member(email=email, role=roles_with(Right.MEMBER_EDIT)[0], password=password)
        word = "with the password they have" if known else f"with the password {password}"
        self.stdout.write(f"{email} is its administrator and signs in {word}.")
