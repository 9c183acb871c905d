r"""The rules of single cells: what is accepted, in which canonical form it is staged, or why not.

Every value comes back as text in PostgreSQL's COPY text format (backslash, tab and line ends
escaped; ``\N`` is NULL), so that equal content is equal text. Values repeat a lot in order files, so
each rule is wrapped in a bounded memory (:class:`Memory`): a distinct cell is judged once.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

from orders.book.states import OrderState
from orders.ingest.errors import BadCell
from orders.rejects.states import RejectReason
from orders.sources.spec import Spec
from partners.directory.codes import normalise
from prm.core.money import ISO_4217

NULL: Final = "\\N"
EARLIEST: Final = date(1990, 1, 1)
FUTURE: Final = timedelta(days=366)
# Distinct cells remembered per column; a column with more (order numbers) starts over.
MEMORY_LIMIT: Final = 8_000
# Digits before the point: what MoneyField and the quantity can hold, with room for the product of both.
LARGEST_QUANTITY: Final = Decimal(10) ** 9
LARGEST_PRICE: Final = Decimal(10) ** 12

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"\d{1,3}(?:[.' \u00a0\u202f]\d{3})+(?:,\d*)?"),
}
_SIMPLE = {
    ".": re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?"),
    ",": re.compile(r"(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d{1,2})?"),
}
_GROUP_MARKS = re.compile(r"[' \u00a0\u202f]")

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


def escape(text: str) -> str:
    """Text as COPY's text format takes it."""
    return text.translate(_ESCAPES)


def unescape(text: str) -> str:
    """The opposite of :func:`escape`; NULL becomes "" (for messages and corrections)."""
    if text == NULL:
        return ""
    return re.sub(r"\\(.)", lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1], m[1]), text)


def shown(raw: str) -> str:
    """A cell as it is quoted in a message: short, on one line."""
    line = " ".join(raw.replace("\0", "␀").split())
    return line if len(line) <= 60 else f"{line[:57]}…"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one source, for one tenant, on one day.

    ``zone`` is that of moments without an offset, ``currency`` the tenant's (amounts in another
    cannot be added up), ``default_currency`` that of lines which name none.
    """

    spec: Spec
    zone: ZoneInfo
    currency: str
    today: date

    def by_field(self) -> dict[str, Rule]:
        """The rule of each field of :data:`orders.sources.spec.FIELDS`."""
        return {
            "number": self.number,
            "date": self.moment,
            "code": self.code,
            "partner_name": _cut(200),
            "product_code": self.product_code,
            "product_name": _cut(200),
            "quantity": self.quantity,
            "unit_price": self.price,
            "amount": self.price_or_amount,
            "currency": self.currency_code,
            "state": self.state,
        }

    def number(self, raw: str) -> str:
        """The order number as written, blanks around it dropped."""
        text = _clean(raw)
        if not text:
            raise BadCell(RejectReason.NUMBER_MISSING, "The line has no order number.")
        if len(text) > 64:
            raise BadCell(
                RejectReason.NUMBER_TOO_LONG,
                f"The order number {shown(text)!r} is longer than 64 characters.",
            )
        return escape(text)

    def code(self, raw: str) -> str:
        """The referral code in its normal form (see partners.directory.codes), "" when there is none."""
        text = normalise(_clean(raw))
        if len(text) > 120:
            raise BadCell(
                RejectReason.CODE_TOO_LONG, f"The code {shown(text)!r} is longer than 120 characters."
            )
        return escape(text)

    def product_code(self, raw: str) -> str:
        """Return the product's code as written, blanks around it dropped."""
        text = _clean(raw)
        if len(text) > 80:
            raise BadCell(RejectReason.PRODUCT_TOO_LONG, f"{shown(text)!r} is longer than 80 characters.")
        return escape(text)

    def quantity(self, raw: str) -> str:
        """A number of units, rounded to four decimals."""
        return _number(raw, self.spec.decimal_mark, LARGEST_QUANTITY, 4, "quantity")

    def price(self, raw: str) -> str:
        """A unit price, rounded to six decimals."""
        return _number(raw, self.spec.decimal_mark, LARGEST_PRICE, 6, "unit price")

    def price_or_amount(self, raw: str) -> str:
        """A line's amount, rounded to four decimals."""
        return _number(raw, self.spec.decimal_mark, LARGEST_PRICE, 4, "amount")

    def moment(self, raw: str) -> str:
        """A moment in UTC. Texts compare like the moments they stand for."""
        text = _clean(raw)
        if not text:
            raise BadCell(RejectReason.DATE_MISSING, "The line has no date.")
        moment = self._parsed(text)
        local = moment if moment.tzinfo is None else moment.astimezone(self.zone)
        if not EARLIEST <= local.date() <= self.today + FUTURE:
            raise BadCell(
                RejectReason.DATE_OUT_OF_RANGE,
                f"{shown(text)!r} is read as {local.date():%d %B %Y}; orders are taken from 1 January 1990"
                " to one year ahead.",
            )
        aware = moment.replace(tzinfo=self.zone) if moment.tzinfo is None else moment
        return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000") + "+00"

    def _parsed(self, text: str) -> datetime:
        for pattern in self.spec.date_formats:
            try:
                if pattern == "iso":
                    return datetime.fromisoformat(text)
                return datetime.strptime(text, pattern)  # noqa: DTZ007  (the zone follows)
            except ValueError:
                continue
        raise BadCell(RejectReason.DATE_UNREADABLE, _why_no_date(text, self.spec.date_formats))

    def currency_code(self, raw: str) -> str:
        """An ISO 4217 code; must be the tenant's currency, as amounts are added up."""
        text = _clean(raw).upper() or self.spec.currency or self.currency
        if text not in ISO_4217:
            raise BadCell(RejectReason.UNKNOWN_CURRENCY, f"{shown(text)!r} is no currency code of ISO 4217.")
        if text != (self.spec.currency or self.currency):
            raise BadCell(
                RejectReason.FOREIGN_CURRENCY,
                f"The amount is in {text}, but this source counts in {self.spec.currency or self.currency}.",
            )
        return text

    def state(self, raw: str) -> str:
        """One of our states, by the source's table; our own words are understood as well."""
        text = _clean(raw).lower()
        if not text:
            return OrderState.COMPLETED.value
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
    return lambda raw: escape(_clean(raw)[:longest])


def _clean(raw: str) -> str:
    if "\0" in raw:
        raise BadCell(RejectReason.NUL_CHARACTER, f"{shown(raw)!r} holds a NUL character.")
    return raw.strip()


def parse_number(raw: str, mark: str) -> Decimal | None:
    """A number as people and systems write it, or ``None``: ``1,234.50  -5  5-  (5)  $5  1e3``."""
    text = raw.strip().replace("\u2212", "-").lstrip("$£€").strip()
    negative = text.startswith("-")
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    elif negative or text.startswith("+"):
        text = text[1:]
    elif text.endswith("-"):
        negative, text = True, text[:-1]
    text = text.strip().lstrip("$£€").strip()
    if _GROUPED[mark].fullmatch(text):
        text = _GROUP_MARKS.sub("", text).replace("," if mark == "." else ".", "")
    elif not _SIMPLE[mark].fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return -number if negative else number


def _number(raw: str, mark: str, limit: Decimal, places: int, what: str) -> str:
    text = _clean(raw)
    if not text:
        return NULL
    number = parse_number(text, mark) if len(text) <= 40 else None
    if number is None:
        other = parse_number(text, "," if mark == "." else ".") if len(text) <= 40 else None
        hint = " Is the decimal mark of the source right?" if other is not None else ""
        raise BadCell(RejectReason.NOT_A_NUMBER, f"The {what} {shown(text)!r} is not a number.{hint}")
    if abs(number) >= limit:
        raise BadCell(RejectReason.NUMBER_TOO_LARGE, f"The {what} {shown(text)!r} is too large.")
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if number else Decimal(0)
    plain = format(rounded, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


_DIGITS = re.compile(r"\d+")


def _why_no_date(text: str, formats: tuple[str, ...]) -> str:
    """A sentence that names the day that does not exist, when that is the reason."""
    numbers = [int(n) for n in _DIGITS.findall(text[:40])[:3]]
    order = _order_of(formats[0])
    if len(numbers) == 3 and len(order) == 3:
        parts = dict(zip(order, numbers, strict=True))
        year, month, day = parts["y"], parts["m"], parts["d"]
        if 1 <= month <= 12 and 1 <= year <= 9999 and monthrange(year, month)[1] < day <= 31:
            name = date(2000, month, 1).strftime("%B")
            return f"{day} {name} does not exist: {shown(text)!r}. {name} {year} has {monthrange(year, month)[1]} days."
        if month > 12 >= day:
            return (
                f"{shown(text)!r} has no month {month}. Are day and month the other way round in this source?"
            )
    wanted = " or ".join("2026-11-23 14:30" if f == "iso" else f for f in formats)
    return f"{shown(text)!r} cannot be read as a date ({wanted})."


def _order_of(pattern: str) -> str:
    if pattern == "iso":
        return "ymd"
    return "".join(m[-1].lower().replace("b", "m") for m in re.findall(r"%[YymdbB]", pattern))
