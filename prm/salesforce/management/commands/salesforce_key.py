"""`salesforce_key`: the key with which a tenant proves itself to Salesforce (JWT bearer), and replacing it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from prm.salesforce.credentials import keys
from prm.salesforce.setup.signin import service as signin_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = (
        "Make or replace the key of JWT sign-ins, and write its certificate. The key itself never leaves PRM."
    )

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new",
            action="store_true",
            help="make a key; one that is in use stays until Salesforce grants a sign-in to the new one",
        )
        parser.add_argument(
            "--out", type=Path, metavar="FILE", help="write the certificate there, not to the screen"
        )

    def work(self, options: Options) -> None:
        with transaction.atomic():
            if options["new"]:
                signin_service.make_key()
            found = keys.certificate(keys.stored())
        if found is None:
            raise CommandError("There is no certificate here: make a key with --new.")
        if options["out"]:
            options["out"].write_text(found.pem, encoding="ascii")
            self.say(f"Certificate written to {options['out']}.")
        elif not self.as_json:
            self.say(found.pem.strip())
        self.say(f"SHA-256 {found.fingerprint}, valid until {found.ends_at:%Y-%m-%d}.")
        if found.is_next:
            self.say(
                "Upload it to the app: the key before it is used until Salesforce grants a sign-in to this one."
            )
        if self.as_json:
            self.emit(
                {
                    "certificate": found.pem,
                    "fingerprint": found.fingerprint,
                    "valid_until": found.ends_at,
                    "is_next": found.is_next,
                }
            )
