"""`salesforce_connect`: bind a tenant to a Salesforce organisation, in one of three ways."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from prm.core.urls import tenant_url
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import Connection
from prm.salesforce.setup import service as setup_service
from prm.salesforce.setup.signin import service as signin_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Connect a tenant to its Salesforce organisation: by client credentials, by a key (JWT), or by a person."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--login-url",
            required=True,
            help="the organisation's My Domain, https://…; http:// for this machine only",
        )
        parser.add_argument("--client-id", required=True, help="consumer key of the app")
        parser.add_argument(
            "--way",
            choices=Credential.Way.values,
            default=Credential.Way.SECRET,
            help="secret: client credentials (the default); key: JWT bearer; person: prints the address that an "
            "administrator opens to sign in to Salesforce",
        )
        parser.add_argument("--client-secret-file", type=Path, help="file that holds the secret")
        parser.add_argument("--username", default="", help="key: in whose name PRM works")
        parser.add_argument(
            "--key-file",
            type=Path,
            help="key: a private key (PEM) whose certificate the app has; without it PRM's own (salesforce_key)",
        )
        parser.add_argument(
            "--refreshed",
            action="store_true",
            help="the connected sandbox was refreshed: forget what was known of its records and take the new one",
        )

    def work(self, options: Options) -> None:
        way = options["way"]
        if way == Credential.Way.PERSON:
            self._say_where(options)
            return
        bound = self._by_key(options) if way == Credential.Way.KEY else self._by_secret(options)
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
                    "way": way,
                }
            )

    def _by_secret(self, options: Options) -> Connection:
        if options["client_secret_file"] is None:
            raise CommandError("Name the file with the client secret: --client-secret-file FILE.")
        bound: Connection = setup_service.connect(
            login_url=options["login_url"],
            client_id=options["client_id"],
            client_secret=_read(options["client_secret_file"], "client secret"),
            replaces=options["refreshed"],
        )
        return bound

    def _by_key(self, options: Options) -> Connection:
        key_file = options["key_file"]
        bound: Connection = setup_service.connect_by_key(
            login_url=options["login_url"],
            client_id=options["client_id"],
            username=options["username"],
            private_key=_read(key_file, "private key") if key_file else "",
            replaces=options["refreshed"],
        )
        return bound

    def _say_where(self, options: Options) -> None:
        """Keep what the sign-in needs and say where an administrator goes on: only a browser can."""
        if not settings.COMMAND_URL:
            raise CommandError(
                "Set SITE_URL first: Salesforce sends people back to the product's own address."
            )
        secret = options["client_secret_file"]
        prepared = signin_service.prepare(
            login_url=options["login_url"],
            client_id=options["client_id"],
            client_secret=_read(secret, "client secret") if secret else "",
            replaces=options["refreshed"],
        )
        address = f"{settings.COMMAND_URL}{tenant_url(self.tenant, 'salesforce:connect-go', pk=prepared.pk)}"
        callback = f"{settings.COMMAND_URL}{tenant_url(self.tenant, 'salesforce:callback')}"
        self.say(f"Callback address of the app in Salesforce: {callback}")
        self.say("Open this within half an hour, signed in here as an administrator:")
        self.say(address)
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "address": address, "callback": callback, "way": "person"})


def _read(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The {what} file {path} cannot be read: {error}") from error
