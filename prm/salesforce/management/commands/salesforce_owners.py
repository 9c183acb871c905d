"""`salesforce_owners`: who owns there what a member has here; show, read the users, choose."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from prm.core.errors import Refused
from prm.salesforce.fieldmap import service as fieldmap
from prm.salesforce.owners import looking, service
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import plural


class Command(TenantCommand):
    help = "Show which Salesforce user stands for each member, read the users again, and choose others."

    def add_options(self, parser: ArgumentParser) -> None:
        parser.add_argument("--read", action="store_true", help="read Salesforce's users first")
        parser.add_argument("--member", metavar="EMAIL", help="the member for whom somebody is chosen")
        parser.add_argument(
            "--user",
            metavar="USER",
            help="who stands for the member: a Salesforce user's e-mail address or id",
        )
        parser.add_argument(
            "--to-fallback", action="store_true", help="the fallback owner stands for the member"
        )
        parser.add_argument(
            "--by-email", action="store_true", help="who has the member's e-mail address does again"
        )
        parser.add_argument(
            "--fallback",
            metavar="USER",
            help="who owns what nobody else does; 'none' for the integration user",
        )

    def work(self, options: Options) -> None:
        if options["read"]:
            fieldmap.read_users()
        with transaction.atomic():
            if options["fallback"] is not None:
                wanted = options["fallback"]
                service.choose_fallback(user="" if wanted == "none" else _user(wanted))
            if options["member"]:
                self._choose(_member(options["member"]), options)
            self._show()

    def _choose(self, member_id: UUID, options: Options) -> None:
        given = [name for name in ("user", "to_fallback", "by_email") if options[name]]
        if len(given) != 1:
            raise CommandError("Say one of --user, --to-fallback and --by-email.")
        if options["by_email"]:
            service.by_email(member_id=member_id)
        else:
            service.choose(member_id=member_id, user=_user(options["user"]) if options["user"] else "")

    def _show(self) -> None:
        found = looking.look()
        if found.rules is None:
            self.say("Salesforce's users were not read yet.")
        else:
            self.say(f"Fallback owner: {found.fallback}. {found.warning or ''}".rstrip())
            if found.rules.message:
                self.say(found.rules.message)
        for row in found.rows:
            self.say(f"  {row.name} ({row.email}): {row.user or 'nobody'}, {row.how_words.lower()}")
        for one in found.strangers:
            self.say(f"  Nobody here: {one.name} owns {plural(one.records, 'record')}")
        if self.as_json:
            rows = [{**asdict(row), "member_id": str(row.member_id)} for row in found.rows]
            self.emit(
                {
                    "fallback": found.fallback,
                    "rows": rows,
                    "strangers": [asdict(one) for one in found.strangers],
                }
            )


def _user(words: str) -> str:
    """Return the id of the one active user with this id, address or username. Raises `Refused`."""
    same = [
        one.sf_id
        for one in looking.users()
        if words.lower() in (one.sf_id.lower(), one.email.lower(), one.login)
    ]
    if len(same) != 1:
        found = f"{len(same)} active users in Salesforce are" if same else "No active user in Salesforce is"
        raise Refused(f"{found} called “{words}”.", field="user", code="not_found")
    return same[0]


def _member(email: str) -> UUID:
    found = [row.member_id for row in looking.look().rows if row.email == email.strip().lower()]
    if not found:
        raise Refused(f"No member has the address “{email}”.", field="member", code="not_found")
    return found[0]
