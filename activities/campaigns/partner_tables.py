"""What becomes of rows of campaigns about a partner that is merged into another; see `partners.merges`."""

from activities.campaigns.counting.models import WebDay
from activities.campaigns.planning.models import Member
from partners.merges.registry import UNSAID, moved_rows

PARTNER_TABLES = [
    moved_rows(Member, nouns=("campaign", "campaigns"), one_per=("campaign", "contact"), order=36),
    moved_rows(WebDay, nouns=UNSAID, one_per=("link", "day"), order=38),
]
"""A partner that has a day of its own keeps it; the merged one's stays with it, so that nothing is counted twice."""
