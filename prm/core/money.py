"""Currencies: which exist, how they are written, and in which parts they are paid.

Codes and signs are from Unicode's CLDR as Babel carries it; the parts are those of ISO 4217, because CLDR
gives what is customary in shops (no fractions of a dinar in Iraq), and books are kept in what exists.
"""

from functools import lru_cache
from typing import Final

from babel.core import get_global
from babel.numbers import get_currency_symbol

# Active codes of ISO 4217 that CLDR does not give as any country's money (ISO 4217 list one of
# 2026-01-01, six-group.com): El Salvador's colón, the digital bolívar, the Arab accounting dinar.
_BESIDE_CLDR: Final = frozenset({"SVC", "VED", "XAD"})


def _in_use() -> frozenset[str]:
    """Return the codes that some country's money has now: no funds, metals, tests, nothing withdrawn."""
    uses = (use for country in get_global("territory_currencies").values() for use in country)
    return frozenset(code for code, _since, until, is_tender in uses if is_tender and until is None)


ISO_4217: Final = _in_use() | _BESIDE_CLDR

CURRENCY_WORDS: Final = (
    *sorted(ISO_4217), "R$", "US$", "CA$", "C$", "A$", "AU$", "NZ$", "HK$", "NT$", "MX$", "S$", "RM", "Rs.", "Rs",
    "kr.", "kr", "zł", "Kč", "Ft", "lei", "Fr.", "Fr", "руб.", "руб", "TL", "₺", "₽", "₸", "฿", "円", "元", "원",
)  # fmt: skip
"""What people and systems write beside an amount for a currency, in letters or with them; a longer word is before its beginning."""


@lru_cache(maxsize=512)
def currency_sign(code: str) -> str:
    """Return what is written before an amount: `$` for USD, `CHF ` for codes whose sign readers do not know.

    After a letter or a full stop stands a no-break space, as CLDR has it.
    """
    sign = get_currency_symbol(code, locale="en") if code else ""
    return f"{sign}\N{NO-BREAK SPACE}" if sign[-1:].isalpha() or sign.endswith(".") else sign


# Minor units other than hundredths (ISO 4217 list one of 2026-01-01, six-group.com).
_MINOR_UNITS: Final = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def currency_decimals(code: str) -> int:
    """Return how many decimals the smallest amount of a currency has: 2 for most, 0 for JPY, 3 for KWD."""
    return _MINOR_UNITS.get(code, 2)
