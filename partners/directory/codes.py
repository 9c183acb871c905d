"""How a referral code is compared: one rule, whoever writes the code.

Order systems write the same code in many ways (`17850`, `17850.0`, ` 17850 `). Two spellings are the
same code when their normal forms are equal. The rule, in this order:

1. compatibility forms are folded (NFKC: full-width digits, ligatures), characters that nobody sees are dropped, and hyphens
   and apostrophes of typography are those of a keyboard;
2. blanks around the code are dropped (space, tab, line ends, form feed, no-break space), and several inside it are one;
3. ASCII letters become capitals (other letters stay);
4. a float tail of a whole number is dropped (`17850.0` and `17850.00` become `17850`).

Leading zeros and separators are kept: `007` and `40-2217` are not `7` and `402217`.
"""

import re

from prm.core.words.unseen import plain, typed

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_CAPITALS = str.maketrans(_LOWER, _LOWER.upper())
_FLOAT_TAIL = re.compile(r"([0-9]+)\.0+\Z")


def normalise(code: str) -> str:
    """Give the normal form of a code as written; "" when there is nothing but blanks."""
    text = " ".join(typed(plain(code)).split()).translate(_CAPITALS)
    whole = _FLOAT_TAIL.match(text)
    return whole.group(1) if whole else text


def luhn_digit(digits: str) -> str:
    """Give the Luhn check digit (ISO/IEC 7812) that belongs behind `digits`."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def npi_with_check_digit(nine: str) -> str:
    """Complete the first nine digits of a US National Provider Identifier.

    The check digit is Luhn's over the card prefix 80840 and the nine digits (CMS, NPI check digit).
    """
    return nine + luhn_digit("80840" + nine)


def npi_of(text: str) -> str:
    """Return an NPI in its normal form: blanks, dashes and points between its figures are no part of it (`123 456 7893`)."""
    normal = normalise(text)
    bare = re.sub(r"[\s.\-]", "", normal)
    return bare if bare.isascii() and bare.isdecimal() else normal


def normal_of(scheme: str, code: str) -> str:
    """Return the normal form of a code of a scheme."""
    return npi_of(code) if scheme.strip().casefold() == "npi" else normalise(code)


def is_npi(text: str) -> bool:
    """Say whether a text is a well-formed NPI: ten digits with the right check digit."""
    return bool(re.fullmatch(r"[12][0-9]{9}", text)) and npi_with_check_digit(text[:9]) == text
