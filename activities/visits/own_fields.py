"""Which of this app's records have own fields."""

from activities.visits.models import VisitValue
from prm.ownfields.registry import OwnRecord

OWN_RECORDS = [
    OwnRecord(key="visit", nouns=lambda: ("visit", "visits"), model=VisitValue, record="visit", order=20)
]
