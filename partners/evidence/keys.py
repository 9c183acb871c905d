"""The forms in which e-mail addresses, phones, names and places are compared: equal forms are the same."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from prm.core.words.spelling import spelling_key

_DIGIT: Final = re.compile(r"[0-9]")
_BETWEEN_DIGITS: Final = re.compile(r"[\s.\-/]")
_WORD: Final = re.compile(r"[^\W_]+")
# Digits at the end by which phones are compared: a country's code and the nought before an area's are left out.
PHONE_DIGITS: Final = 9
_LEAST_DIGITS: Final = 7
#: Words that say what somebody is and not who, as the directory keeps words.
TITLES: Final = frozenset(
    [
        "dr",
        "prof",
        "professor",
        "md",
        "do",
        "np",
        "pa",
        "rn",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "phd",
        "dds",
        "dmd",
        "msc",
        "dipl",
        "med",
        "herr",
        "frau",
        "mme",
        "mlle",
        "sr",
        "sra",
        "dott",
        "ing",
        "inc",
        "llc",
        "llp",
        "ltd",
        "pllc",
        "pc",
        "pa",
        "plc",
        "co",
        "corp",
        "gmbh",
        "ag",
        "kg",
        "sa",
        "sarl",
        "bv",
        "the",
        "and",
        "und",
        "of",
    ]
)


def email_key(text: str) -> str:
    """Return an address in small letters without blanks."""
    return text.strip().lower()


#: Addresses at these say nothing of who somebody is.
_PUBLIC: Final = frozenset(
    [
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
        "aol.com", "gmx.de", "gmx.net", "web.de", "t-online.de", "proton.me", "protonmail.com", "msn.com", "mail.com",
    ]
)  # fmt: skip


def domain_key(text: str) -> str:
    """Return the domain of an e-mail address or a website, "" for none and for those that everybody has one at."""
    host = (
        text.strip().lower().rpartition("@")[2].partition("://")[2] or text.strip().lower().rpartition("@")[2]
    )
    host = re.split(r"[/:?#]", host, maxsplit=1)[0].removeprefix("www.")
    return host if "." in host and host not in _PUBLIC else ""


def phone_key(text: str) -> str:
    """Return the last digits of a phone, "" when there are too few to tell anybody."""
    digits = "".join(
        str(unicodedata.digit(sign)) for sign in text.partition("ext")[0] if unicodedata.digit(sign, -1) >= 0
    )
    return digits[-PHONE_DIGITS:] if len(digits) >= _LEAST_DIGITS else ""


def place_key(text: str) -> str:
    """Return the words of a place, in small letters without accents; `Koeln` is `Köln`."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    words = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    return " ".join(map(spelling_key, words))


def digits_key(text: str) -> str:
    """Return a number that people write in groups (`123 456 7893`, `12-3456789`) without what stands between; others as they are."""
    bare = _BETWEEN_DIGITS.sub("", text)
    return bare if bare.isdecimal() else text


def name_key(words: Collection[str]) -> frozenset[str]:
    """Return the words of a name that say who it is; all of them when they are nothing but titles."""
    return frozenset(words) - TITLES or frozenset(words)
