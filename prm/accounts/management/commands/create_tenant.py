"""`create_tenant SLUG --name NAME [--admin EMAIL]`: a new tenant."""

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from prm.accounts.invitations import service
from prm.accounts.invitations.links import link_to
from prm.accounts.rights import Right, roles_with
from prm.core.errors import Refused
from prm.tenancy.commands import DatabaseCommand
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.tenancy.service import create_tenant


class Command(DatabaseCommand):
    """Makes a tenant and, if asked, the invitation of its first administrator."""

    help = "Create a tenant."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="part of its addresses: lower-case letters, digits, hyphens")
        parser.add_argument("--name", required=True, help="the company's name")
        parser.add_argument(
            "--admin", metavar="EMAIL", help="its first administrator, for whom a one-time link is printed"
        )
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
                        self._invite_administrator(tenant, options["admin"])
        except Refused as refused:
            raise CommandError(refused.message) from refused

    def _invite_administrator(self, tenant: Tenant, email: str) -> None:
        invitation = service.invite(email=email, role=roles_with(Right.MEMBER_EDIT)[0], by=None)
        secret = service.hand_over(invitation, by=None, forced=True)
        self.stdout.write(
            f"{invitation.email} becomes its administrator by this link, which works once, within a day:"
        )
        self.stdout.write(link_to(tenant, invitation.pk, secret))
