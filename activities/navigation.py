"""What this app adds to the navigation."""

from uuid import UUID

from activities.visits.models import Visit
from prm.accounts.rights import Right
from prm.core import calendar
from prm.tenancy.context import current_tenant
from prm.ui.navigation import NavItem


def promises_due(member_id: UUID) -> int | None:
    """Count what the member promised by today and has not done (one query on a partial index)."""
    today = calendar.today(current_tenant())
    due = Visit.objects.filter(rep=member_id).promises().filter(next_step_due__lte=today)
    return due.order_by().count() or None


ITEMS = [
    NavItem(
        key="overview",
        label="Overview",
        icon="layout-dashboard",
        url_name="activities:overview",
        right=Right.TIER_DECIDE,
        order=5,
        landing=15,
        go="O",
    ),
    NavItem(
        key="today",
        label="Today",
        icon="sun",
        url_name="activities:today",
        right=Right.PANEL_KEEP,
        order=10,
        landing=10,
        phone=True,
        counter=promises_due,
        go="T",
    ),
    NavItem(
        key="log",
        label="Log visit",
        phone_label="Log",
        icon="plus",
        url_name="activities:log",
        right=Right.ACTIVITY_WRITE,
        order=25,
        primary=True,
        takes="partner",
    ),
    NavItem(
        key="opportunities",
        label="Opportunities",
        phone_label="Pipeline",
        icon="target-arrow",
        url_name="activities:opportunities",
        right=Right.ACTIVITY_VIEW,
        order=30,
        phone=True,
    ),
    NavItem(
        key="panel",
        label="My panel",
        icon="calendar-user",
        url_name="activities:panel",
        right=Right.PANEL_KEEP,
        order=40,
        phone=True,
    ),
    NavItem(
        key="panels",
        label="Panels",
        icon="calendar-user",
        url_name="activities:panels",
        right=Right.ACTIVITY_MANAGE,
        order=40,
    ),
    NavItem(
        key="competition",
        label="Competition",
        icon="swords",
        url_name="activities:competition",
        right=Right.ACTIVITY_VIEW,
        section="Decide",
        order=50,
        go="C",
    ),
]
