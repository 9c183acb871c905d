"""The tab of exchange rates."""

from orders.rates.queries import waiting_count
from prm.accounts.rights import Right
from prm.company.settings.tabs import SettingsTab


def _waiting() -> int | None:
    """Return how many orders wait for a rate; None for none."""
    return waiting_count() or None


TABS = [
    SettingsTab(
        key="rates",
        label="Exchange rates",
        url_name="orders:rates",
        right=Right.RATE_EDIT,
        count=_waiting,
        order=20,
    )
]
