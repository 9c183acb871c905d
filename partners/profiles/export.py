"""The partner list as a file for a spreadsheet."""

from collections.abc import Iterable

from partners.directory.models import Partner
from partners.standing.rules import whole
from prm.core.csv import csv_text

HEADER = (
    "Name", "Kind", "Specialty", "Organisation", "City", "Region", "Codes", "Rep", "Level", "Tier",
    "Tier since", "Proposed tier", "Score", "Score a month ago", "Revenue, 12 months", "Orders, 12 months",
    "Share", "Share, low", "Share, high", "Headroom a year, low", "Headroom a year, high", "Last order",
)  # fmt: skip


def partners_csv(partners: Iterable[Partner]) -> str:
    """Write partners (with standing, organisation, rep and codes loaded) as CSV; amounts in the tenant's currency."""
    return csv_text(HEADER, map(_cells, partners))


def _cells(partner: Partner) -> list[object]:
    standing = getattr(partner, "standing", None)
    told = standing is not None and not standing.share_doubtful
    return [
        partner.name,
        partner.get_kind_display(),
        partner.specialty,
        partner.organisation.name if partner.organisation else "",
        partner.city,
        partner.region,
        "; ".join(code.code for code in partner.codes.all()),
        str(partner.rep.user) if partner.rep else "",
        standing.get_level_display() if standing else "",
        partner.get_tier_display(),
        partner.tier_since or "",
        standing.get_tier_proposal_display() if standing else "",
        whole(standing.score) if standing and standing.score is not None else "",
        whole(standing.score_month_ago) if standing and standing.score_month_ago is not None else "",
        standing.revenue_12m if standing else "",
        standing.orders_12m if standing else "",
        *[getattr(standing, name) if told else "" for name in ("share", "share_low", "share_high")],
        *[getattr(standing, name) if told else "" for name in ("headroom_low", "headroom_high")],
        standing.last_order_on if standing else "",
    ]
