"""`manage.py policy`: the rules of level, tier and score, shown, proposed, loaded, confirmed, tried."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from partners.directory.models import Partner
from partners.merges.queries import meant
from partners.policy.models import StandingPolicy
from partners.policy.queries import draft, policy_in_force
from partners.policy.service import confirm_draft, discard_draft
from partners.standing.service import recompute_standings
from partners.whatif import service
from partners.whatif.explaining import explain_on
from partners.whatif.files import PolicyFile, read_policy
from partners.whatif.queries import outcome, replay
from partners.whatif.trying import tried
from partners.whatif.words import outcome_facts, outcome_words, policy_facts, policy_words
from prm.core.calendar import today
from prm.core.errors import Refused
from prm.tenancy.commands import Options, TenantCommand


class Command(TenantCommand):
    """`policy --tenant SLUG [--show | --propose | --load FILE | --confirm | --discard | --what-if FILE | --replay | --explain WHO]`.

    Nobody has a tier before a policy is confirmed: `--propose --confirm` puts the proposed bands in force,
    `--load FILE` those of a file; both work out standings anew. `--draft` keeps what is loaded as a draft only.
    """

    help = "Show, propose, load or confirm the rules of tiers and scores, or try others."

    def add_options(self, parser: ArgumentParser) -> None:
        """Say what is done; without anything the policy is shown."""
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--show", action="store_true", help="the policy in force, the draft and all versions"
        )
        what.add_argument(
            "--propose", action="store_true", help="draft bands from the tenant's own distribution"
        )
        what.add_argument(
            "--load", metavar="FILE", type=Path, help="put the figures of a TOML or JSON file in force"
        )
        what.add_argument("--discard", action="store_true", help="throw the draft away")
        what.add_argument("--what-if", metavar="FILE", type=Path, help="who would move by a file's figures")
        what.add_argument(
            "--replay", action="store_true", help="past quarters by the draft, or else by the policy"
        )
        what.add_argument(
            "--explain", metavar="WHO", help="why somebody's tier is what it is (id, code or name)"
        )
        parser.add_argument(
            "--confirm", action="store_true", help="put the draft in force, or what is proposed"
        )
        parser.add_argument("--draft", action="store_true", help="with --load: keep it as the draft only")
        parser.add_argument(
            "--from", dest="since", metavar="DAY", help="in force from that day on (default: today)"
        )
        parser.add_argument(
            "--on", metavar="DAY", help="with --explain: how it was on that day (default: today)"
        )
        parser.add_argument("--reason", default="", help="why, kept with the version")

    def work(self, options: Options) -> None:
        """Do one of them."""
        if options["draft"] and not options["load"]:
            raise CommandError("--draft goes with --load FILE.")
        if options["confirm"] and (
            options["load"] or options["what_if"] or options["replay"] or options["explain"]
        ):
            raise CommandError(
                "--confirm goes alone or with --propose. --load puts its file in force by itself."
            )
        if options["load"]:
            self._load(options)
        elif options["what_if"]:
            self._try(options["what_if"])
        elif options["replay"]:
            self._replay()
        elif options["explain"]:
            self._explain(options)
        elif options["propose"] or options["confirm"]:
            self._propose(options)
        else:
            if options["discard"]:
                discard_draft()
            self._show()

    # --- writing

    def _propose(self, options: Options) -> None:
        with transaction.atomic():
            if options["propose"]:
                service.propose()
            if options["confirm"]:
                confirm_draft(reason=options["reason"], valid_from=_day(options["since"], "--from"))
        if options["confirm"]:
            recompute_standings()
        self._show()

    def _load(self, options: Options) -> None:
        read = self._read(options["load"])
        reason, since = options["reason"] or read.reason, _day(options["since"], "--from") or read.valid_from
        if options["draft"]:
            service.draft(reason=reason, **read.figures)
        else:
            service.put_in_force(reason=reason, valid_from=since, **read.figures)
            recompute_standings()
        self._show()

    def _read(self, path: Path) -> PolicyFile:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        try:
            return read_policy(text)
        except Refused as refused:
            raise CommandError(f"{path}, {refused.field}: {refused.message}") from refused

    # --- showing

    def _show(self) -> None:
        with transaction.atomic():
            versions = list(StandingPolicy.objects.select_related("signed_by__user"))
            present, drafted = policy_in_force(), draft()
        if self.as_json:
            self.emit(
                {
                    "tenant": self.tenant.slug,
                    "policy": policy_facts(present),
                    "draft": policy_facts(drafted) if drafted else None,
                    "versions": [policy_facts(version) for version in versions],
                }
            )
            return
        for version in versions:
            self.say(policy_words(version, self.tenant))
        if not present.is_confirmed:
            self.say("Nobody has a tier until bands are confirmed: --propose, then --confirm.")

    def _try(self, path: Path) -> None:
        figures = self._read(path).figures
        with transaction.atomic():
            present = policy_in_force()
            found = outcome(tried(figures), present)
            facts = outcome_facts(found)
        if self.as_json:
            self.emit({"tenant": self.tenant.slug, **facts})
        else:
            self.say("\n".join(outcome_words(found, self.tenant)))

    def _replay(self) -> None:
        with transaction.atomic():
            rows = replay(draft() or policy_in_force())
        if self.as_json:
            quarters = [
                {
                    "quarter": row.label, "day": row.day, "would_raise": row.raised, "would_lower": row.lowered,
                    "first": row.first, "raised": row.decided_raised, "lowered": row.decided_lowered,
                    "held": row.decided_held,
                }
                for row in rows
            ]  # fmt: skip
            self.emit({"tenant": self.tenant.slug, "quarters": quarters})
            return
        for row in rows:
            self.say(
                f"{row.label}: would raise {row.raised}, lower {row.lowered}, first tiers {row.first}; decided then: "
                f"raised {row.decided_raised}, lowered {row.decided_lowered}, held {row.decided_held}"
            )

    def _explain(self, options: Options) -> None:
        on = _day(options["on"], "--on") or today(self.tenant)
        with transaction.atomic():
            partner: Partner = meant(options["explain"])
            found = explain_on(partner, on)
        if self.as_json:
            self.emit(
                {
                    "tenant": self.tenant.slug, "partner": partner.pk, "name": partner.name, "on": on,
                    "tier": found.tier or None, "sentence": found.sentence,
                    "version": found.review.policy_version if found.review else None,
                    "signed_by": str(found.review.signed_by.user) if found.review and found.review.signed_by else None,
                    "evidence": found.review.evidence if found.review else None,
                    "score": found.score, "score_month": found.score_on,
                }
            )  # fmt: skip
        else:
            self.say(f"{partner.name}: {found.sentence}")


def _day(text: str | None, option: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{option} {text!r} is not a day. Write it as 2026-11-23.") from error
