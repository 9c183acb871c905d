"""`manage.py audit_trail`: who changed what, to a file or the terminal, and how long it is kept."""

from argparse import ArgumentParser
from typing import Final

from django.core.management.base import CommandError
from django.db import transaction

from prm.accounts.models import Membership
from prm.audit.keeping import service
from prm.audit.pages.forms import TrailForm
from prm.audit.trail import queries
from prm.audit.trail.sql import Asked
from prm.audit.trail.states import Act, Door
from prm.audit.trail.words import Entry, entries
from prm.tenancy.commands import Options, TenantCommand
from prm.ui.formatting import moment, number

_FILTERS: Final = ("since", "until", "door", "kind", "act", "row")
_GOOD: Final = "good"


class Command(TenantCommand):
    """`audit_trail --tenant SLUG [--since DAY] [--until DAY] [--person EMAIL] [--door DOOR] … [--json]`.

    Prints the newest lines first, `--most` of them (200). Printing more than a page, like any export, is recorded.
    `--keep YEARS` (or `good`) says for how long the trail is kept, and prints that alone.
    """

    help = "Print who changed what, before and after; say for how long that is kept."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take the filters of the page."""
        parser.add_argument("--since", metavar="DAY", help="the first day, YYYY-MM-DD")
        parser.add_argument("--until", metavar="DAY", help="the last day")
        parser.add_argument("--person", metavar="EMAIL", help="changes of one member")
        parser.add_argument("--door", choices=Door.values)
        parser.add_argument("--kind", metavar="KIND", help="one kind of row, as partners.partner")
        parser.add_argument("--act", choices=Act.values)
        parser.add_argument(
            "--row", metavar="ID", help="one row, or what rows are about: a partner's history"
        )
        parser.add_argument("--most", type=int, default=200, metavar="N", help="at most so many lines")
        parser.add_argument("--keep", metavar="YEARS", help="keep the trail for so many years, or for good")

    def work(self, options: Options) -> None:
        """Change what is kept, or print."""
        if options["keep"] is not None:
            self._keep(options["keep"])
            return
        if options["most"] < 1:
            raise CommandError("Ask for one line or more.")
        with transaction.atomic():
            asked, words = self._asked(options)
            found = entries(self._some(asked, options["most"]))
            if found:
                service.record_export(lines=len(found), file_format="json", asked=words)
        if self.as_json:
            self.emit({"lines": [_facts(entry) for entry in found]})
            return
        for entry in found:
            who = f"{entry.who} ({entry.who_note})" if entry.who_note else entry.who
            self.say(f"{moment(entry.at)}  {who}, {entry.door.label}  {entry.what}  {entry.sentence}")
        self.say(f"{number(len(found))} lines.")

    def _keep(self, said: str) -> None:
        if said != _GOOD and not said.isdigit():
            raise CommandError("Say a number of years, or good.")
        service.set_retention(years=None if said == _GOOD else int(said))
        if self.as_json:
            self.emit({"years": None if said == _GOOD else int(said)})
            return
        self.say("Kept for good." if said == _GOOD else f"Kept {said} years.")

    def _asked(self, options: Options) -> tuple[Asked, str]:
        data = {name: options[name] for name in _FILTERS if options[name]}
        if email := options["person"]:
            member = Membership.objects.filter(user__email=email.strip().lower()).first()
            if member is None:
                raise CommandError(f"No member has the address {email!r}.")
            data["person"] = str(member.pk)
        form = TrailForm(data)
        if not form.is_valid():
            name, messages = next(iter(form.errors.items()))
            raise CommandError(f"--{name}: {messages[0]}")
        said = ", ".join(f"{label} {words}".strip() for _, label, words in form.words())
        return form.asked(), said or "all"

    def _some(self, asked: Asked, most: int) -> list[queries.Line]:
        found: list[queries.Line] = []
        for lines in queries.every_line(asked):
            found += lines
            if len(found) >= most:
                break
        return found[:most]


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.key,
        "at": entry.at,
        "who": entry.who,
        "door": entry.door.value,
        "kind": entry.kind,
        "object_id": entry.object_id,
        "what": entry.what,
        "detail": entry.detail,
        "act": entry.act.value,
        "changes": [
            {"field": one.name, "label": one.label, "before": one.before, "after": one.after}
            for one in entry.changes
        ],
    }
