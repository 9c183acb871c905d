"""What the dry run says of line items: how many records would go with products, and which products are missing. Only reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from prm.mapping import Item, Mapping
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.engine import store
from prm.salesforce.engine.present import present
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.mapping import capture
from prm.salesforce.products.pricebook import PriceBook, Wanted, wanted
from prm.salesforce.products.wanted import Wanted as Set
from prm.salesforce.products.wanted import wanted_of, without_missing
from prm.salesforce.wire.client import Org

CHUNK: Final = 1000

Tell = Callable[[str, str, str], None]
"""Takes what would become of one record (create, change, same, refused), its name, and why it would go without products."""


def try_lines(org: Org, mapping: Mapping, tell: Tell) -> list[Item]:
    """Tell what would become of the line items of every record that has any; return the products that would be made.

    Raises `NoPriceBook` where the chosen one is not there, and `SalesforceError`.
    """
    lines = mapping.lines
    if lines is None or not lines.is_on:
        return []
    book = PriceBook(org, lines, lambda: None, mapping.column(CURRENCY_THERE) is not None)
    sold: dict[Wanted, tuple[Item, str]] = {}
    for some in _sets(mapping):
        sold |= {
            wanted(item.code, one.currency): (item, one.currency) for one, _row in some for item in one.items
        }
    book.learn(sold.values(), makes=False)
    made = [item for item, currency in sold.values() if lines.creates and book.can_make(item.code, currency)]
    for some in _sets(mapping):
        for one, row in some:
            before = one.items
            without_missing(one, book)
            if lines.creates and all(
                book.entry(i.code, one.currency) or book.can_make(i.code, one.currency) for i in before
            ):
                one.items, one.trouble = before, "" if before else one.trouble
            _tell(one, row, lines.book, tell)
    return list({item.code.casefold(): item for item in made}.values())


def _tell(one: Set, row: tuple[str, int, str] | None, book: str, tell: Tell) -> None:
    opportunity, items, digest = row or ("", 0, "")
    if one.trouble:
        tell("refused", one.title, one.trouble)
    elif one.items:
        same = bool(digest) and digest == one.digest(book, opportunity)
        tell("same" if same else "change" if items else "create", one.title, "")


def _sets(mapping: Mapping) -> Iterator[list[tuple[Set, tuple[str, int, str] | None]]]:
    """Yield records with their line items and what is known of those there: opportunity, number, digest."""
    with transaction.atomic():
        ids = capture.all_ids(connection, mapping)
    for first in range(0, len(ids), CHUNK):
        with transaction.atomic():
            yield _chunk(mapping, ids[first : first + CHUNK])


def _chunk(mapping: Mapping, ids: list[UUID]) -> list[tuple[Set, tuple[str, int, str] | None]]:
    if mapping.lines is None:
        return []
    ours = present(mapping, ids)
    lines = mapping.lines.read(list(ours), mapping.column(CURRENCY_THERE) is not None)
    links = {record_id: link.sf_id for record_id, link in store.links_of(mapping, ids).items()}
    rows = LineSet.objects.filter(mapping=mapping.key, record_id__in=ids)
    known = {row.record_id: (links.get(row.record_id, ""), row.items, row.digest) for row in rows}
    return [
        (
            wanted_of(mapping, record_id, one.title, one.normals, lines.get(record_id, [])),
            known.get(record_id),
        )
        for record_id, one in ours.items()
    ]
