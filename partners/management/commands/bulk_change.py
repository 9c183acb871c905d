"""Changes many partners at once, lists what was done, or takes one back."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction
from django.http import QueryDict

from partners.bulk import service
from partners.bulk.models import BulkChange
from partners.bulk.registry import keys
from partners.directory.models import Partner
from partners.profiles.filters import PartnerFilter
from prm.accounts.models import Membership
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import moment, number


class Command(TenantCommand):
    """`bulk_change --tenant SLUG --where QUERY --do ACT [NAME=VALUE…] [--preview]`, `--undo ID` or `--list`."""

    help = "Changes rep, kind, call plan or active of all partners that a filter finds, and takes it back."

    def add_options(self, parser: ArgumentParser) -> None:
        """Say whom and what, or what to take back."""
        parser.add_argument(
            "--where", metavar="QUERY", help="a filter as the list's address has it: tier=low&kind=agent"
        )
        parser.add_argument("--do", choices=keys(), metavar="ACT", help=f"one of {', '.join(keys())}")
        parser.add_argument(
            "values", nargs="*", metavar="NAME=VALUE", help="rep=EMAIL, kind=KEY, active=yes, visits=2"
        )
        parser.add_argument("--preview", action="store_true", help="say how many; change nothing")
        parser.add_argument("--undo", type=UUID, metavar="ID", help="take a change back")
        parser.add_argument("--list", action="store_true", help="list what was done, latest first")

    def work(self, options: Options) -> None:
        """Do one of the three."""
        if options["list"]:
            self._list()
        elif options["undo"]:
            done = service.undo_change(options["undo"])
            self._report(done, f"Taken back for {number(done.put_back)}.")
        elif options["where"] is None or not options["do"]:
            raise CommandError("Say whom and what: --where QUERY --do ACT.")
        else:
            self._change(options)

    def _change(self, options: Options) -> None:
        with transaction.atomic():
            ids = _found(options["where"])
            if options["preview"]:
                self.emit({"partners": len(ids)}) if self.as_json else self.say(
                    f"{number(len(ids))} partners."
                )
                return
            done = service.change_many(ids, action=options["do"], values=_values(options["values"]))
        self._report(done, f"{done.words}. Take it back with --undo {done.pk}")

    def _report(self, done: BulkChange, words: str) -> None:
        if self.as_json:
            self.emit({"change": done.pk, "count": done.count, "put_back": done.put_back})
        else:
            self.say(words)

    def _list(self) -> None:
        with transaction.atomic():
            found = list(BulkChange.objects.select_related("by__user")[:200])
        if self.as_json:
            self.emit({"changes": [{"id": one.pk, "words": one.words, "at": one.at} for one in found]})
            return
        for one in found:
            self.say(f"{one.pk}  {moment(one.at)}  {one.words}{', taken back' if one.undone_at else ''}")


def _found(query: str) -> list[UUID]:
    data = QueryDict(query.lstrip("?"))
    if unknown := sorted(set(data) - set(PartnerFilter.base_filters)):
        raise CommandError(f"The list has no filter {unknown[0]!r}.")
    partners = Partner.objects.with_standing()
    filterset = PartnerFilter(data=data, queryset=partners if data.get("is_active") else partners.active())
    if not filterset.is_valid():
        name, messages = next(iter(filterset.errors.items()))
        raise CommandError(f"{name}: {messages[0]}")
    return list(filterset.qs.values_list("pk", flat=True)[: service.MOST + 1])


def _values(pairs: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise CommandError(f"{pair!r} says no value: write name=value.")
        values[name] = value
    if email := values.get("rep"):
        member = Membership.objects.filter(user__email=str(email).lower()).first()
        if member is None:
            raise CommandError(f"No member has the address {email!r}.")
        values["rep"] = str(member.pk)
    return values
