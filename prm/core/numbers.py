"""Numbers as people type them, with errors that say what was probably meant."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from prm.core.money import CURRENCY_WORDS
from prm.core.notation.reader import notation
from prm.core.notation.styles import COMMA

# The decimal mark is that of everything the reader sees; here it is the point. Between thousands may stand
# commas, spaces, apostrophes. The last group has three digits; groups of two before it are Indian (1,00,000).
# Where the comma is the decimal mark, both change places before and after.
_GAPS: Final = "'\N{RIGHT SINGLE QUOTATION MARK}_"
# Codes and signs of currencies stand before or behind, in any letters: no other letter is part of an amount (60k is not 60).
_MONEY: Final = rf"(?:{'|'.join(map(re.escape, CURRENCY_WORDS))}|\$){{0,2}}"
_BESIDE: Final = re.compile(
    rf"(?P<minus>-?){_MONEY}(?P<other_minus>-?)(?P<number>.*?){_MONEY}", re.IGNORECASE | re.DOTALL
)
_AMOUNT: Final = re.compile(r"(?P<whole>\d{1,3}(?:,\d{2,3})*,\d{3}|\d*)(?P<part>\.\d*)?")
# The same number with point and comma the other way round: 12,5 or 1.234,50.
_OTHER_WAY: Final = re.compile(r"(?P<whole>\d{1,3}(?:\.\d{3})*|\d+),(?P<part>\d+)")
# What people write for thousands and millions.
_SHORT: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>k|m|mio|mln)[.,]?", re.IGNORECASE)
_UNITS: Final = {"k": 1_000, "m": 1_000_000, "mio": 1_000_000, "mln": 1_000_000}
_DIGIT: Final = re.compile(r"\d")
_EXCHANGED: Final = str.maketrans(".,", ",.")
_MINUS: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{FULLWIDTH HYPHEN-MINUS}": "-"})


class BadNumber(ValueError):
    """What was typed is no amount; the message is for the person."""


def parse_amount(typed: str) -> Decimal:
    """Return the amount of `$60,000`, `60 000`, `1,234.50`, `USD 12`, `-5`, in the reader's notation.

    Signs and codes of currencies are passed over: the field says which currency is meant. Raises BadNumber.
    """
    said = _BESIDE.fullmatch("".join(map(_sign, filter(_counts, typed))).translate(_MINUS))
    assert said, "takes any text"
    number = _as_with_point(said["number"])
    found = _AMOUNT.fullmatch(number)
    if not found or (said["minus"] and said["other_minus"]) or not _DIGIT.search(number):
        raise BadNumber(_advice(number))
    minus = said["minus"] or said["other_minus"]
    return Decimal(f"{minus}{found['whole'].replace(',', '') or '0'}{found['part'] or ''}")


def plain(value: Decimal) -> str:
    """Write a number exactly, without trailing zeros, for programs: 8278519.424, 10000."""
    return f"{value.normalize():f}" if value else "0"


def typed_amount(amount: Decimal | None) -> str:
    """Return an amount as people type it: with cents only where there are some, nothing for None."""
    return "" if amount is None else _as_with_point(f"{amount:.2f}".removesuffix(".00"))


def _as_with_point(text: str) -> str:
    """Exchange point and comma for a reader whose decimal mark is the comma; the same again undoes it."""
    return text.translate(_EXCHANGED) if notation().decimal == COMMA else text


def _counts(sign: str) -> bool:
    return not (sign.isspace() or sign in _GAPS)


def _sign(sign: str) -> str:
    """Return any sign of a currency as the dollar's: which it is, the field says."""
    return "$" if unicodedata.category(sign) == "Sc" else sign


def _advice(plain: str) -> str:
    if other := _OTHER_WAY.fullmatch(plain):
        meant = _as_with_point(f"{other['whole'].replace('.', '')}.{other['part']}")
        between = "Points" if notation().decimal == COMMA else "Commas"
        return f"{between} stand between thousands here. Did you mean {meant}?"
    if short := _SHORT.fullmatch(plain):
        meant = typed_amount(Decimal(short["number"]) * _UNITS[short["unit"].lower()])
        return f"Write the amount in digits. Did you mean {meant}?"
    return "Write the amount in digits, as in 60000."
