"""What becomes of this room's rows about a partner that is merged into another; see `partners.merges`."""

from activities.plans.models import CallPlan
from partners.merges.registry import moved_rows

PARTNER_TABLES = [
    # Two plans that begin on the same day cannot both hold: the survivor's does.
    moved_rows(CallPlan, nouns=("call plan", "call plans"), one_per=("valid_from",), order=36),
]
