"""What the partners app adds to the navigation."""

from typing import Any

from partners.directory.models import Partner
from prm.core.calendar import today
from prm.tenancy.context import current_tenant
from prm.ui.navigation import NavItem

_STAFF = frozenset({"administrator", "manager", "rep"})


def _waiting(membership: Any) -> int | None:
    """How many proposals wait for a decision; None for none."""
    del membership  # every decider decides about all of the tenant
    return Partner.objects.active().awaiting_decision(today(current_tenant())).count() or None


ITEMS = [
    NavItem(
        key="partners",
        label=lambda tenant: tenant.partner_noun_plural.capitalize(),
        icon="users",
        url_name="partners:list",
        roles=_STAFF,
        order=20,
        phone=True,
        go="P",
    ),
    NavItem(
        key="review",
        label="Tier review",
        phone_label="Review",
        icon="stairs-up",
        url_name="partners:review",
        roles=frozenset({"administrator", "manager"}),
        section="Decide",
        order=10,
        phone=True,
        counter=_waiting,
        decision=True,
        go="R",
    ),
    NavItem(
        key="portal",
        label="Home",
        icon="home",
        url_name="partners:portal",
        roles=frozenset({"partner"}),
        order=10,
        phone=True,
        go="T",
    ),
]
