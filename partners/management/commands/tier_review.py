"""`manage.py tier_review`: reviews of a quarter from the command line."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from partners.reviews.cycle import service
from partners.reviews.cycle.models import ReviewCycle
from partners.reviews.cycle.queries import latest_cycle, progress, to_decide, unsettled
from partners.reviews.letters.queries import deserving, letters, pdf, template
from partners.reviews.letters.service import send_letters
from partners.reviews.service import Asked
from prm.accounts.models import Membership
from prm.core.calendar import today
from prm.core.errors import Refused
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`tier_review --tenant SLUG [--by EMAIL] [STEP] [--json]`; steps are below.

    Without a step it says where the latest review stands. The JSON object: name, state, effective_on, decided, left.
    """

    help = "Open, decide, sign and reopen the review of a quarter, or say where it stands."

    def add_options(self, parser: ArgumentParser) -> None:
        """Take one step, and who takes it."""
        parser.add_argument("--by", metavar="EMAIL", help="the member who decides or signs")
        step = parser.add_mutually_exclusive_group()
        step.add_argument("--open", action="store_true", help="open a review of all that is proposed")
        step.add_argument(
            "--accept-all", action="store_true", help="accept what is not decided in the open review"
        )
        step.add_argument("--sign", action="store_true", help="sign the open review")
        step.add_argument("--letters", metavar="FILE", help="write the latest review's letters as PDF")
        step.add_argument("--send-letters", action="store_true", help="send them by mail, in the background")
        step.add_argument(
            "--reopen", metavar="REASON", help="open the latest review again before it is in force"
        )

    def work(self, options: Options) -> None:
        """Take the step, then say where the review stands."""
        with transaction.atomic():
            try:
                self._step(options)
            except Refused as refused:
                raise CommandError(refused.message) from refused
            self._say()

    def _step(self, options: Options) -> None:
        by = self._member(options["by"])
        if options["open"]:
            service.open_cycle(by=by)
        elif options["accept_all"]:
            cycle = self._open()
            waiting = to_decide(cycle, today(self.tenant)).select_related("standing")
            asked = [Asked(one.pk, one.tier, one.standing.tier_proposal) for one in waiting]
            service.note_decisions(cycle.pk, asked, decision="accept", by=by)
        elif options["sign"]:
            service.sign_cycle(self._open().pk, by=by)
        elif options["letters"]:
            Path(options["letters"]).write_bytes(pdf(letters(deserving(self._latest()), template())))
        elif options["send_letters"]:
            send_letters(self._latest())
        elif options["reopen"] is not None:
            service.reopen_cycle(self._latest().pk, by=by, reason=options["reopen"])

    def _latest(self) -> ReviewCycle:
        last = latest_cycle()
        if last is None:
            raise CommandError("There is no review yet.")
        return last

    def _open(self) -> ReviewCycle:
        cycle = unsettled()
        if cycle is None:
            raise CommandError("No review is open. Open one: --open.")
        return cycle

    def _member(self, email: str | None) -> Membership | None:
        if not email:
            return None
        member = Membership.objects.active().filter(user__email__iexact=email).first()
        if member is None:
            raise CommandError(f"{email} is no member here.")
        return member

    def _say(self) -> None:
        last = latest_cycle()
        if last is None:
            self.emit({"name": None}) if self.as_json else self.say("There is no review yet.")
            return
        found = progress(last, today(self.tenant))
        if self.as_json:
            self.emit(
                {
                    "name": last.name,
                    "state": last.state,
                    "effective_on": last.effective_on,
                    "decided": found.decided,
                    "left": found.left,
                }
            )
            return
        words = f"{last.name}: {last.get_state_display().lower()}, {found.decided} of {found.total} decided"
        self.say(f"{words}, in force from {last.effective_on}.")
