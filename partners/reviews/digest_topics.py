"""What reviews tell in the digest: tier changes to decide, and a signature that is missing."""

from collections.abc import Sequence
from typing import Final

from partners.directory.models import Partner
from partners.reviews.cycle.queries import to_decide, unsettled
from partners.reviews.cycle.states import CycleState
from partners.states import Tier
from prm.accounts.rights import Right
from prm.digest.lines.registry import Act, Asking, Line, Topic
from prm.tenancy.context import current_tenant
from prm.ui.formatting import money_short, plural

_NAMED: Final = 5


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
    )


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
]
ACTS: list[Act] = []
