"""What campaigns put on a partner's page: how often they opened our pages lately."""

from datetime import date, timedelta

from activities.campaigns.counting.queries import visits_in
from partners.directory.models import Partner
from partners.profiles.parts import PagePart
from prm.ui.formatting import number
from prm.ui.parts import Figure

DAYS = 30


def figures(partner: Partner, on: date) -> list[Figure]:
    """Return the page visits of the last 30 days, nothing without any (1 query)."""
    visits = visits_in(partner, since=on - timedelta(days=DAYS - 1))
    return [Figure(f"Web visits, {DAYS} days", number(visits), "at least")] if visits else []


PARTS = [PagePart(key="campaigns", figures=figures)]
