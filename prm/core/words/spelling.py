"""Letters that a keyboard or a program lacks, written as two: `Mueller` for `Müller`, `Soerensen` for `Sørensen`, `Aabo` for `Åbo`.

Words are given as the database splits names: in small letters, without accents (`ß` is `ss` there already). That two are
one word in two spellings is likely and never certain: `Muller` is a name as well.
"""

import re
import unicodedata
from itertools import islice, product
from typing import Final

# As two letters are written for one, and the letter without its mark.
_PAIR: Final = re.compile("ae|oe|ue|aa")
_WORD: Final = re.compile("[a-z0-9]+")
_MOST_WAYS: Final = 8
_WRITTEN_OUT: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"}
    | {"Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa", "Æ": "Ae", "Œ": "Oe"}
)
# Letters that are none with a mark to Unicode.
_ASCII: Final = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d",
     "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "ħ": "h", "Ħ": "H"}
)  # fmt: skip


def spelling_key(word: str) -> str:
    """Return the form in which two spellings of one word are the same: `mueller` and `muller` are `muller`."""
    shorter = _PAIR.sub(lambda pair: pair[0][0], word)
    return shorter if shorter == word else spelling_key(shorter)


def spellings(word: str) -> set[str]:
    """Return a word with its pairs of letters as they are and as one letter each, at most eight ways."""
    parts = _PAIR.split(word)
    pairs = [(pair, pair[0]) for pair in _PAIR.findall(word)]
    ways = islice(product(*pairs), _MOST_WAYS)
    return {"".join(sign for both in zip(parts, (*way, ""), strict=True) for sign in both) for way in ways}


def written_out(name: str) -> str:
    """Return a name with two letters for each of those that keyboards lack; as it is where it has none."""
    return unicodedata.normalize("NFC", name).translate(_WRITTEN_OUT)


def in_ascii(text: str) -> str:
    """Return a text without the marks of its letters; signs of other scripts are left out."""
    plain = unicodedata.normalize("NFKD", text.translate(_ASCII))
    return plain.encode("ascii", "ignore").decode()


def is_plainer(text: str, full: str) -> bool:
    """Return whether a text is another, full one as a program writes it that has plain letters only (`MUELLER` for `Müller`)."""
    return text.isascii() and not full.isascii() and _letters(text) == _letters(full)


def _letters(text: str) -> list[str]:
    return [spelling_key(word) for word in _WORD.findall(in_ascii(text).lower())]
