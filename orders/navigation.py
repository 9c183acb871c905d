"""What the orders app adds to the navigation."""

from uuid import UUID

from orders.attribution.service import waiting_codes
from orders.rates.queries import waiting_count
from orders.reconciliation.queries import open_count
from prm.accounts.rights import Right
from prm.tenancy.context import first_up, order_nouns, orders_heading
from prm.ui.navigation import NavItem


def _waiting(member_id: UUID) -> int | None:
    """Count the codes that wait for an answer, whoever asks; None for none."""
    del member_id
    return waiting_codes() or None


def _waiting_for_rates(member_id: UUID) -> int | None:
    """Count the orders whose amount counts nowhere yet; None for none."""
    del member_id
    return waiting_count() or None


def _open_days(member_id: UUID) -> int | None:
    """Count the days that differ and that nobody has explained; None for none."""
    del member_id
    return open_count() or None


def _imports() -> str:
    """Return what the page of imports is called."""
    return f"{first_up(order_nouns()[0])} imports"


def _sources() -> str:
    """Return what the page of sources is called."""
    return f"{first_up(order_nouns()[0])} sources"


def _unattributed() -> str:
    """Return what the queue is called."""
    return f"Unattributed {order_nouns()[1]}"


ITEMS = [
    NavItem(
        key="orders",
        label=orders_heading,
        icon="shopping-cart",
        url_name="orders:list",
        right=Right.ORDER_VIEW,
        section="Revenue data",
        order=5,
    ),
    NavItem(
        key="products",
        label="Products",
        icon="package",
        url_name="orders:products",
        right=Right.ORDER_VIEW,
        section="Revenue data",
        order=7,
    ),
    NavItem(
        key="imports",
        label=_imports,
        icon="file-import",
        url_name="orders:imports",
        right=Right.IMPORT_RUN,
        section="Revenue data",
        order=10,
    ),
    NavItem(
        key="sources",
        label=_sources,
        icon="database",
        url_name="orders:sources",
        right=Right.SOURCE_EDIT,
        section="Revenue data",
        order=20,
    ),
    NavItem(
        key="rates",
        label="Exchange rates",
        icon="coins",
        url_name="orders:rates",
        right=Right.RATE_EDIT,
        section="Revenue data",
        order=25,
        counter=_waiting_for_rates,
    ),
    NavItem(
        key="shares",
        label="Shared credit",
        icon="arrows-split-2",
        url_name="orders:share-rules",
        right=Right.ORDER_TIE,
        section="Revenue data",
        order=28,
    ),
    NavItem(
        key="unattributed",
        label=_unattributed,
        icon="help-hexagon",
        url_name="orders:unattributed",
        right=Right.ORDER_TIE,
        section="Revenue data",
        order=30,
        counter=_waiting,
    ),
    NavItem(
        key="reconciliation",
        label="Reconciliation",
        icon="equal",
        url_name="orders:reconciliation",
        right=Right.RECONCILE,
        section="Revenue data",
        order=40,
        counter=_open_days,
    ),
    NavItem(
        key="referrals",
        label="My referrals",
        phone_label="Referrals",
        icon="list-details",
        url_name="orders:own-referrals",
        right=Right.OWN_REFERRALS,
        order=20,
        phone=True,
    ),
]
