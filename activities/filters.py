"""Filters that the lists of every room have, with their choices bound to the tenant in scope."""

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest

from partners.directory.choosing import PARTNERS
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.ui.pickers.fields import PickerFilter


def _members(request: HttpRequest | None) -> QuerySet[Membership]:
    """Offer everybody who logs activities, by name."""
    return Membership.objects.filter(role__in=roles_with(Right.ACTIVITY_WRITE)).with_people()


def partner_filter(label: str | None = None) -> PickerFilter:
    """Return the filter by partner."""
    return PickerFilter(PARTNERS, label=label)


def member_filter(label: str | None = None) -> django_filters.ModelChoiceFilter:
    """Return the filter by the member who logged, or who owns."""
    return django_filters.ModelChoiceFilter(queryset=_members, label=label)
