"""What becomes of this room's rows about a partner that is merged into another; see `partners.merges`."""

from activities.market.budgets.models import Opportunity
from activities.market.competition.models import Insight
from partners.merges.registry import moved_rows

PARTNER_TABLES = [
    moved_rows(Insight, nouns=("insight", "insights"), order=32),
    moved_rows(Opportunity, nouns=("opportunity", "opportunities"), order=34),
]
