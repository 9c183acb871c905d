"""`salesforce_adopt`: which records in Salesforce are ours already; read them, list them, decide about them."""

from __future__ import annotations

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from prm.core.errors import Refused
from prm.salesforce.adoption import newcomers, service
from prm.salesforce.adoption.service import Answer
from prm.salesforce.mapping import registry
from prm.salesforce.matches.models import Match
from prm.salesforce.setup import service as setup_service
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import plural

SHOWN = 50
_OTHERS = {"read": "read", "linked": "in step already"}


def _label(what: str) -> str:
    return _OTHERS.get(what) or str(Match.State(what).label).lower()


class Command(TenantCommand):
    help = (
        "Read which accounts, contacts and open opportunities in Salesforce are ours already, list them, and decide. "
        "Nothing is written there."
    )

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", choices=[*Match.State.values], help="only list what is in this state")
        parser.add_argument(
            "--object",
            default="",
            choices=[key for key, one in registry.declared().items() if one.adopt is not None],
            help="with --list: only this kind of record",
        )
        for answer, words in (
            ("link", "is ours"),
            ("apart", "is none of ours"),
            ("later", "is decided later"),
        ):
            parser.add_argument(f"--{answer}", nargs="+", metavar="ID", help=f"the Salesforce record {words}")
        parser.add_argument(
            "--take-back",
            nargs="+",
            metavar="ID",
            help="take the link with the Salesforce record back: our id and what we wrote leave it with the next sync",
        )
        parser.add_argument(
            "--new", action="store_true", help="look only for what was made there since the last look"
        )
        parser.add_argument("--to", type=UUID, metavar="ID", help="with --link: which record here it is")

    def work(self, options: Options) -> None:
        decided = [(answer, options[answer.value]) for answer in Answer if options[answer.value]]
        if options["new"]:
            self._look()
        elif options["take_back"]:
            self._take_back(options["take_back"])
        elif decided:
            self._decide(decided, options["to"])
        elif options["list"]:
            self._list(options["list"], options["object"])
        else:
            found = setup_service.read_there()
            self.say(
                f"Read {found.read:,} records in {found.calls} calls and {found.seconds} s; nothing was written."
            )
            for nouns, counts in found.objects.items():
                words = ", ".join(f"{_label(what)} {count:,}" for what, count in counts.items() if count)
                self.say(f"{nouns.capitalize()}: {words or 'none'}")
            if self.as_json:
                self.emit(found.as_json())

    def _look(self) -> None:
        found = setup_service.refusing(newcomers.look)
        self.say(
            f"{found.linked} linked, {found.made} made here, {found.waiting} wait; nothing was written there."
        )
        if self.as_json:
            self.emit(found.as_json())

    @transaction.atomic
    def _take_back(self, names: list[str]) -> None:
        ids = list(Match.objects.filter(sf_id__in=names).values_list("pk", flat=True))
        for look in service.look_back(ids):
            self.say(f"{look.match.name} = {look.match.record_name}")
            for each in look.fields:
                self.say(f"  {each.label}: “{each.written}” becomes “{each.before}” there")
            if look.children:
                lie = plural(look.children, "record lies", "records lie")
                self.say(f"  {lie} with it there, to follow the next decision")
        done = service.take_back(ids=ids)
        links = plural(done.count, "link is", "links are")
        self.say(f"{links} taken back with the next sync; what was linked is to decide again then.")
        for words in done.refused:
            self.say(words)
        if self.as_json:
            self.emit({"taken_back": done.count, "batch": str(done.batch), "refused": done.refused})

    @transaction.atomic
    def _decide(self, decided: list[tuple[Answer, list[str]]], record_id: UUID | None) -> None:
        count, refused = 0, []
        for answer, names in decided:
            rows = dict(Match.objects.filter(sf_id__in=names).values_list("sf_id", "pk"))
            if unknown := sorted(set(names) - rows.keys()):
                raise CommandError(f"Not read: {', '.join(unknown)}. Run salesforce_adopt first.")
            try:
                done = service.decide(ids=list(rows.values()), answer=answer, record_id=record_id)
            except Refused as error:
                raise CommandError(error.message) from error
            count += done.count
            refused += done.refused
        self.say(f"{count} decided.")
        for words in refused:
            self.say(words)
        if self.as_json:
            self.emit({"decided": count, "refused": refused})

    @transaction.atomic
    def _list(self, state: str, mapping: str) -> None:
        rows = Match.objects.filter(state=state).order_by("doubt", "name", "id")
        rows = rows.filter(mapping=mapping) if mapping else rows
        for row in rows[:SHOWN]:
            self.say(f"{row.sf_id}  {row.name} = {row.record_name or '–'}  {row.doubt} {row.reason}".rstrip())
        if (count := rows.count()) > SHOWN:
            self.say(f"and {count - SHOWN:,} more")
        if self.as_json:
            self.emit(
                {
                    "matches": [
                        {"sf_id": row.sf_id, "mapping": row.mapping, "name": row.name, "record_id": str(row.record_id or ""),
                         "record_name": row.record_name, "doubt": row.doubt, "reason": row.reason}
                        for row in rows
                    ]
                }
            )  # fmt: skip
