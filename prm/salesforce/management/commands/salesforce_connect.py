"""`salesforce_connect`: bind a tenant to a Salesforce organisation by client credentials."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Connect a tenant to its Salesforce organisation (OAuth client credentials)."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--login-url",
            required=True,
            help="the organisation's My Domain, https://…; http:// for this machine only",
        )
        parser.add_argument("--client-id", required=True, help="consumer key of the connected app")
        parser.add_argument(
            "--client-secret-file", required=True, type=Path, help="file that holds the secret"
        )

    def work(self, options: Options) -> None:
        path: Path = options["client_secret_file"]
        try:
            secret = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"The client secret file {path} cannot be read: {error}") from error
        bound = setup_service.connect(
            login_url=options["login_url"], client_id=options["client_id"], client_secret=secret
        )
        kind = "sandbox" if bound.is_sandbox else "production"
        self.say(
            f"Connected {self.tenant.slug} to {bound.organization_name or bound.login_url} "
            f"({kind} organisation {bound.organization_id}). "
            f"Next: salesforce_setup --tenant {self.tenant.slug}"
        )
        if self.as_json:
            self.emit(
                {
                    "tenant": self.tenant.slug,
                    "organization_id": bound.organization_id,
                    "organization_name": bound.organization_name,
                    "is_sandbox": bound.is_sandbox,
                    "login_url": bound.login_url,
                }
            )
