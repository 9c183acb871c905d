"""Columns of the lists that the pages of reconciliation draw by hand."""

from typing import Final

from orders.reconciliation import queries
from orders.reconciliation.models import ControlTotal, ReconciledDay
from orders.reconciliation.queries import Differing
from prm.ui.export.answers import Columns

DAYS: Final[Columns[ReconciledDay]] = {
    "Source": lambda row: row.source.name,
    "Day": lambda row: row.day,
    "Currency": lambda row: row.currency,
    "Basis": lambda row: row.get_basis_display(),
    "Orders at source": lambda row: row.source_orders,
    "Amount at source": lambda row: row.source_amount,
    "Rejected rows unread": lambda row: row.unread,
    "Orders here": lambda row: row.here_orders,
    "Amount here": lambda row: row.here_amount,
    "Counts here as": lambda row: row.counted,
    "Orders in Salesforce": lambda row: row.there_orders,
    "Amount in Salesforce": lambda row: row.there_amount,
    "Difference": lambda row: queries.difference(queries.parts_of(row)),
    "State": lambda row: row.get_state_display(),
    "Causes": lambda row: "; ".join(
        f"{part.records or abs(part.orders)}: {part.cause.label}" for part in queries.parts_of(row)
    ),
    "Signed by": lambda row: row.signed_by,
    "Counted": lambda row: row.taken_at,
}

ROWS: Final[Columns[Differing]] = {
    "Order": lambda row: row.number,
    "Cause": lambda row: str(row.cause.label),
    "Orders": lambda row: row.orders,
    "Difference": lambda row: row.difference,
    "Here": lambda row: row.here,
    "Salesforce": lambda row: row.there,
    "In words": lambda row: row.words,
}

TOTALS: Final[Columns[ControlTotal]] = {
    "Source": lambda row: row.source.name,
    "Day": lambda row: row.day,
    "Currency": lambda row: row.currency,
    "Orders": lambda row: row.orders,
    "Amount": lambda row: row.amount,
    "By": lambda row: row.get_origin_display(),
    "Declared by": lambda row: row.by,
    "Declared": lambda row: row.declared_at,
}
