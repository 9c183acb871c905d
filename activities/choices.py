"""Choices of filters, bound to the tenant in scope when they are asked for."""

from typing import Any

from django.db.models import QuerySet

from activities.market.competition.models import Competitor, Differentiator
from partners.directory.models import Partner
from prm.accounts.models import Membership
from prm.accounts.rights import Right, roles_with


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
