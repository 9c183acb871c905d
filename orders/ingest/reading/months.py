"""Names of months in the languages of the CLDR, as a number; a name that languages give to two months is none.

`listopad` is October in Croatian and November in Polish and Czech: nobody can read it without knowing the language.
"""

import re
from functools import cache
from typing import Final

from babel import Locale
from babel.localedata import locale_identifiers

from prm.core.words.unseen import plain

_SHORTEST: Final = 3
# `1st`, `2nd`, `1er`, and `1o` for the ordinal sign of Spanish and Portuguese.
_ORDINAL: Final = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|[oa])(?![^\W_])", re.IGNORECASE)
# "of the year", as Russian, Bulgarian and Ukrainian write it behind.
_YEAR_WORD: Final = re.compile(r"\s?[гр]\.?$")
_FIRST_WORD: Final = re.compile(r"([^\W\d_]{2,12})(?:-feira)?\.?,?\s+(?=[^\W_])")
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
# Whose names are looked at first: with those of all languages even "May" would be three months.
_USUAL: Final = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "hu", "ro", "hr", "sl", "sr", "bs", "bg", "mk", "ru", "uk",
    "be", "el", "tr", "az", "sv", "da", "nb", "nn", "fi", "is", "et", "lv", "lt", "ga", "ca", "eu", "gl", "sq", "he", "ar",
    "fa", "hi", "id", "ms", "vi", "th", "ka", "hy", "kk", "af",
)  # fmt: skip


def month_of(name: str) -> int | None:
    """Return the month that a name means in every language that has it; None for no month or two."""
    months = months_of(name)
    return next(iter(months)) if len(months) == 1 else None


def months_of(name: str) -> frozenset[int]:
    """Return all months that a name means: in the usual languages, and when none has it, in any."""
    key = _key(name)
    found = _months_in(_USUAL).get(key)
    if found is None and len(key) >= _SHORTEST:
        found = _months_in(_all_languages()).get(key)
    return found or frozenset()


def without_ornaments(text: str) -> str:
    """Return a date that names its month without what says nothing more: the day of the week before, `st` of `1st`."""
    text = _YEAR_WORD.sub("", _ORDINAL.sub("", text))
    first = _FIRST_WORD.match(text)
    if first is None:
        return text
    rest = text[first.end() :]
    # Some language has a month of every name: the word is one only where no other is.
    is_month = bool(months_of(first[1])) and not any(months_of(word) for word in _WORD.findall(rest))
    return text if is_month else rest


def _key(name: str) -> str:
    return plain(name).casefold().strip(" .")


@cache
def _all_languages() -> tuple[str, ...]:
    """Return the languages; their countries differ in nothing but spelling that is among these."""
    return tuple(sorted(name for name in locale_identifiers() if "_" not in name))


@cache
def _months_in(languages: tuple[str, ...]) -> dict[str, frozenset[int]]:
    """Return the months by name, whole and short, as they stand in dates and alone."""
    found: dict[str, set[int]] = {}
    for language in languages:
        for forms in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in forms.get(width, {}).items():
                    if len(key := _key(name)) >= _SHORTEST and not key.isdecimal():
                        found.setdefault(key, set()).add(number)
    return {name: frozenset(months) for name, months in found.items()}
