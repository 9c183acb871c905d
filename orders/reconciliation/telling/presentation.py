"""The figures as JSON, for the command and the API, and as lines for a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypedDict

from django.db.models import QuerySet

from orders.reconciliation import queries
from orders.reconciliation.models import ReconciledDay
from orders.reconciliation.queries import CountedThere, Total
from orders.reconciliation.rules import Part
from orders.reconciliation.spans import Key, connection_state
from orders.reconciliation.states import DayState, Side
from prm.core.money import currency_decimals
from prm.core.notation.reader import figure
from prm.tenancy.context import current_tenant, say_of_orders
from prm.ui.formatting import NOTHING, money

_SHOWN: Final = 200


class Sum(TypedDict):
    """A number of orders and an amount; null is unknown, never zero."""

    orders: int | None
    amount: str | None


class Difference(TypedDict):
    """Orders that differ for one cause; `amount` is in `currency`."""

    cause: str
    words: str
    next: str
    between: str
    orders: int
    amount: str
    currency: str
    records: int


class UnknownThere(TypedDict):
    """Records in Salesforce of which nobody here knows, and what they come to in `currency`."""

    currency: str
    records: int
    amount: str


class Day(TypedDict):
    """The three figures of a source, day and currency. `salesforce` is null without a connection.

    Amounts of source and here are in `currency`; `counted` and that of Salesforce in the tenant's.
    """

    id: str
    source: str
    day: str
    currency: str
    basis: str
    at_source: Sum
    here: Sum
    counted: str
    rate_missing: int
    salesforce: Sum | None
    counted_there_at: str | None
    unknown_there: list[UnknownThere]
    unread: int
    state: str
    signed_by: str
    note: str
    taken_at: str
    differences: list[Difference]


def exact(amount: Decimal | None) -> str | None:
    """Return an amount as text: the decimals that it has, two at least."""
    if amount is None:
        return None
    plain = amount.normalize() if amount else Decimal(0)
    exponent = plain.as_tuple().exponent
    places = max(2, -exponent if isinstance(exponent, int) else 0)
    return f"{amount:.{places}f}"


def exactly(amount: Decimal | None, currency: str) -> str:
    """Return an amount for people, with all decimals that it has and at least those of its currency."""
    if amount is None:
        return NOTHING
    plain = amount.normalize() if amount else Decimal(0)
    exponent = plain.as_tuple().exponent
    places = max(currency_decimals(currency), -exponent if isinstance(exponent, int) else 0)
    return money(amount, currency, places=places)


def differences(parts: Sequence[Part], currency: str) -> list[Difference]:
    """Return differences as JSON."""
    own = current_tenant().currency
    return [
        {
            "cause": part.cause.value,
            "words": str(part.cause.label),
            "next": part.cause.next,
            "between": part.cause.side.value,
            "orders": part.orders,
            "amount": exact(part.amount) or "0.00",
            "currency": currency if part.cause.side is Side.SOURCE else own,
            "records": part.records,
        }
        for part in parts
    ]


def days_as_json(days: Sequence[ReconciledDay]) -> list[Day]:
    """Return counted days as JSON; two queries for all of them."""
    signed = queries.sign_offs(days)
    shown = [row.day for row in days]
    counted = queries.counted_there(min(shown), max(shown)) if shown else {}
    return [
        {
            "id": str(row.pk),
            "source": row.source.name,
            "day": row.day.isoformat(),
            "currency": row.currency,
            "basis": row.basis,
            "at_source": {"orders": row.source_orders, "amount": exact(row.source_amount)},
            "here": {"orders": row.here_orders, "amount": exact(row.here_amount)},
            "counted": exact(row.counted) or "0.00",
            "rate_missing": row.rate_waits,
            "salesforce": None
            if row.there_orders is None
            else {"orders": row.there_orders, "amount": exact(row.there_amount)},
            "counted_there_at": counted[row.day].at.isoformat() if row.day in counted else None,
            "unknown_there": _unknown(counted.get(row.day)),
            "unread": row.unread,
            "state": row.state,
            "signed_by": row.signed_by,
            "note": signed[key].note if (key := Key(row.source_id, row.day, row.currency)) in signed else "",
            "taken_at": row.taken_at.isoformat(),
            "differences": differences(queries.parts_of(row), row.currency),
        }
        for row in days
    ]


def _unknown(counted: CountedThere | None) -> list[UnknownThere]:
    return [
        {"currency": one.currency, "records": one.records, "amount": exact(one.amount) or "0.00"}
        for one in (counted.unknown if counted else ())
    ]


class Money(TypedDict):
    """What all days come to in one currency: source, here, Salesforce; null is unknown, never zero."""

    currency: str
    source: Sum
    here: Sum
    counted: str
    counted_currency: str
    rate_missing: int
    salesforce: Sum | None
    unread: int
    agrees: bool


def total_as_json(total: Total) -> Money:
    """Return a sum as JSON."""
    return {
        "currency": total.currency,
        "source": {"orders": total.source_orders, "amount": exact(total.source_amount)},
        "here": {"orders": total.here_orders, "amount": exact(total.here_amount)},
        "counted": exact(total.counted) or "0.00",
        "counted_currency": current_tenant().currency,
        "rate_missing": total.rate_waits,
        "salesforce": None
        if total.there_orders is None
        else {"orders": total.there_orders, "amount": exact(total.there_amount)},
        "unread": total.unread,
        "agrees": total.agrees,
    }


class Undated(TypedDict):
    """Rejected rows of which no day can be read; `amount` of those whose amount can."""

    currency: str
    rows: int
    amount: str


class Report(TypedDict):
    """Everything, as `reconcile --json` prints it."""

    tenant: str
    currency: str
    salesforce: str
    taken_at: str | None
    open_days: int
    total: list[Money]
    undated_rejects: list[Undated]
    days: list[Day]


def report(days: QuerySet[ReconciledDay], *, only_open: bool = False) -> Report:
    """Return the figures of these days, latest first, and what they come to."""
    tenant, taken = current_tenant(), queries.taken_at()
    listed = days.filter(state=DayState.OPEN) if only_open else days
    return {
        "tenant": tenant.slug,
        "currency": tenant.currency,
        "salesforce": connection_state() or "not_connected",
        "taken_at": taken.isoformat() if taken else None,
        "open_days": days.filter(state=DayState.OPEN).count(),
        "total": [total_as_json(total) for total in queries.totals(days)],
        "undated_rejects": undated_as_json(),
        "days": days_as_json(list(listed)),
    }


def undated_as_json() -> list[Undated]:
    """Return the rejected rows without a day, by currency."""
    return [
        {"currency": currency, "rows": count, "amount": exact(amount) or "0.00"}
        for currency, count, amount in queries.undated()
    ]


def lines(said: Report) -> Iterator[str]:
    """Yield a report for a terminal: the money in one line per currency, then what is open."""
    if not said["days"] and not said["total"]:
        yield say_of_orders("No {order} and no control total yet: nothing to reconcile.")
        return
    for total in said["total"]:
        yield _money_line(total)
    for undated in said["undated_rejects"]:
        yield f"{figure(undated['rows'])} rejected rows without a readable day: {undated['amount']} {undated['currency']} of them"
    yield f"{figure(said['open_days'])} days to explain." if said["open_days"] else "Nothing to explain."
    for row in [row for row in said["days"] if row["state"] == DayState.OPEN][:_SHOWN]:
        yield f"{row['day']}  {row['source']}  {row['currency']}"
        if row["unread"]:
            yield f"    {figure(row['unread'])} rejected rows whose amount cannot be read"
        for unknown in row["unknown_there"]:
            yield f"    {figure(unknown['records'])} in Salesforce that nobody here knows of: {unknown['amount']} {unknown['currency']}"
        for one in row["differences"]:
            yield f"    {one['orders']:+,} orders, {one['amount']} {one['currency']}: {one['words']}. {one['next']}"


def _money_line(total: Money) -> str:
    sign = "=" if total["agrees"] else "≠"
    source, here = _words(total["source"], total["currency"]), _words(total["here"], total["currency"])
    if total["salesforce"] is None:
        there = "Salesforce not connected"
    else:
        there = f"Salesforce {_words(total['salesforce'], total['counted_currency'])}"
    return f"source {source} {sign} here {here} {sign} {there}"


def _words(sum_: Mapping[str, object], currency: str) -> str:
    orders, amount = sum_["orders"], sum_["amount"]
    said = f"{amount} {currency}" if amount is not None else "amount not declared"
    return f"{said} ({figure(orders)} orders)" if isinstance(orders, int) else said
