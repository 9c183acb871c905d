"""What this app tells in the digest: tier changes to decide, who slips and rises, pairs that may be one."""

from collections.abc import Sequence
from typing import Final

from partners.alarms.queries import PartnerEvent, events_since
from partners.directory.models import Partner
from partners.lookalikes.models import LookAlike
from partners.reviews.cycle.queries import to_decide, unsettled
from partners.reviews.cycle.states import CycleState
from partners.states import Tier
from prm.accounts.rights import Right
from prm.core.urls import tenant_url
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.tenancy.context import current_tenant
from prm.tenancy.tenant import first_up, partner_nouns
from prm.ui.formatting import money_short, plural

_NAMED: Final = 5
_SLIPS: Final = ("lapsed", "fall")
_RISES: Final = ("repeat", "rise")


def _decisions(asking: Asking) -> Sequence[Line]:
    """Return proposals without a decision, the most revenue named, and a review that waits for a second signature."""
    cycle = unsettled()
    lines = []
    if cycle is not None and cycle.state == CycleState.SIGNED_ONCE and cycle.signed_by_id != asking.member.pk:
        signer = cycle.signed_by.user if cycle.signed_by else "somebody"
        lines.append(Line(f"{cycle.name} waits for a second signature", f"Signed by {signer}."))
    waiting = to_decide(cycle, asking.day)
    first = list(waiting.select_related("standing").order_by("-standing__revenue_12m", "pk")[:_NAMED])
    lines += [_proposal(partner) for partner in first]
    left = waiting.count() - len(first) if len(first) == _NAMED else 0
    if left:
        lines.append(Line(f"{plural(left, 'further proposal')}", count=left, mark="further"))
    return lines


def _proposal(partner: Partner) -> Line:
    proposed = Tier(partner.standing.tier_proposal).label.lower()
    revenue = money_short(partner.standing.revenue_12m, current_tenant())
    return Line(
        f"{partner.name}: {partner.get_tier_display().lower()} → {proposed}",
        f"{revenue} in twelve months.",
        tenant_url(current_tenant(), "partners:review-evidence", pk=partner.pk),
    )


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


def _pairs(asking: Asking) -> Sequence[Line]:
    """Return how many pairs wait for an answer, as one line."""
    del asking  # everybody who may merge answers all
    count = LookAlike.objects.present().filter(state=LookAlike.State.OPEN).count()
    nouns = partner_nouns()[1]
    return [Line(f"{plural(count, 'pair')} of {nouns} may be one", count=count)] if count else []


def _of_partners(words: str) -> tuple[str, str]:
    one, many = partner_nouns()
    return f"{one} {words}", f"{many} {words}"


TOPICS = [
    Topic(
        key="tier-decisions",
        label="Tier changes to decide",
        nouns=lambda: ("tier change to decide", "tier changes to decide"),
        right=Right.TIER_DECIDE,
        url_name="partners:review",
        find=_decisions,
        order=10,
    ),
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
    Topic(
        key="look-alikes",
        label="Look-alikes",
        nouns=lambda: ("pair that may be one", "pairs that may be one"),
        right=Right.ORDER_TIE,
        url_name="partners:look-alikes",
        find=_pairs,
        order=60,
    ),
]
ACTS: list[Act] = []
