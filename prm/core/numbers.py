"""Numbers as people type them, with errors that say what was probably meant."""

import re
import unicodedata
from decimal import Decimal
from typing import Final

# As in everything the product writes, the point is the decimal mark; between thousands may stand commas,
# spaces, apostrophes. The last group has three digits; groups of two before it are Indian (1,00,000).
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
_MINUS: Final = str.maketrans({"\N{MINUS SIGN}": "-", "\N{FULLWIDTH HYPHEN-MINUS}": "-"})


class BadNumber(ValueError):
    """What was typed is no amount; the message is for the person."""


def parse_amount(typed: str) -> Decimal:
    """Return the amount of `$60,000`, `60 000`, `1,234.50`, `USD 12`, `-5`.

    Signs and codes of currencies are passed over: the field says which currency is meant. Raises BadNumber.
    """
    plain = "".join(filter(_counts, typed)).translate(_MINUS)
    found = _AMOUNT.fullmatch(plain)
    if not found or (found["minus"] and found["other_minus"]) or not _DIGIT.search(plain):
        raise BadNumber(_advice(plain))
    minus = found["minus"] or found["other_minus"]
    return Decimal(f"{minus}{found['whole'].replace(',', '') or '0'}{found['part'] or ''}")


def typed_amount(amount: Decimal | None) -> str:
    """Return an amount as people type it: with cents only where there are some, nothing for None."""
    return "" if amount is None else f"{amount:.2f}".removesuffix(".00")


def _counts(sign: str) -> bool:
    return not (sign.isspace() or sign in _GAPS or unicodedata.category(sign) == "Sc")


def _advice(plain: str) -> str:
    if other := _OTHER_WAY.fullmatch(plain):
        meant = f"{other['whole'].replace('.', '')}.{other['part']}"
        return f"Commas stand between thousands here. Did you mean {meant}?"
    return "Write the amount in digits, as in 60000."
