"""`digest --tenant SLUG`: what each person's digest would say, sent where it is due; when they go, shown and set."""

from datetime import time
from typing import TypedDict

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from prm.accounts.models import Membership, plain_address
from prm.core.clock import now
from prm.digest.choices import service
from prm.digest.choices.queries import Arranged, arranged, default
from prm.digest.choices.states import Frequency, Weekday
from prm.digest.lines.queries import Digest
from prm.digest.pages.presentation import as_facts
from prm.digest.sending.mail import message_for
from prm.digest.sending.queries import due, present_digest, readers, why_no_mail
from prm.digest.sending.service import send_one
from prm.tenancy.commands import Options, TenantCommand

_DAYS = {day.name.lower(): day.value for day in Weekday}


class Command(TenantCommand):
    """`digest --tenant SLUG [--member EMAIL] [--send] [--default HOW] [--choose HOW] [--at HH:MM] [--weekday DAY]`.

    Without more it prints what each member's digest would say now, and sends nothing. `--send` sends those that are
    due now, as the schedule does, each once a day at most.
    """

    help = "Print what each person's digest would say; send those that are due; say when they go."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--member", metavar="EMAIL", help="of one member alone")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--send", action="store_true", help="send what is due now")
        what.add_argument("--default", choices=Frequency.values, help="how often, for whoever has not chosen")
        what.add_argument(
            "--choose",
            choices=[*Frequency.values, "usual"],
            help="how often, for --member; usual: as the organisation has it",
        )
        parser.add_argument("--at", metavar="HH:MM", help="with --default or --choose: the time of the day")
        parser.add_argument(
            "--weekday", choices=list(_DAYS), help="with --default or --choose: the day of a weekly one"
        )

    def work(self, options: Options) -> None:
        with transaction.atomic():
            members = self._members(options["member"])
        if options["default"]:
            service.set_default(frequency=options["default"], **_when(options))
            self._say_when(members)
        elif options["choose"]:
            self._choose(members, options)
        elif options["send"]:
            self._send(members)
        else:
            self._show(members)

    def _members(self, email: str | None) -> list[Membership]:
        found = readers()
        if email is None:
            return found
        members = [member for member in found if member.user.email == plain_address(email)]
        if not members:
            raise CommandError(f"No member with the address {email!r} is told anything.")
        return members

    def _choose(self, members: list[Membership], options: Options) -> None:
        if options["member"] is None:
            raise CommandError("Say whose with --member.")
        how = "" if options["choose"] == "usual" else options["choose"]
        service.set_choice(members[0], frequency=how, **_when(options))
        self._say_when(members)

    def _say_when(self, members: list[Membership]) -> None:
        with transaction.atomic():
            usual, plans = default(), arranged(members)
        if self.as_json:
            rows = [
                {"email": member.user.email, "timing": plans[member.pk].timing.words} for member in members
            ]
            self.emit({"tenant": self.tenant.slug, "default": usual.frequency, "members": rows})
            return
        self.say(f"Whoever has not chosen: {usual.get_frequency_display().lower()}.")
        for member in members:
            self.say(f"{member.user.email}: {plans[member.pk].timing.words}.")

    def _send(self, members: list[Membership]) -> None:
        if reason := why_no_mail():
            raise CommandError(reason)
        wanted = {member.pk for member in members}
        with transaction.atomic():
            waiting = [one for one in due(now()) if one.member.pk in wanted]
        sent = [(one, send_one(one)) for one in waiting]
        done = [(one.member.user.email, mail) for one, mail in sent if mail is not None]
        if self.as_json:
            rows = [{"email": email, "state": mail.state, "subject": mail.subject} for email, mail in done]
            self.emit({"tenant": self.tenant.slug, "mails": rows})
        else:
            for email, mail in done:
                self.say(f"{email}: {mail.get_state_display().lower()}. {mail.subject}".strip())
            self.say(f"{len(done)} due.")
        if any(mail.message for _, mail in done):
            raise CommandError("Some were not sent.")

    def _show(self, members: list[Membership]) -> None:
        with transaction.atomic():
            plans = arranged(members)
            found = [(member, present_digest(member, plans[member.pk])) for member in members]
            texts = [_text(digest, plans[member.pk]) for member, digest in found]
        if self.as_json:
            rows = [
                {"email": member.user.email, "timing": plans[member.pk].timing.words, **as_facts(digest)}
                for member, digest in found
            ]
            self.emit({"tenant": self.tenant.slug, "digests": rows})
            return
        for (member, digest), text in zip(found, texts, strict=True):
            self.say(f"{member.user.email} ({plans[member.pk].timing.words})")
            self.say("Nothing needs them: no mail.\n" if digest.is_empty else f"{text}\n")


def _text(digest: Digest, plan: Arranged) -> str:
    if digest.is_empty:
        return ""
    message = message_for(digest, plan)
    return f"Subject: {message.subject}\n\n{message.body}"


class _When(TypedDict):
    at: time | None
    weekday: int | None


def _when(options: Options) -> _When:
    try:
        at = time.fromisoformat(options["at"]) if options["at"] else None
    except ValueError as error:
        raise CommandError(f"{options['at']!r} is no time: write 07:30.") from error
    return {"at": at, "weekday": _DAYS[options["weekday"]] if options["weekday"] else None}
