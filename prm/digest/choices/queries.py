"""What is arranged for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prm.accounts.models import Membership
from prm.digest.choices.models import DigestChoice, DigestDefault
from prm.digest.choices.rules import Timing
from prm.digest.choices.states import Frequency
from prm.tenancy.context import current_tenant


@dataclass(frozen=True, slots=True)
class Arranged:
    """When a member is told, of what not, since when that holds, and whether the member chose how often."""

    timing: Timing
    muted: frozenset[str]
    since: datetime
    chosen: bool


def default() -> DigestDefault:
    """Return what holds for whoever has not chosen (1 query); as delivered, not saved, where nobody has set it."""
    return DigestDefault.objects.first() or DigestDefault(changed_at=current_tenant().created_at)


def choice_of(member: Membership) -> DigestChoice:
    """Return what a member chose (1 query); an empty choice, not saved, of somebody who has not."""
    return DigestChoice.objects.filter(member=member).first() or DigestChoice(
        member=member, changed_at=member.created_at
    )


def arranged(members: Collection[Membership]) -> dict[UUID, Arranged]:
    """Return what is arranged for each of these members (2 queries)."""
    usual = default()
    chosen = {one.member_id: one for one in DigestChoice.objects.filter(member__in=members)}
    return {member.pk: _arranged(member, usual, chosen.get(member.pk)) for member in members}


def arranged_for(member: Membership) -> Arranged:
    """Return what is arranged for one member."""
    return arranged([member])[member.pk]


def _arranged(member: Membership, usual: DigestDefault, chosen: DigestChoice | None) -> Arranged:
    own = chosen or DigestChoice(changed_at=member.created_at)
    # Who has a frequency of their own does not feel a change of the organisation's; the day and time may still be its.
    since = max(own.changed_at, usual.changed_at, member.created_at)
    return Arranged(
        Timing(
            Frequency(own.frequency or usual.frequency),
            usual.weekday if own.weekday is None else own.weekday,
            own.at or usual.at,
            own.timezone or current_tenant().timezone,
        ),
        frozenset(own.muted),
        since,
        bool(own.frequency),
    )
