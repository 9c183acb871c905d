"""The queue as a file, and what it says of the guesses."""

from collections.abc import Iterator, Sequence
from typing import Final

from orders.attribution import service
from orders.attribution.models import Answer
from orders.attribution.service import Waiting
from orders.attribution.suggestions import Suggestion
from orders.attribution.words import answer_words
from orders.book.models import Order
from prm.tenancy.context import say_of_orders
from prm.tenancy.models import Tenant
from prm.ui.export.answers import Columns, sheet_of
from prm.ui.export.cells import Amount, Sheet

GUESSED_AT_A_TIME = 200

SINGLE: Final[Columns[Order]] = {
    "Order": lambda order: order.number,
    "Placed": lambda order: order.placed_at,
    "Amount": lambda order: Amount(order.amount, order.currency),
    "Currency": lambda order: order.currency,
}


def guessed(entry: Waiting, guesses: Sequence[Suggestion]) -> tuple[str, str]:
    """Return how sure the guesses are ("certain", "likely", "open", "none"), and the same in words."""
    best = guesses[0] if guesses else None
    if not entry.code:
        return "none", "Tie them one by one"
    if best is None:
        return "none", "No suggestion"
    if best.certain:
        return "certain", f"Certain: {best.candidate.name}"
    if len(guesses) > 1 and guesses[1].score > best.score - 10:
        return "open", f"{len(guesses)} possible"
    return "likely", f"Likely: {best.candidate.name}"


def settled(tenant: Tenant) -> Columns[Answer]:
    """Return the columns of what was decided."""
    return {
        "Decision": answer_words,
        "Orders": lambda answer: answer.orders,
        f"Counts ({tenant.currency})": lambda answer: Amount(answer.amount, tenant.currency),
        "By": lambda answer: answer.by or "a program",
        "At": lambda answer: answer.at,
        "Taken back": lambda answer: answer.undone_at,
        "Taken back by": lambda answer: (answer.undone_by or "a program") if answer.undone_at else None,
    }


def sheet(tenant: Tenant, entries: Sequence[Waiting]) -> Sheet:
    """Return all that waits, in the order of the queue; guesses are made while the file is written."""
    columns: Columns[tuple[Waiting, str]] = {
        "Code": lambda row: row[0].code or "No code",
        "Scheme": lambda row: row[0].scheme,
        "Name sent": lambda row: row[0].name,
        "Sent by": lambda row: row[0].source,
        "Orders": lambda row: row[0].orders,
        "Cancelled": lambda row: row[0].cancelled,
        f"Amount ({tenant.currency})": lambda row: Amount(row[0].amount, tenant.currency),
        "First": lambda row: row[0].first,
        "Last": lambda row: row[0].last,
        "Who it may be": lambda row: row[1],
    }
    return sheet_of(say_of_orders("unattributed {orders}"), columns, _with_guesses(entries))


def _with_guesses(entries: Sequence[Waiting]) -> Iterator[tuple[Waiting, str]]:
    for start in range(0, len(entries), GUESSED_AT_A_TIME):
        some = entries[start : start + GUESSED_AT_A_TIME]
        guesses = service.suggestions_for(some)
        for entry in some:
            yield entry, guessed(entry, guesses.get(entry.key, []))[1]
