"""Which line items a record should have there, and why it may have none. Compares; no call, no query."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from prm.mapping import Item, Line, Mapping, Normal, Unbalanced, items_of
from prm.mapping.money import CURRENCY_THERE
from prm.salesforce.products.pricebook import KEY, PriceBook

ITEM: Final = "OpportunityLineItem"
SHOWN: Final = 5
"""Products named in one sentence."""


def objects_with_key(mapping: Mapping) -> tuple[str, ...]:
    """Return the objects whose records carry a key of ours since lines of a mapping go as products: those that are made."""
    if mapping.lines is None or not mapping.lines.is_on:
        return ()
    return (ITEM, "Product2") if mapping.lines.creates else (ITEM,)


@dataclass(slots=True)
class Wanted:
    """The line items of one record; with a `trouble` there are none, and its amount goes alone.

    `total` is the amount as it goes ("" in normal form where there is none), `currency` "" where an organisation has one.
    """

    record_id: UUID
    title: str
    total: Normal
    currency: str
    items: list[Item] = field(default_factory=list)
    trouble: str = ""

    def digest(self, book: str, opportunity: str) -> str:
        """Return what stands for the whole set on an opportunity: with another one something is to be sent."""
        said = [opportunity, book, self.currency, str(self.total)]
        said += [f"{one.key} {one.code} {one.quantity:f} {one.price:f} {one.note}" for one in self.items]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()


def wanted_of(
    mapping: Mapping, record_id: UUID, title: str, normals: Record[str, Normal], lines: Sequence[Line]
) -> Wanted:
    """Return the line items of a record with these values and lines, as far as that follows from what is here."""
    amount = mapping.column(mapping.lines.amount) if mapping.lines is not None else None
    total = normals.get(amount.there) if amount is not None else None
    several = mapping.column(CURRENCY_THERE) is not None
    currency = str(normals.get(CURRENCY_THERE) or "") if several else ""
    found = Wanted(record_id, title, total, currency)
    named = [line for line in lines if line.product is not None]
    if amount is None or total is None or (several and not currency) or not named:
        return found  # without an amount nothing is added up; where no line names a product there is none
    if len(named) < len(lines):
        found.trouble = f"{len(lines) - len(named)} of its {len(lines)} lines name no product"
        return found
    try:
        found.items = items_of(lines, Decimal(str(total)), amount.scale)
    except Unbalanced as error:
        found.trouble = f"its lines make {error} and it says {total}"
    return found


def without_missing(one: Wanted, book: PriceBook) -> None:
    """Leave a record without line items of which some product cannot be had: some of them would be another amount."""
    troubles = [book.trouble(item.code, one.currency) for item in one.items]
    said = list(dict.fromkeys(words for words in troubles if words))
    if said:
        more = f" and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
        one.items, one.trouble = [], f"{'; '.join(said[:SHOWN])}{more}"


@dataclass(slots=True)
class Changes:
    """What to do so that the line items there are those wanted: ids to delete, records to create or change by our key."""

    delete: list[str] = field(default_factory=list)
    write: list[dict[str, object]] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.delete or self.write)


def changes(one: Wanted, opportunity: str, book: PriceBook, rows: Iterable[Record[str, object]]) -> Changes:
    """Return what differs between the line items that are there (`rows`, only those with our key) and those wanted.

    What a line item is of is fixed when it is made: of another product or book it is made anew.
    """
    found = Changes()
    there: dict[str, Record[str, object]] = {}
    entries = {str(item.key): book.entry(item.code, one.currency) for item in one.items}
    for row in rows:
        key = str(row[KEY]).lower()
        entry = entries.get(key)
        if not entry or entry != row["PricebookEntryId"]:
            found.delete.append(str(row["Id"]))
        else:
            there[key] = row
    for item in one.items:
        row = there.get(str(item.key), {})
        values: dict[str, object] = {
            "Quantity": item.quantity, "UnitPrice": item.price, "Description": item.note or None,
        }  # fmt: skip
        if not row:
            fixed = {"OpportunityId": opportunity, "PricebookEntryId": entries[str(item.key)]}
            found.write.append({KEY: str(item.key), **fixed, **values})
        elif differing := {name: value for name, value in values.items() if not same(value, row.get(name))}:
            found.write.append({KEY: str(item.key), **differing})
    return found


def same(ours: object, theirs: object) -> bool:
    """Whether a value of ours is the one there; numbers by their value."""
    if isinstance(ours, Decimal):
        return theirs is not None and ours == Decimal(str(theirs))
    return (ours or None) == (theirs or None)


def plain(value: object) -> object:
    """Return a value as JSON has it. Salesforce keeps numbers as doubles, so `float` loses nothing that it would have kept."""
    return float(value) if isinstance(value, Decimal) else value
