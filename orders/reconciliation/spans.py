"""Which figures are asked for, and the parameters of the statements about them."""

from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from orders.ingest.statement import Value
from orders.reconciliation import sql
from orders.reconciliation.states import (
    AMOUNT_THERE,
    COUNTS_THERE,
    CURRENCY_THERE,
    DAY_THERE,
    MAPPING,
    STATE_THERE,
)
from prm.core.calendar import day_start
from prm.core.clock import now
from prm.tenancy.context import current_tenant

LATE: Final = timedelta(days=1)
"""What waits for Salesforce longer than this is held."""


class Key(NamedTuple):
    """One figure: source, day and currency."""

    source: UUID
    day: date
    currency: str


def connection_state() -> str:
    """Return how the connection to Salesforce stands: connected, paused, signed_out, or "" without one."""
    found = sql.CONNECTION.rows(_text, {})
    return found[0] if found else ""


def _text(state: str, name: str) -> str:
    del name
    return state


def values_of(
    first: date | None = None,
    last: date | None = None,
    source: UUID | None = None,
    currency: str | None = None,
) -> dict[str, Value]:
    """Return the parameters of the statements of `sql.py` for these days (both included), a source and a currency."""
    tenant = current_tenant()
    return base_values() | {
        "begin": None if first is None else day_start(tenant, first).isoformat(),
        "end": None if last is None else day_start(tenant, last + timedelta(days=1)).isoformat(),
        "first": None if first is None else first.isoformat(),
        "last": None if last is None else last.isoformat(),
        "source": source,
        "currency": currency,
        "late": (now() - LATE).isoformat(),
    }


def base_values() -> dict[str, Value]:
    """Return the parameters that all statements have."""
    tenant = current_tenant()
    return {
        "tenant": tenant.pk,
        "zone": tenant.timezone,
        "mapping": MAPPING,
        "state_there": STATE_THERE,
        "counts_there": COUNTS_THERE,
        "amount_there": AMOUNT_THERE,
        "day_there": DAY_THERE,
        "currency_there": CURRENCY_THERE,
    }
