"""The models of this app's rooms, imported for Django to find."""

from activities.campaigns.counting.models import (
    DaySalt,
    Filtered,
    FilteredTotal,
    WebDay,
    WebEvent,
)
from activities.campaigns.members.models import LetterFile
from activities.campaigns.planning.models import Campaign, Link, Member, Wave
from activities.campaigns.results.models import Figures
from activities.campaigns.settings.models import CountingSettings

__all__ = [
    "Campaign",
    "CountingSettings",
    "DaySalt",
    "Figures",
    "Filtered",
    "FilteredTotal",
    "LetterFile",
    "Link",
    "Member",
    "Wave",
    "WebDay",
    "WebEvent",
]
