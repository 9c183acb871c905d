"""`salesforce_conflicts`: the fields that both sides changed, listed and decided."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from prm.salesforce.engine.models import Conflict
from prm.salesforce.inbox import queries, service
from prm.salesforce.inbox.serializers import ConflictSerializer
from prm.salesforce.mapping import registry
from prm.tenancy.commands import Options, TenantCommand

MOST = 10_000


class Command(TenantCommand):
    help = "List the fields that both sides changed, and decide them for one side or a third value."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=["open", "settled", "chosen", "equal", "all"], default="open")
        parser.add_argument("--mapping", default="", metavar="KEY", help="only this kind of record")
        parser.add_argument(
            "--id", action="append", default=[], type=UUID, metavar="UUID", help="only these conflicts"
        )
        parser.add_argument(
            "--take", choices=["here", "salesforce"], help="decide what is listed for this side"
        )
        parser.add_argument("--value", help="decide the one conflict that is listed for this value")
        parser.add_argument("--undo", action="store_true", help="take back what was decided of those listed")

    def work(self, options: Options) -> None:
        found = self._found(options)
        acts = [name for name in ("take", "value", "undo") if options[name] not in (None, False)]
        if len(acts) > 1:
            raise CommandError("Choose one of --take, --value and --undo.")
        refused: dict[str, str] = {}
        if acts == ["value"]:
            if len(found) != 1:
                raise CommandError(
                    f"--value decides one conflict; {len(found)} are listed. Name it with --id."
                )
            service.choose(conflict_id=found[0].pk, side=service.OTHER, value=options["value"])
        elif acts == ["take"]:
            chosen = service.choose_many(choices=[service.Choice(one.pk, options["take"]) for one in found])
            refused = {str(pk): words for pk, words in chosen.refused.items()}
        elif acts == ["undo"]:
            for one in found:
                service.undo(conflict_id=one.pk)
        self._tell([one.pk for one in found], refused)

    @transaction.atomic
    def _found(self, options: Options) -> list[Conflict]:
        rows = Conflict.objects.filter(mapping__in=registry.mappings())
        if options["id"]:
            rows = rows.filter(pk__in=options["id"])
        elif options["state"] != "all":
            rows = rows.filter(state=options["state"])
        if options["mapping"]:
            rows = rows.filter(mapping=options["mapping"])
        return list(rows.order_by("-at", "pk")[:MOST])

    @transaction.atomic
    def _tell(self, ids: list[UUID], refused: dict[str, str]) -> None:
        rows = list(Conflict.objects.filter(pk__in=ids).order_by("-at", "pk"))
        for row in queries.rows(rows):
            self.say(
                f"{row.conflict.pk} {row.conflict.title}, {row.label}: agreed {row.agreed}, ours {row.ours.text}, "
                f"theirs {row.theirs.text}. {queries.outcome(row.conflict)}."
            )
        for pk, words in refused.items():
            self.say(f"{pk} not decided: {words}")
        waiting = queries.waiting().count()
        self.say(f"{len(rows)} listed, {waiting} to decide.")
        if self.as_json:
            shown = ConflictSerializer(rows, many=True).data
            self.emit({"conflicts": list(shown), "refused": refused, "to_decide": waiting})
