"""Choices of filters, bound to the tenant in scope when they are asked for."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from activities.market.competition.models import Competitor, Differentiator
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with
from prm.ui.filters import DayFilter, day_field


def partners_choices(request: Any) -> QuerySet[Partner]:
    """Offer every partner."""
    return Partner.objects.all()


def members_choices(request: Any) -> QuerySet[Membership]:
    """Offer every member of the staff, by name."""
    return Membership.objects.filter(role__in=roles_with(Right.ACTIVITY_WRITE)).with_people()


def competitors_choices(request: Any) -> QuerySet[Competitor]:
    """Offer every competitor."""
    return Competitor.objects.all()


def differentiators_choices(request: Any) -> QuerySet[Differentiator]:
    """Offer every differentiator."""
    return Differentiator.objects.all()


def day_of(name: str, lookup: str, label: str, *, of_moment: bool) -> django_filters.Filter:
    """Make a filter by day: of a moment in the tenant's days, or of a date."""
    kind = DayFilter if of_moment else django_filters.DateFilter
    return kind(field_name=name, lookup_expr=lookup, label=label, widget=day_field())
