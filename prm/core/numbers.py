"""Numbers as people type them, with errors that say what was probably meant."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

from prm.core.notation.reader import notation
from prm.core.notation.styles import COMMA

# The decimal mark is that of everything the reader sees; here it is the point. Between thousands may stand
# commas, spaces, apostrophes. The last group has three digits; groups of two before it are Indian (1,00,000).
# Where the comma is the decimal mark, both change places before and after.
_GAPS: Final = "'\N{RIGHT SINGLE QUOTATION MARK}_"
_AMOUNT: Final = re.compile(
    r"(?P<minus>-?)[A-Za-z]{0,3}(?P<other_minus>-?)"
    r"(?P<whole>\d{1,3}(?:,\d{2,3})*,\d{3}|\d*)(?P<part>\.\d*)?[A-Za-z]{0,3}"
)
# The same number with point and comma the other way round: 12,5 or 1.234,50.
_OTHER_WAY: Final = re.compile(
    r"-?[A-Za-z]{0,3}-?(?P<whole>\d{1,3}(?:\.\d{3})*|\d+),(?P<part>\d+)[A-Za-z]{0,3}"
)
_DIGIT: Final = re.compile(r"\d")
_EXCHANGED: Final = str.maketrans(".,", ",.")
_MINUS: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{FULLWIDTH HYPHEN-MINUS}": "-"})


class BadNumber(ValueError):
    """What was typed is no amount; the message is for the person."""


def parse_amount(typed: str) -> Decimal:
    """Return the amount of `$60,000`, `60 000`, `1,234.50`, `USD 12`, `-5`, in the reader's notation.

    Signs and codes of currencies are passed over: the field says which currency is meant. Raises BadNumber.
    """
    plain = _as_with_point("".join(filter(_counts, typed)).translate(_MINUS))
    found = _AMOUNT.fullmatch(plain)
    if not found or (found["minus"] and found["other_minus"]) or not _DIGIT.search(plain):
        raise BadNumber(_advice(plain))
    minus = found["minus"] or found["other_minus"]
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
    return not (sign.isspace() or sign in _GAPS or unicodedata.category(sign) == "Sc")


def _advice(plain: str) -> str:
    if other := _OTHER_WAY.fullmatch(plain):
        meant = _as_with_point(f"{other['whole'].replace('.', '')}.{other['part']}")
        between = "Points" if notation().decimal == COMMA else "Commas"
        return f"{between} stand between thousands here. Did you mean {meant}?"
    return "Write the amount in digits, as in 60000."
