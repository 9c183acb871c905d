"""The rules of single cells: what is accepted, in which canonical form it is staged, or why not.

Every value comes back in PostgreSQL's COPY text format (see `orders.ingest.reading.texts`). Values repeat a lot
in order files, so each rule is wrapped in a bounded memory (`Memory`): a distinct cell is judged once.
"""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from orders.ingest.errors import BadCell
from orders.ingest.reading.crediting import split_credits
from orders.ingest.reading.dates import canonical_moment
from orders.ingest.reading.identifiers import identifier, referral_code
from orders.ingest.reading.numbers import (
    LARGEST_PRICE,
    LARGEST_QUANTITY,
    OWN_SIGNS,
    SHARED_SIGNS,
    canonical_number,
    currencies_of,
    sign_in,
)
from orders.ingest.reading.texts import NULL, clean, escape, shown
from orders.ingest.states import RejectReason
from orders.sources.spec import CREDIT, SHARED_BETWEEN, Spec
from orders.states import OrderState
from partners.directory.codes import normalise
from prm.core.money import ISO_4217
from prm.core.words.unseen import plain

# Distinct cells remembered per column; a column with more (order numbers) starts over.
MEMORY_LIMIT: Final = 8_000
_ALL: Final = Decimal(100)

Rule = Callable[[str], str]


class Memory(dict[str, str]):
    """What a rule made of each distinct cell; starts over when it grows beyond the limit."""

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule

    def __missing__(self, raw: str) -> str:
        value = self._rule(raw)
        if len(self) >= MEMORY_LIMIT:
            self.clear()
        self[raw] = value
        return value


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one source, for one tenant, on one day.

    `zone` is that of moments without an offset, `days` that of days without a time (the tenant's: a day is that
    day for everybody), `currency` the tenant's: that of a source without a column for it and without a currency
    of its own.
    """

    spec: Spec
    zone: ZoneInfo
    currency: str
    today: date
    days: ZoneInfo | None = None

    def by_field(self) -> dict[str, Rule]:
        """Return the rule of each field of `orders.sources.spec.FIELDS`."""
        return {
            "number": self.number,
            "date": self.moment,
            "code": self.code,
            "partner_name": _cut(200),
            "product_code": self.product_code,
            "product_name": _cut(200),
            "quantity": self.quantity,
            "unit_price": self.price,
            "amount": self.amount,
            "currency": self.currency_code,
            "state": self.state,
            "number_2": self.number_part,
            "number_3": self.number_part,
            "discount_percent": self.percent,
            "discount": self.amount,
            "tax": self.amount,
            "shipping": self.amount,
            "refund": self.amount,
            "type": self.mark_of_type,
            "credit": self.credits,
            **{
                name: self.code if name.startswith("credit") else self.share
                for pair in SHARED_BETWEEN
                for name in pair
            },
        }

    @property
    def fields_with_blanks(self) -> tuple[str, ...]:
        """Return the fields whose blank cells the source gives a meaning."""
        meant = {"state": "" in self.spec.states, "currency": bool(self.spec.currency)}
        return tuple(name for name, is_meant in meant.items() if is_meant)

    def number(self, raw: str) -> str:
        """Return the order number as it is compared (see `identifier`)."""
        text = identifier(raw, "order number")
        if not text:
            raise BadCell(RejectReason.NUMBER_MISSING, "The line has no order number.")
        if len(text) > 64:
            raise BadCell(
                RejectReason.NUMBER_TOO_LONG,
                f"The order number {shown(text)!r} is longer than 64 characters.",
            )
        return escape(text)

    def number_part(self, raw: str) -> str:
        """Return a further part of an order number, "" for none."""
        return escape(identifier(raw, "order number"))

    def mark_of_type(self, raw: str) -> str:
        """Return what a document's type adds to its number: nothing, unless it is a credit note."""
        return CREDIT if plain(clean(raw)).lower() in self.spec.cancellations.types else ""

    def percent(self, raw: str) -> str:
        """Return a discount in per cent, with or without its sign, from 0 to 100 (a minus before it says the same)."""
        text = clean(raw).removesuffix("%").rstrip()
        number = canonical_number(
            text, self.spec.decimal_mark, limit=LARGEST_QUANTITY, places=6, what="discount"
        )
        if number != NULL and abs(Decimal(number)) > _ALL:
            raise BadCell(
                RejectReason.NUMBER_TOO_LARGE, f"The discount {shown(raw)!r} is more than 100 per cent."
            )
        return number.removeprefix("-")

    def share(self, raw: str) -> str:
        """Return a part of an order's credit in per cent, NULL for none."""
        text = clean(raw).removesuffix("%").rstrip()
        return canonical_number(text, self.spec.decimal_mark, limit=LARGEST_QUANTITY, places=6, what="share")

    def credits(self, raw: str) -> str:
        """Return who shares the credit, all in one cell (`R100:60;R200:40`), as codes and per cents in turn, "" for nobody."""
        return "\t".join(
            cell
            for part in split_credits(clean(raw), self.spec.decimal_mark)
            for cell in (self.code(part.code), self.share(part.percent))
        )

    def code(self, raw: str) -> str:
        """Return the referral code in its normal form (see partners.directory.codes), "" when there is none."""
        text = normalise(referral_code(raw))
        if len(text) > 120:
            raise BadCell(
                RejectReason.CODE_TOO_LONG, f"The code {shown(text)!r} is longer than 120 characters."
            )
        return escape(text)

    def product_code(self, raw: str) -> str:
        """Return the product's code as it is compared (see `identifier`)."""
        text = identifier(raw, "product code")
        if len(text) > 80:
            raise BadCell(RejectReason.PRODUCT_TOO_LONG, f"{shown(text)!r} is longer than 80 characters.")
        return escape(text)

    def quantity(self, raw: str) -> str:
        """Return a number of units, rounded to four decimals."""
        return self._number(raw, limit=LARGEST_QUANTITY, places=4, what="quantity")

    def price(self, raw: str) -> str:
        """Return a unit price, rounded to six decimals."""
        return self._number(raw, limit=LARGEST_PRICE, places=6, what="unit price")

    def amount(self, raw: str) -> str:
        """Return a line's amount, rounded to four decimals."""
        return self._number(raw, limit=LARGEST_PRICE, places=4, what="amount")

    def _number(self, raw: str, *, limit: Decimal, places: int, what: str) -> str:
        mark = self.spec.mark_of(what.replace(" ", "_"))
        if what != "quantity" and "currency" not in self.spec.columns:
            self._check_currency(raw, what)
        return canonical_number(raw, mark, limit=limit, places=places, what=what)

    def _check_currency(self, raw: str, what: str) -> None:
        """Refuse money that names another currency than the one the source's lines have."""
        named, ours = currencies_of(sign_in(raw)), self.spec.currency or self.currency
        if named and ours not in named:
            theirs = named[0] if len(named) == 1 else f"{', '.join(named[:3])} or the like"
            raise BadCell(
                RejectReason.OTHER_CURRENCY,
                f"The {what} {shown(raw)!r} is in {theirs}, and the source says {ours}. Give the source its currency.",
            )

    def moment(self, raw: str) -> str:
        """Return a moment in UTC."""
        return canonical_moment(raw, self.spec.date_formats, zone=self.zone, days=self.days, today=self.today)

    def currency_code(self, raw: str) -> str:
        """Return an ISO 4217 code; an empty cell is what the source says, and otherwise no answer."""
        text = clean(raw) or self.spec.currency
        text = OWN_SIGNS.get(text) or self._of_sign(text) or text.upper()
        if not text:
            raise BadCell(
                RejectReason.CURRENCY_MISSING, "The line has no currency, and the source names none."
            )
        if text not in ISO_4217:
            raise BadCell(RejectReason.UNKNOWN_CURRENCY, f"{shown(text)!r} is no currency code of ISO 4217.")
        return text

    def _of_sign(self, text: str) -> str:
        """Return the source's own currency for a sign that it shares with others, "" for what is none."""
        return self.spec.currency if self.spec.currency in SHARED_SIGNS.get(text, ()) else ""

    def state(self, raw: str) -> str:
        """Return one of our states, by the source's table; our own words are understood as well."""
        text = plain(clean(raw)).lower()
        if not text and "" not in self.spec.states:
            raise BadCell(
                RejectReason.STATE_MISSING,
                'The line has no state, and the source does not say what that means (states: "" = …).',
            )
        state = self.spec.states.get(text) or (text if text in OrderState.values else None)
        if state is None:
            known = ", ".join([*self.spec.states, *OrderState.values])
            raise BadCell(
                RejectReason.UNKNOWN_STATE,
                f"The state {shown(raw)!r} is not known ({known}). Add it to the source.",
            )
        return str(state)


def _cut(longest: int) -> Rule:
    """Return the rule of a text that only people read: what is too long is cut."""
    return lambda raw: escape(unicodedata.normalize("NFC", clean(raw))[:longest])
