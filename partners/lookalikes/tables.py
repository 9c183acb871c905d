"""Pairs that look like one, as a file."""

from partners.lookalikes.models import LookAlike
from prm.tenancy.models import Tenant
from prm.ui.export.answers import Columns
from prm.ui.export.cells import Amount


def pairs(tenant: Tenant) -> Columns[LookAlike]:
    """Return the columns of the list."""
    return {
        "First": lambda pair: pair.first.name,
        "Second": lambda pair: pair.second.name,
        "Why": lambda pair: "; ".join(pair.reasons),
        f"Revenue of the smaller, 12 months ({tenant.currency})": lambda pair: Amount(
            pair.money,
            tenant.currency,
        ),
        "State": lambda pair: pair.get_state_display(),
    }
