"""`salesforce_mapping`: what goes where, and who wins; show, read the organisation, draft, try, put in force, go back."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from prm.salesforce.fieldmap import looking, service
from prm.salesforce.mapping.words import DIRECTIONS
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    help = "Show the field mapping, draft another one from a file, see what it would change, and put it in force."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--read", action="store_true", help="read first what fields the organisation has")
        parser.add_argument("--load", metavar="FILE", type=Path, help="take a JSON file as the draft")
        parser.add_argument("--back", metavar="N", type=int, help="draft version N again; 1 is as delivered")
        parser.add_argument("--discard", action="store_true", help="throw the draft away")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what the draft would change; only reads"
        )
        parser.add_argument("--put-in-force", action="store_true", help="put the draft in force")
        parser.add_argument(
            "--export", metavar="FILE", type=Path, help="write the draft, or what is in force, to a file"
        )

    def work(self, options: Options) -> None:
        if options["discard"]:
            service.discard()
        if options["load"]:
            service.load(_document(options["load"]))
        if options["back"] is not None:
            service.back_to(options["back"])
        if options["read"]:
            self.say(f"Read {service.read_objects()} objects.")
        if options["dry_run"]:
            outcome = service.try_draft()
            self.say(f"Put in force, this mapping would {outcome.sentence} Nothing was written.")
            if self.as_json:
                self.emit(outcome.as_json())
            return
        if options["put_in_force"]:
            self.say(f"{service.put_in_force()} is in force; the records that it concerns are compared anew.")
        with transaction.atomic():
            self._show(options["export"])

    def _show(self, export: Path | None) -> None:
        choices, draft, in_force = service.drafted(), looking.draft(), looking.version_in_force()
        problems = looking.problems(choices)
        if export is not None:
            export.write_text(
                json.dumps(choices.as_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
            )
        self.say(f"In force: {in_force or 'Version 1, as delivered'}.")
        if draft is not None:
            self.say(f"Draft: {draft}. {draft.summary}")
        for each in looking.look(choices):
            self.say(f"{each.mapping.plural.capitalize()} ({each.mapping.sobject}), in step: {each.scope}")
            for kind, words in each.kinds:
                self.say(f"  {kind}: {words}")
            if each.lines:
                self.say(f"  lines as products: {each.lines}")
            for row in each.rows:
                words = f"  {row.here or 'nothing here'}: {DIRECTIONS[row.direction]}"
                self.say(
                    words
                    if row.direction == "off"
                    else f"{words}, {row.there}, {row.winner or '–'}, {row.way}"
                )
        for words in problems:
            self.say(f"Problem: {words}")
        if self.as_json:
            self.emit(
                {
                    "in_force": in_force.number if in_force is not None else service.AS_DELIVERED,
                    "draft": draft and draft.number,
                    "problems": problems,
                    "document": choices.as_json(),
                }
            )


def _document(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{path} is no JSON: {error}.") from error
