"""`rotate_field_keys`: encrypt every stored secret with the newest of `FIELD_KEYS`, so that older keys can go."""

from __future__ import annotations

import json
from dataclasses import asdict

from django.core.management.base import CommandError, CommandParser

from prm.operations import resealing
from prm.tenancy.commands import DatabaseCommand


class Command(DatabaseCommand):
    help = "Encrypt every stored secret of all tenants with the newest of FIELD_KEYS. Afterwards older keys can be removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")

    def handle(self, *args: object, **options: object) -> None:
        dry_run = bool(options["dry_run"])
        found = resealing.reseal_all(dry_run=dry_run)
        anew, unread = (sum(getattr(each, name) for each in found.values()) for name in ("anew", "unread"))
        if options["json"]:
            columns = {name: asdict(each) for name, each in found.items()}
            self.stdout.write(
                json.dumps({"dry_run": dry_run, "anew": anew, "unread": unread, "columns": columns})
            )
        else:
            for name, each in found.items():
                if each.secrets:
                    self.stdout.write(f"{name}: {each.secrets} secrets, {each.anew} of an older key")
            self.stdout.write(self._verdict(anew, dry_run=dry_run))
        if unread:
            raise CommandError(
                f"{unread} secrets are opened by none of FIELD_KEYS and were left as they are. Put the key they were made with back "
                "into FIELD_KEYS and run this again; without it they have to be entered anew."
            )

    def _verdict(self, anew: int, *, dry_run: bool) -> str:
        if dry_run:
            return f"{anew} secrets would be encrypted anew."
        return f"{anew} secrets encrypted anew. Keys after the first of FIELD_KEYS are needed no more, by this database."
