"""Who is due, and what was sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, QuerySet

from prm.accounts.models import Membership
from prm.accounts.rights import rights_of
from prm.core.clock import now
from prm.digest.choices.queries import Arranged, arranged
from prm.digest.choices.rules import is_due, last_due, look_from
from prm.digest.lines.queries import Digest, digest_for
from prm.digest.lines.registry import topics_for
from prm.digest.sending.models import DigestMail
from prm.digest.sending.states import MailState

SAME_AGAIN: Final = timedelta(days=7)
"""A daily digest that says the same as one that went goes again after so long."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A member to whom a digest is to go now: for which day of theirs, what is arranged, and the time it tells of."""

    member: Membership
    day: date
    arranged: Arranged
    since: datetime


def why_no_mail() -> str:
    """Return why no digest can leave this server; "" when it can."""
    if not settings.MAIL_IS_SET_UP:
        return "This server sends no e-mail (EMAIL_URL is not set)."
    if not settings.COMMAND_URL:
        return "This server does not know its own address (SITE_URL is not set), so no link of a mail would open."
    return ""


def readers() -> list[Membership]:
    """Return the members that a digest has something for (1 query): those whose rights open a topic."""
    members = Membership.objects.active().with_people().select_related("user", "tenant")
    return [member for member in members if topics_for(rights_of(member))]


def due(moment: datetime) -> list[Waiting]:
    """Return to whom a digest is to go at this moment (5 queries)."""
    members = [member for member in readers() if member.user.proved_at is not None]
    plans = arranged(members)
    coming = [
        member
        for member in members
        if is_due(plans[member.pk].timing, moment, chosen_at=plans[member.pk].since)
    ]
    if not coming:
        return []
    last = last_sent(coming)
    found = [_waiting(member, plans[member.pk], moment, last) for member in coming]
    had = set(
        DigestMail.objects.filter(member__in=coming, day__in={one.day for one in found}).values_list(
            "member", "day"
        )
    )
    return [one for one in found if (one.member.pk, one.day) not in had]


def _waiting(member: Membership, plan: Arranged, moment: datetime, last: Mapping[UUID, datetime]) -> Waiting:
    at = last_due(plan.timing, moment)
    assert at is not None
    since = look_from(plan.timing, at, last_sent=last.get(member.pk))
    return Waiting(member, at.astimezone(ZoneInfo(plan.timing.timezone)).date(), plan, since)


def last_sent(members: Collection[Membership]) -> dict[UUID, datetime]:
    """Return when the last digest went to each of these members (1 query)."""
    sent = DigestMail.objects.filter(member__in=members, state=MailState.SENT).order_by()
    return dict(sent.values_list("member").annotate(Max("at")))


def was_said(member: Membership, digest: Digest) -> bool:
    """Return whether the last mail to a member said the same, not long ago (1 query)."""
    sent = DigestMail.objects.filter(member=member, state=MailState.SENT).order_by("-at", "-id").first()
    return sent is not None and sent.print == digest.print and digest.until - sent.at < SAME_AGAIN


def present_digest(member: Membership, plan: Arranged) -> Digest:
    """Return what a digest would tell a member at this moment."""
    moment = now()
    at = last_due(plan.timing, moment) or moment
    since = look_from(plan.timing, at, last_sent=last_sent([member]).get(member.pk))
    return digest_for(member, since=min(since, moment), until=moment, muted=plan.muted)


def mails() -> QuerySet[DigestMail]:
    """Return what became of digests, the latest first."""
    return DigestMail.objects.select_related("member__user")


def failed_since(moment: datetime) -> int:
    """Count the digests that were not sent since (1 query)."""
    return DigestMail.objects.filter(state=MailState.FAILED, at__gte=moment).count()
