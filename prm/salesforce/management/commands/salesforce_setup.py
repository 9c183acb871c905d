"""`salesforce_setup`: make in the organisation what the mappings need; repeatable."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import CommandError

from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Create the custom fields, object and permission set that the mapping needs."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what is missing, change nothing")

    def work(self, options: Options) -> None:
        result = setup_service.set_up(dry_run=options["dry_run"])
        verb = "would make" if result.dry_run else "made"
        for what in result.made:
            self.say(f"{verb} {what}")
        for warning in result.warnings:
            self.say(f"warning: {warning}")
        for failure in result.failures:
            self.say(f"failed: {failure}")
        for number, step in enumerate(result.by_hand, 1):
            self.say(f"by hand, {number}: {step}")
        if not result.made and not result.failures:
            self.say("Nothing to make: everything is there.")
        if self.as_json:
            self.emit(
                {
                    "made": result.made,
                    "warnings": result.warnings,
                    "missing": result.missing,
                    "failures": result.failures,
                    "by_hand": result.by_hand,
                    "dry_run": result.dry_run,
                }
            )
        if result.missing:
            raise CommandError(
                "The integration user does not see: "
                + ", ".join(result.missing)
                + ". Give it access to these fields in Salesforce and run this again."
            )
