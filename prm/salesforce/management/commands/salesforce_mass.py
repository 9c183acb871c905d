"""`salesforce_mass`: mass changes that wait for a person, and the thresholds."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from prm.salesforce.breakers import queries, service
from prm.salesforce.breakers.serializers import GuardRulesSerializer, MassChangeSerializer
from prm.salesforce.guards.models import rules_of_tenant
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "List mass changes of the sync that wait for a person; approve or refuse one; set thresholds."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--approve", metavar="ID", type=UUID, help="let it go to the other side")
        parser.add_argument("--refuse", metavar="ID", type=UUID, help="take it back where it was made")
        parser.add_argument("--set", metavar="NAME=N", action="append", default=[], help="change a threshold")

    def work(self, options: Options) -> None:
        if options["approve"]:
            service.approve(options["approve"])
        if options["refuse"]:
            service.refuse(options["refuse"])
        if options["set"]:
            service.set_rules(dict(map(_threshold, options["set"])))
        with transaction.atomic():
            rows, rules = list(queries.shown()[:50]), rules_of_tenant()
            shown = MassChangeSerializer(rows, many=True).data if self.as_json else []
        for row in rows:
            self.say(f"{row.pk} {row.get_state_display()}: {queries.words_of(row)}")
        if not rows:
            self.say("No mass change waits.")
        values = GuardRulesSerializer(rules).data
        self.say(", ".join(f"{name} {value}" for name, value in values.items()))
        if self.as_json:
            self.emit({"mass_changes": shown, "thresholds": values})


def _threshold(words: str) -> tuple[str, int]:
    name, _, number = words.partition("=")
    if not number.isdigit():
        raise CommandError(f"{words!r} is not NAME=NUMBER.")
    return name, int(number)
