"""What the orders app adds to the navigation."""

from typing import Any

from orders.attribution.service import waiting_codes
from prm.ui.navigation import NavItem

_DECIDERS = frozenset({"administrator", "manager"})


def _waiting(membership: Any) -> int | None:
    """How many codes wait for an answer; None for none."""
    del membership
    return waiting_codes() or None


ITEMS = [
    NavItem(
        key="orders",
        label="Orders",
        icon="shopping-cart",
        url_name="orders:list",
        roles=_DECIDERS,
        section="Revenue data",
        order=5,
    ),
    NavItem(
        key="imports",
        label="Order imports",
        icon="file-import",
        url_name="orders:imports",
        roles=_DECIDERS,
        section="Revenue data",
        order=10,
    ),
    NavItem(
        key="sources",
        label="Order sources",
        icon="database",
        url_name="orders:sources",
        roles=frozenset({"administrator"}),
        section="Revenue data",
        order=20,
    ),
    NavItem(
        key="unattributed",
        label="Unattributed orders",
        icon="help-hexagon",
        url_name="orders:unattributed",
        roles=_DECIDERS,
        section="Revenue data",
        order=30,
        counter=_waiting,
    ),
    NavItem(
        key="referrals",
        label="My referrals",
        phone_label="Referrals",
        icon="list-details",
        url_name="orders:own_referrals",
        roles=frozenset({"partner"}),
        order=20,
        phone=True,
    ),
]
