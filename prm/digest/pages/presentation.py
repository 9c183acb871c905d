"""What the pages show of the digest."""

from collections.abc import Sequence
from dataclasses import dataclass

from prm.accounts.models import Membership
from prm.digest.choices.queries import arranged, arranged_for, choice_of, default
from prm.digest.choices.rules import Timing
from prm.digest.lines.queries import Digest
from prm.digest.pages.forms import ChoiceForm
from prm.digest.sending.models import DigestMail
from prm.digest.sending.queries import mails, readers, why_no_mail


def choice_context(member: Membership, form: ChoiceForm) -> dict[str, object]:
    """Return what the form of one's choice needs around it (4 queries)."""
    return {
        "form": form,
        "timing": arranged_for(member).timing,
        "usual": default(),
        "is_own": bool(choice_of(member).frequency),
        "is_proved": member.user.proved_at is not None,
        "why_no_mail": why_no_mail(),
    }


@dataclass(frozen=True, slots=True)
class Reader:
    """A member who may be told something: when, whether they chose that, and the last digest."""

    member: Membership
    timing: Timing
    has_chosen: bool
    last: DigestMail | None

    @property
    def words(self) -> str:
        """Return when, or why not."""
        if self.member.user.proved_at is None:
            return "Address not proved: no digest"
        return self.timing.words


def reader_rows() -> Sequence[Reader]:
    """Return who may be told something, by name (5 queries)."""
    members = readers()
    plans = arranged(members)
    last: dict[object, DigestMail] = {}
    for mail in mails().filter(member__in=members).order_by("member", "-at", "-id").distinct("member"):
        last[mail.member_id] = mail
    chosen = {member.pk for member in members if plans[member.pk].chosen}
    return [
        Reader(member, plans[member.pk].timing, member.pk in chosen, last.get(member.pk))
        for member in members
    ]


def as_facts(digest: Digest) -> dict[str, object]:
    """Return a digest as programs have it."""
    return {
        "headline": digest.headline,
        "is_empty": digest.is_empty,
        "since": digest.since,
        "sections": [
            {
                "key": section.topic.key,
                "title": section.topic.heading,
                "is_news": section.topic.is_news,
                "total": section.total,
                "path": section.path,
                "lines": [
                    {
                        "title": line.title,
                        "words": line.words,
                        "path": line.path or section.path,
                        "count": line.count,
                    }
                    for line in section.lines
                ],
            }
            for section in digest.sections
        ],
    }
