"""`salesforce_problems`: held records and what they wait for, tried again, created again."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from prm.salesforce.engine.models import SyncProblem
from prm.salesforce.inbox import queries, service
from prm.salesforce.inbox.serializers import SyncProblemSerializer, WaitsForSerializer
from prm.salesforce.mapping import registry
from prm.tenancy.commands import Options, TenantCommand

MOST = 10_000


class Command(TenantCommand):
    help = "List the records that are held, with what to do about it; try them again, or create them again."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mapping", default="", metavar="KEY", help="only this kind of record")
        parser.add_argument("--code", metavar="CODE", help="only this reason")
        parser.add_argument("--record", type=UUID, metavar="UUID", help="only this record")
        parser.add_argument(
            "--try-again", action="store_true", help="send what is listed again with the next sync"
        )
        parser.add_argument(
            "--create-again", action="store_true", help="create again what of it was deleted in Salesforce"
        )

    def work(self, options: Options) -> None:
        mapping, code, record = options["mapping"], options["code"], options["record"]
        if mapping and mapping not in registry.mappings():
            raise CommandError(
                f"No mapping is called {mapping!r}. There are: {', '.join(registry.mappings())}."
            )
        tried = created = 0
        if options["try_again"]:
            tried = service.try_again(mapping=mapping, code=code, record_id=record)
        if options["create_again"]:
            created = self._create_again(mapping, record)
        self._tell(mapping, code, record, {"tried_again": tried, "created_again": created})

    def _create_again(self, mapping: str, record: UUID | None) -> int:
        count = 0
        for key in [mapping] if mapping else registry.mappings():
            with transaction.atomic():
                ids = [one for one in queries.deleted_there(key) if record in (None, one)]
            count += service.create_again(mapping=key, record_ids=ids) if ids else 0
        return count

    @transaction.atomic
    def _tell(self, mapping: str, code: str | None, record: UUID | None, done: dict[str, int]) -> None:
        rows = SyncProblem.objects.filter(mapping__in=[mapping] if mapping else registry.mappings())
        waits = queries.waiting_for_parents()
        if mapping:
            waits = waits.filter(mapping=mapping)
        if code is not None:
            rows, waits = rows.filter(code=code), waits.none()
        if record is not None:
            rows, waits = rows.filter(record_id=record), waits.filter(record_id=record)
        held, waiting = list(rows.order_by("-last_at", "pk")[:MOST]), list(waits[:MOST])
        keys = [(one.mapping, one.record_id) for one in waiting]
        titles = queries.titles_here(
            [*keys, *((one.waits_mapping, one.waits_id) for one in waiting if one.waits_id)]
        )
        for one in held:
            self.say(
                f"{one.mapping} {one.title or one.record_id}: {one.code} {one.message}".replace(":  ", ": ")
            )
        for wait in waiting:
            name = titles.get((wait.mapping, wait.record_id)) or wait.record_id
            other = titles.get((wait.waits_mapping, wait.waits_id)) if wait.waits_id else ""
            self.say(f"{wait.mapping} {name}: waits for {other or wait.waits_id}")
        self.say(f"{len(held)} held, {len(waiting)} wait for another record.")
        if self.as_json:
            problems = SyncProblemSerializer(held, many=True).data
            waiting_rows = WaitsForSerializer(waiting, many=True).data
            self.emit({"problems": list(problems), "waiting": list(waiting_rows), **done})
