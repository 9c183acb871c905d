"""Characters that nobody sees, and texts in the form in which they are compared."""

import unicodedata
from typing import Final

#: Without width or ink: format characters of Unicode, soft hyphens, fillers, the braille blank.
UNSEEN: Final = "".join(
    map(chr, (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
              *range(0x2060, 0x2070), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0, *range(0xE0000, 0xE0080),
              *range(0xE0100, 0xE01F0)))
)  # fmt: skip
_DROP_UNSEEN: Final = str.maketrans("", "", UNSEEN)
_TYPOGRAPHY: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u02bc\u2032", "'")
)


def plain(text: str) -> str:
    """Return a text in the form in which texts are compared: NFKC, without characters that nobody sees."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_DROP_UNSEEN)).strip()


def folded(text: str) -> str:
    """Return a text by which words are told apart: as `plain` has it, without case, single blanks between."""
    return " ".join(plain(text).casefold().split())


def typed(text: str) -> str:
    """Return a text with the hyphens and apostrophes of typography as a keyboard has them."""
    return text if text.isascii() else text.translate(_TYPOGRAPHY)
