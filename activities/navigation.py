"""What this app adds to the navigation."""

from activities.visits.models import Visit
from prm.accounts.models import Membership
from prm.core import calendar
from prm.tenancy.context import current_tenant
from prm.ui.navigation import NavItem

REP = frozenset({"rep"})
MANAGERS = frozenset({"manager"})


def promises_due(member: Membership) -> int | None:
    """Count what the member promised by today and has not done (one query on a partial index)."""
    today = calendar.today(current_tenant())
    due = Visit.objects.filter(rep=member).promises().filter(next_step_due__lte=today)
    return due.order_by().count() or None


ITEMS = [
    NavItem(
        key="today",
        label="Today",
        icon="sun",
        url_name="activities:today",
        roles=REP,
        order=10,
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
        roles=REP,
        order=25,
        primary=True,
    ),
    NavItem(
        key="opportunities",
        label="Opportunities",
        phone_label="Pipeline",
        icon="target-arrow",
        url_name="activities:opportunities",
        roles=REP | MANAGERS,
        order=30,
        phone=True,
    ),
    NavItem(
        key="panel",
        label="My panel",
        icon="calendar-user",
        url_name="activities:panel",
        roles=REP,
        order=40,
        phone=True,
    ),
    NavItem(
        key="panels",
        label="Panels",
        icon="calendar-user",
        url_name="activities:panels",
        roles=MANAGERS,
        order=40,
    ),
    NavItem(
        key="insights",
        label="Insights",
        icon="swords",
        url_name="activities:insights",
        roles=MANAGERS,
        section="Decide",
        order=50,
        go="C",
    ),
]
