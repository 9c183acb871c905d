"""Merges two partners that are one, says what that would move, lists merges, or takes one back."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from partners.merges import queries, rules, service
from partners.merges.models import PartnerMerge
from partners.merges.words import merge_words, moved_words
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`merge_partners --tenant SLUG --into WHO --merge WHO [--preview]`, `--undo ID` or `--list`."""

    help = "Merges two partners that are one (each by id, code or name), or takes a merge back."

    def add_options(self, parser: ArgumentParser) -> None:
        """Both partners, or a merge, or the list."""
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--into", metavar="WHO", help="who stays: an id, a code, or the exact name")
        what.add_argument("--undo", metavar="ID", type=UUID, help="take the merge with this id back")
        what.add_argument("--list", action="store_true", help="list merges, latest first")
        parser.add_argument("--merge", metavar="WHO", help="who is merged into it")
        parser.add_argument(
            "--take",
            nargs="+",
            choices=rules.DETAILS,
            help="details taken from it (else those that are missing)",
        )
        parser.add_argument("--reason", default="", help="why, for the log")
        parser.add_argument("--preview", action="store_true", help="say what would move; change nothing")

    def work(self, options: Options) -> None:
        """Do one of the three."""
        if options["list"]:
            self._list()
        elif options["undo"]:
            self._undo(options["undo"])
        elif not options["merge"]:
            raise CommandError("Say who is merged into it: --merge WHO.")
        else:
            self._merge(options)

    def _merge(self, options: Options) -> None:
        with transaction.atomic():
            survivor, merged = queries.meant(options["into"]), queries.meant(options["merge"])
            shown = queries.preview(survivor.pk, merged.pk)
            if options["preview"]:
                self._say_preview(shown)
                return
            merge = service.merge_partners(
                survivor.pk, merged_id=merged.pk, take=options["take"], reason=options["reason"]
            )
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "merge": merge.pk, "moved": merge.counts})
        else:
            self.say(f"{merge_words(merge)}: {moved_words(merge)} moved. Take it back with --undo {merge.pk}")

    def _say_preview(self, shown: queries.Preview) -> None:
        if self.as_json:
            moves = {row.words: row.gets for row in shown.rows if row.gets}
            self.emit({"tenant": self.tenant.slug, "moves": moves, "revenue_12m": shown.together})
            return
        self.say(f"{shown.merged.name} into {shown.survivor.name} would move:")
        for row in shown.rows:
            if row.gets:
                self.say(f"{row.gets:,}\t{row.words}")
        self.say(f"12-month revenue from {shown.revenue} to {shown.together}")

    def _undo(self, merge_id: UUID) -> None:
        undone = service.undo_merge(merge_id)
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, "merge": undone.merge.pk, "left": undone.left})
            return
        self.say("Taken back." + "".join(f" Did not go back: {words}." for words in undone.left))

    def _list(self) -> None:
        with transaction.atomic():
            merges = list(PartnerMerge.objects.with_names())
        if self.as_json:
            rows = [
                {
                    "merge": merge.pk,
                    "survivor": merge.survivor.name,
                    "merged": merge.merged.name,
                    "at": merge.at,
                    "undone_at": merge.undone_at,
                }
                for merge in merges
            ]
            self.emit({"tenant": self.tenant.slug, "merges": rows})
            return
        for merge in merges:
            self.say(
                f"{merge.pk}\t{merge.at:%Y-%m-%d}\t{merge_words(merge)}{'  taken back' * bool(merge.undone_at)}"
            )
        if not merges:
            self.say("Nobody was merged yet.")
