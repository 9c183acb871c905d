"""What becomes of this room's rows about a partner that is merged into another; see `partners.merges`."""

from activities.visits.models import Visit
from partners.merges.registry import moved_rows

PARTNER_TABLES = [moved_rows(Visit, nouns=("visit", "visits"), order=30)]
