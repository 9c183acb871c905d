"""Numbers as people and systems write them: signs before and behind, groups, currency signs, exponents."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import NULL, clean, shown
from orders.ingest.states import RejectReason
from prm.core.money import ISO_4217, currency_sign

# Before the point: what MoneyField and the quantity can hold, with room for the product of both.
LARGEST_QUANTITY: Final = Decimal(10) ** 9
LARGEST_PRICE: Final = Decimal(10) ** 12

_LONGEST: Final = 40
# Signs of one character (€, £, ¥ …), as CLDR knows them; codes of letters are no part of a number.
_SIGNS: Final = "".join(sorted({sign for sign in map(currency_sign, ISO_4217) if len(sign) == 1}))
_GROUPED: Final = {
    ".": re.compile(r"\d{1,3}(?:[,' \u00a0\u202f]\d{3})+(?:\.\d*)?"),
    ",": re.compile(r"\d{1,3}(?:[.' \u00a0\u202f]\d{3})+(?:,\d*)?"),
}
_SIMPLE: Final = {
    ".": re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?"),
    ",": re.compile(r"(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d{1,2})?"),
}
_GROUP_MARKS: Final = re.compile(r"[' \u00a0\u202f]")
_OTHER: Final = {".": ",", ",": "."}


def parse_number(raw: str, mark: str) -> Decimal | None:
    """Return the number that a text stands for, or None: `1,234.50`, `-5`, `5-`, `(5)`, `$5`, `1e3`."""
    text = raw.strip().replace("\N{MINUS SIGN}", "-").lstrip(_SIGNS).strip()
    negative = text.startswith("-")
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    elif negative or text.startswith("+"):
        text = text[1:]
    elif text.endswith("-"):
        negative, text = True, text[:-1]
    text = text.strip().lstrip(_SIGNS).strip()
    if _GROUPED[mark].fullmatch(text):
        text = _GROUP_MARKS.sub("", text).replace(_OTHER[mark], "")
    elif not _SIMPLE[mark].fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return -number if negative else number


def canonical_number(raw: str, mark: str, *, limit: Decimal, places: int, what: str) -> str:
    """Return a cell as a plain number of at most `places` decimals, rounded half up; NULL when empty.

    `what` names the number in messages. Raises `BadCell` for what is no number, or not below `limit`.
    """
    text = clean(raw)
    if not text:
        return NULL
    number = parse_number(text, mark) if len(text) <= _LONGEST else None
    if number is None:
        other = parse_number(text, _OTHER[mark]) if len(text) <= _LONGEST else None
        hint = " Is the decimal mark of the source right?" if other is not None else ""
        raise BadCell(RejectReason.NOT_A_NUMBER, f"The {what} {shown(text)!r} is not a number.{hint}")
    if abs(number) >= limit:
        raise BadCell(RejectReason.NUMBER_TOO_LARGE, f"The {what} {shown(text)!r} is too large.")
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if number else Decimal(0)
    plain = format(rounded, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
