"""What alarms tell in the digest: who slips or lapses, who rises or comes back."""

from collections.abc import Sequence
from typing import Final

from partners.alarms.queries import PartnerEvent, events_since
from partners.directory.models import Partner
from prm.accounts.rights import Right
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.tenancy.context import first_up, partner_nouns

_SLIPS: Final = ("lapsed", "fall")
_RISES: Final = ("repeat", "rise")


def _events(asking: Asking, kinds: Sequence[str]) -> list[Line]:
    """Return what happened to partners: to whoever decides about tiers all, to others those of their own panel."""
    ids = None
    if not asking.may(Right.TIER_DECIDE):
        ids = list(Partner.objects.active().filter(rep=asking.member).values_list("pk", flat=True))
    found = events_since(asking.since, until=asking.until, partner_ids=ids)
    return [_event(event) for event in found if event.kind in kinds]


def _event(event: PartnerEvent) -> Line:
    return Line(
        event.partner.name,
        event.words,
        event.partner.get_absolute_url(),
        mark=f"{event.partner.pk}{event.kind}",
    )


def _slips(asking: Asking) -> Sequence[Line]:
    return _events(asking, _SLIPS)


def _rises(asking: Asking) -> Sequence[Line]:
    return _events(asking, _RISES)


def _of_partners(words: str) -> tuple[str, str]:
    one, many = partner_nouns()
    return f"{one} {words}", f"{many} {words}"


TOPICS = [
    Topic(
        key="slipping",
        label=lambda: f"{first_up(partner_nouns()[1])} who slip or lapse",
        nouns=lambda: _of_partners("slipping or lapsed"),
        right=Right.STANDING_VIEW,
        url_name="partners:list",
        find=_slips,
        order=20,
    ),
    Topic(
        key="rising",
        label=lambda: f"{first_up(partner_nouns()[1])} who rise or come back",
        nouns=lambda: _of_partners("rising"),
        right=Right.STANDING_VIEW,
        url_name="partners:list",
        find=_rises,
        is_news=True,
        order=20,
    ),
]
ACTS: list[Act] = []
