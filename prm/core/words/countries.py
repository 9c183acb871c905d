"""Countries: their codes (ISO 3166-1 alpha-2), their names, and what people write for them.

Names are from Unicode's CLDR as Babel carries it. What a person or a system writes is read in several languages,
as code of two or three letters, or by the short words that everybody knows (USA, UK).
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.core import get_global

from prm.core.errors import Refused

# Of CLDR's codes of two letters these are no countries of ISO 3166: groups, tests, islands reserved for the post.
_NO_COUNTRIES: Final = frozenset(
    ["EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"]
)
# Kosovo has no code of ISO's own; XK is the one that everybody uses.

LANGUAGES: Final = (
    "en", "de", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "hu", "ro", "tr", "el", "ru", "uk", "ja",
    "zh", "ko", "ar",
)  # fmt: skip
"""In these a name is read. The same word in two of them means what it means in the one named first."""

_SHORT: Final = {
    "US": ("usa", "us of a", "united states of america", "america", "vereinigte staaten von amerika", "amerika", "états unis d amérique"),
    "GB": ("uk", "great britain", "britain", "england", "scotland", "wales", "northern ireland", "großbritannien", "grande bretagne"),
    "NL": ("holland", "the netherlands"),
    "CZ": ("czech republic", "tschechische republik"),
    "TR": ("turkey",),
    "KR": ("korea", "republic of korea", "south korea"),
    "KP": ("north korea", "democratic people s republic of korea"),
    "RU": ("russian federation",),
    "CN": ("people s republic of china", "mainland china"),
    "HK": ("hong kong",),
    "MO": ("macao", "macau"),
    "TW": ("taiwan province of china", "taiwan r o c"),
    "MK": ("macedonia",),
    "SZ": ("swaziland",),
    "MM": ("burma", "myanmar"),
    "CV": ("cabo verde",),
    "TL": ("east timor",),
    "CI": ("ivory coast",),
    "VN": ("viet nam",),
    "IR": ("iran islamic republic of",),
    "SY": ("syrian arab republic",),
    "LA": ("lao people s democratic republic",),
    "MD": ("republic of moldova", "moldova republic of"),
    "TZ": ("united republic of tanzania", "tanzania united republic of"),
    "VE": ("venezuela bolivarian republic of",),
    "BO": ("bolivia plurinational state of",),
    "BN": ("brunei darussalam",),
    "VA": ("vatican", "holy see vatican city state"),
    "PS": ("palestine", "state of palestine"),
    "CD": ("democratic republic of the congo", "congo the democratic republic of the"),
    "CG": ("congo", "republic of the congo"),
    "IE": ("republic of ireland", "eire"),
    "DE": ("federal republic of germany", "bundesrepublik deutschland", "brd"),
    "AE": ("uae",),
    "AT": ("oesterreich",),
}  # fmt: skip


def _names(language: str) -> dict[str, str]:
    """Return the names of countries in a language, by code."""
    return {
        code: name
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }


@lru_cache(maxsize=1)
def _english() -> dict[str, str]:
    return _names("en")


def folded(text: str) -> str:
    """Return a name without case, accents and marks, as it is compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark))
    return re.sub(r"[\W_]+", " ", bare).strip()


@lru_cache(maxsize=1)
def _meant() -> dict[str, str]:
    """Return codes by what is written for them, folded."""
    found: dict[str, str] = {}
    for code in _english():
        found[code.casefold()] = code
    for code, words in _SHORT.items():
        found |= {folded(word): code for word in words}
    for other, codes in get_global("territory_aliases").items():
        if len(other) == 3 and other.isalpha() and codes[0] in _english():
            found.setdefault(other.casefold(), codes[0])
    for language in LANGUAGES:
        for code, name in _names(language).items():
            found.setdefault(folded(name), code)
    return found


def country_code(text: str) -> str:
    """Return the country that is meant, "" for none: `DE` for `de`, `DEU`, `Germany`, `Deutschland`, `Allemagne`."""
    words = folded(text)
    # U.S.A. is three words to the eye of a machine.
    together = words.replace(" ", "") if re.fullmatch(r"\w( \w)+", words) else words
    return _meant().get(words) or _meant().get(together, "")


def country_meant(said: str) -> str:
    """Return the code of the country that is meant, "" for nothing said. Raises `Refused` for what is none."""
    found = country_code(said)
    if said and not found:
        words = f"“{said[:60]}” is no country that is known here. Write its name or its code, such as Germany or DE."
        raise Refused(words, field="country", code="invalid")
    return found


def country_name(code: str) -> str:
    """Return a country's name in English; what is no code comes back as it is."""
    return _english().get(code, code)


@lru_cache(maxsize=1)
def country_choices() -> tuple[tuple[str, str], ...]:
    """Return all countries as (code, name), by name."""
    return tuple(sorted(_english().items(), key=lambda pair: folded(pair[1])))
