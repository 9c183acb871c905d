"""Filters that the lists of every room have, with their choices bound to the tenant in scope."""

from activities.choosing import LOGGERS
from partners.directory.choosing import PARTNERS
from prm.ui.pickers.fields import PickerFilter


def partner_filter(label: str | None = None) -> PickerFilter:
    """Return the filter by partner."""
    return PickerFilter(PARTNERS, label=label)


def member_filter(label: str | None = None) -> PickerFilter:
    """Return the filter by the member who logged, or who owns."""
    return PickerFilter(LOGGERS, label=label)
