"""What the partner list has as a file besides the columns of its page."""

from typing import Final

from partners.alarms.models import OrderWatch
from partners.directory.models import Partner
from partners.standing.models import Standing
from partners.standing.rules import whole
from prm.tenancy.context import current_tenant, said_of_orders
from prm.ui.export.cells import Amount, Cell, Ratio
from prm.ui.tables import Beside


def standing_of(partner: Partner) -> Standing | None:
    """Return how a partner stands, or None while nobody has computed it."""
    return getattr(partner, "standing", None)


def watch_of(partner: Partner) -> OrderWatch | None:
    """Return what is watched of a partner's orders, or None while nobody has judged them."""
    return getattr(partner, "watch", None)


def _told(partner: Partner) -> Standing | None:
    """Return the standing where the estimates it rests on can be right."""
    standing = standing_of(partner)
    return None if standing is None or standing.share_doubtful else standing


def _proposed(partner: Partner) -> Cell:
    standing = standing_of(partner)
    return standing.get_tier_proposal_display() if standing else None


def _score_before(partner: Partner) -> Cell:
    standing = standing_of(partner)
    return None if standing is None or standing.score_month_ago is None else whole(standing.score_month_ago)


def _share(partner: Partner, name: str) -> Cell:
    value = getattr(_told(partner), name, None)
    return None if value is None else Ratio(value)


def _room(partner: Partner, name: str) -> Cell:
    value = getattr(_told(partner), name, None)
    return None if value is None else Amount(value, current_tenant().currency)


BESIDE: Final[tuple[Beside, ...]] = (
    ("Kind", lambda partner: partner.get_kind_display()),
    ("Specialty", lambda partner: partner.specialty),
    ("Organisation", lambda partner: partner.organisation),
    ("City", lambda partner: partner.city),
    ("Region", lambda partner: partner.region),
    ("Country", lambda partner: partner.get_country_display()),
    ("Codes", lambda partner: "; ".join(code.code for code in partner.codes.all())),
    ("Tier since", lambda partner: partner.tier_since),
    ("Proposed tier", _proposed),
    ("Score a month ago", _score_before),
    (
        said_of_orders("{Orders}, 12 months"),
        lambda partner: getattr(standing_of(partner), "orders_12m", None),
    ),
    ("Share, low", lambda partner: _share(partner, "share_low")),
    ("Share, high", lambda partner: _share(partner, "share_high")),
    ("Headroom a year, low", lambda partner: _room(partner, "headroom_low")),
    ("Headroom a year, high", lambda partner: _room(partner, "headroom_high")),
)
