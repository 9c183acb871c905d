"""Numbers as people and systems write them: signs before and behind, groups, currency signs, exponents."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import NULL, clean, is_error, shown
from orders.ingest.states import RejectReason
from prm.core.money import CURRENCY_WORDS, ISO_4217, currency_sign

# Before the point: what MoneyField and the quantity can hold, with room for the product of both.
LARGEST_QUANTITY: Final = Decimal(10) ** 9
LARGEST_PRICE: Final = Decimal(10) ** 12

_LONGEST: Final = 40
# Signs of one character (€, £, ¥ …), as CLDR knows them; codes of letters are no part of a number.
_SIGNS: Final = "".join(sorted({sign for sign in map(currency_sign, ISO_4217) if len(sign) == 1}))
# Spaces between thousands: plain, no-break, narrow, thin and figure space; one kind of mark in one number.
_SPACES: Final = " \u00a0\u202f\u2009\u2007"
_APOSTROPHES: Final = "'\u2019"
# No group of thousands begins with a zero: `0,123` is a fraction with the other mark, and never 123.
_GROUPED: Final = {
    ".": re.compile(
        rf"[1-9][0-9]{{0,2}}([,{_APOSTROPHES}{_SPACES}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:\.[0-9]*)?"
    ),
    ",": re.compile(rf"[1-9][0-9]{{0,2}}([.{_APOSTROPHES}{_SPACES}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:,[0-9]*)?"),
}
_SIMPLE: Final = {
    ".": re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"),
    ",": re.compile(r"(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"),
}
# Indian groups: the last of three digits, those before of two (12,34,567.89).
_INDIAN: Final = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?")
# Codes of ISO 4217 and signs of several letters that stand before or behind an amount.
_WORDS: Final = "|".join(map(re.escape, CURRENCY_WORDS))
_MONEY_BEFORE: Final = re.compile(rf"([-+(]?)\s?(?:{_WORDS})\s?(?=[-+(0-9.,{_SIGNS}])", re.IGNORECASE)
_MONEY_BEHIND: Final = re.compile(
    rf"(?<=[0-9.,)\-\u2013\u2014])\s?(?:{_WORDS})(?=\s?(?:CR|DR)?[-)]?$)", re.IGNORECASE
)
#: Signs that stand for one currency alone, with its code; those of several are in `SHARED_SIGNS`.
OWN_SIGNS: Final = {
    sign: code
    for code in ("EUR", "GBP", "INR", "BRL", "KRW", "ILS", "VND", "NGN", "UAH", "PHP")
    if (sign := currency_sign(code).strip()) and not sign.isalpha()
} | {
    "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "₺": "TRY", "TL": "TRY", "₸": "KZT",
    "฿": "THB", "円": "JPY", "元": "CNY", "원": "KRW", "RM": "MYR", "US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD",
    "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "MX$": "MXN", "S$": "SGD",
}  # fmt: skip
_KRONOR: Final = ("SEK", "NOK", "DKK", "ISK")
_RUPEES: Final = ("INR", "PKR", "LKR", "NPR", "MUR", "SCR")
_LEI: Final = ("RON", "MDL")
_FRANCS: Final = ("CHF", "XOF", "XAF", "XPF")
#: Signs that several currencies have, the most usual of them first.
SHARED_SIGNS: Final = {
    "$": (
        "USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP", "UYU", "DOP", "BBD", "BMD", "BND",
        "BSD", "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD",
    ),
    "¥": ("JPY", "CNY"), "\\": ("JPY",), "kr": _KRONOR, "kr.": _KRONOR, "Rs": _RUPEES, "Rs.": _RUPEES, "lei": _LEI,
    "Fr": _FRANCS, "Fr.": _FRANCS,
}  # fmt: skip
_MONEY_WORD: Final = re.compile(r"[^\d\s.,'’()+\-\u2013\u2212]+\.?")
_SAYS_MONEY: Final = re.compile(r"[A-DF-Za-df-z$\\]")
_SHARED: Final = {sign.casefold(): sign for sign in SHARED_SIGNS}
_HAS_LETTER: Final = re.compile(r"[^\W\d_]|\$")
# The yen sign of Japanese files: Shift-JIS has it where ASCII has the backslash.
_YEN: Final = re.compile(r"[-(]?\\[0-9]")
_OTHER: Final = {".": ",", ",": "."}
# "12,-" and "12.\u2014" are twelve and no cents; the dash is no minus.
_NO_CENTS: Final = {
    ".": re.compile(r"([0-9][^.]*)\.(?:-{1,2}|[\u2013\u2014])"),
    ",": re.compile(r"([0-9][^,]*),(?:-{1,2}|[\u2013\u2014])"),
}
_CREDIT: Final = re.compile(r"(.*[0-9.,)])\s?(CR|DR)", re.IGNORECASE)
# Dashes of typography before a number are a minus.
_DASHES: Final = ("\u2010", "\u2011", "\u2012", "\u2013")
_FORMS: Final = str.maketrans(
    {"\N{MINUS SIGN}": "-", "\uff0d": "-", "\ufe63": "-", "\uff0b": "+", "\uffe5": "\u00a5", "\uff0e": ".", "\uff0c": ",", "\uff08": "(", "\uff09": ")",
     "\u066b": ".", "\u066c": "'", "\u200e": None, "\u200f": None}
)  # fmt: skip


def parse_number(raw: str, mark: str) -> Decimal | None:
    """Return the number that a text stands for, or None: `1,234.50`, `-5`, `5-`, `(5)`, `5 CR`, `$5`, `USD 5`, `5 kr`, `1e3`.

    `12,34,567.89` has Indian groups. `12.-` is twelve and no cents. Between thousands stands one kind of mark.
    """
    text = _money_off((raw if raw.isascii() else _in_ascii(raw, mark)).strip())
    negative = False
    if text[-1:] in "RrDd" and (credit := _CREDIT.fullmatch(text)):
        # A credit is money that goes back.
        negative, text = credit[2].upper() == "CR", credit[1].strip()
        if text[:1] in "-+(":
            return None
    sign, text = _sign_off(text, mark)
    negative = negative != (sign == "-")
    text = text.strip().lstrip(_SIGNS).rstrip(_SIGNS).strip()
    if text[-1:] in "-\u2013\u2014" and (whole := _NO_CENTS[mark].fullmatch(text)):
        text = whole[1]
    if grouped := _GROUPED[mark].fullmatch(text):
        text = text.replace(grouped[1], "")
    elif mark == "." and _INDIAN.fullmatch(text):
        text = text.replace(",", "")
    elif not _SIMPLE[mark].fullmatch(text):
        return None
    number = Decimal(text.replace(",", "."))
    return -number if negative else number


def _sign_off(text: str, mark: str) -> tuple[str, str]:
    """Return a number's sign, before or behind it or as brackets, and the rest; a dash for no cents is no sign."""
    if text.startswith("(") and text.endswith(")"):
        return "-", text[1:-1]
    if text.startswith(("-", "+")):
        return text[0], text[1:]
    if text.endswith("-") and text[-2:-1] not in (mark, "-", " "):
        return "-", text[:-1]
    return "", text


def _money_off(text: str) -> str:
    """Return a text without the sign or code of a currency, and with a minus for a dash before the number."""
    if text[:1] in _DASHES:
        text = f"-{text[1:]}"
    if _HAS_LETTER.search(text):
        text = _without_words(text)
    text = text.lstrip(_SIGNS).strip()
    if _YEN.match(text):
        text = text.replace("\\", "", 1)
    return f"-{text[1:]}" if text[:1] in _DASHES else text


def _without_words(text: str) -> str:
    """Return a text without one code or sign of letters: before (`USD 5`, `-R$ 5`) or behind (`5 kr`), not both."""
    without = _MONEY_BEFORE.sub(r"\1", text, count=1) if _MONEY_BEFORE.match(text) else text
    return _MONEY_BEHIND.sub("", text) if without == text else without


def _in_ascii(text: str, mark: str) -> str:
    """Return a text with the digits and signs of other scripts as those of ASCII; \u00b2 and \u00bd are no digits."""
    if "\u066b" in text and mark == ",":
        text = text.replace("\u066b", ",")
    return "".join(
        str(int(sign)) if sign.isdecimal() and not sign.isascii() else sign for sign in text.translate(_FORMS)
    )


def canonical_number(raw: str, mark: str, *, limit: Decimal, places: int, what: str) -> str:
    """Return a cell as a plain number of at most `places` decimals, rounded half up; NULL when empty.

    `what` names the number in messages. Raises `BadCell` for what is no number, or not below `limit`.
    """
    text = clean(raw)
    if not text:
        if is_error(raw.strip()):
            raise BadCell(
                RejectReason.NOT_A_NUMBER, f"The {what} is an error of a spreadsheet: {shown(raw)!r}."
            )
        return NULL
    number = parse_number(text, mark) if len(text) <= _LONGEST else None
    if number is None:
        other = parse_number(text, _OTHER[mark]) if len(text) <= _LONGEST else None
        hint = " Is the decimal mark of the source right?" if other is not None else ""
        raise BadCell(RejectReason.NOT_A_NUMBER, f"The {what} {shown(text)!r} is not a number.{hint}")
    if abs(number) >= limit:
        raise BadCell(RejectReason.NUMBER_TOO_LARGE, f"The {what} {shown(text)!r} is too large.")
    rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if number else Decimal(0)
    text = format(rounded, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def sign_in(text: str) -> str:
    """Return what a number's text says of its currency: a code, a sign of `SHARED_SIGNS`, or "" for nothing."""
    if text.isascii() and not _SAYS_MONEY.search(text):
        return ""
    for word in _MONEY_WORD.findall(text):
        for form in (word, word.removesuffix(".")):
            if form in OWN_SIGNS:
                return OWN_SIGNS[form]
            if form.upper() in ISO_4217:
                return str(form.upper())
            if shared := _SHARED.get(form.casefold()):
                return shared
    return ""


def currencies_of(sign: str) -> tuple[str, ...]:
    """Return the currencies that what `sign_in` found can stand for."""
    return SHARED_SIGNS.get(sign) or ((sign,) if sign else ())


def currency_in(text: str) -> str:
    """Return the one currency that a number's text names, "" for none and for a sign of several (`$`)."""
    named = currencies_of(sign_in(text))
    return named[0] if len(named) == 1 else ""
