r"""Texts of cells: freed of blanks, quoted in messages, written in PostgreSQL's COPY text format.

What an exporter or a spreadsheet writes for nothing (`NULL`, `nan`, `#N/A`, `-`, characters that nobody sees)
is nothing, in every field: never a code, a name or a state.

In that format backslash, tab and line ends are escaped and `\N` is NULL, so equal content is equal text.
"""

import re
import unicodedata
from typing import Final

from orders.ingest.errors import BadCell
from orders.ingest.states import RejectReason

NULL: Final = "\\N"

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r"}
_SHOWN: Final = 60

# Without width or ink: format characters of Unicode, soft hyphens, fillers, the braille blank.
_UNSEEN: Final = "".join(
    map(chr, (0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
              *range(0x2060, 0x2070), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0))
)  # fmt: skip
_DROP_UNSEEN: Final = str.maketrans("", "", _UNSEEN)
_BLANKS: Final = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028,
                                   0x2029, 0x202F, 0x205F, 0x3000)))  # fmt: skip
_EDGES: Final = _BLANKS + _UNSEEN

# Words for nothing, in small letters: of databases and programs, and for "not available".
NOTHING: Final = frozenset(
    {"null", "(null)", "<null>", "\\n", "none", "nan", "<na>", "n/a", "n.a.", "undefined", "-", "--", "---",
     "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}"}
)  # fmt: skip
# Errors that a spreadsheet shows instead of a value, with those of its German, French, Spanish, Italian and
# Portuguese editions.
_ERROR: Final = re.compile(
    r"#(N/A|N/D|NV|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|BUSY!|CONNECT!|UNKNOWN!|DATA!"
    r"|GETTING_DATA|BEZUG!|WERT!|ZAHL!|FELD!|NOM\?|NOMBRE!|VALEUR!|NUL!|\u00a1REF!|\u00a1VALOR!|\u00bfNOMBRE\?"
    r"|\u00a1NUM!|\u00a1NULO!|\u00a1DIV/0!|RIF!|VALORE!|NOME\?|VALOR!|NULO!|BRUCH!|ÜBERLAUF!)",
    re.IGNORECASE,
)
_MOST_OF_A_WORD: Final = 16


def escape(text: str) -> str:
    """Return a text as COPY's text format takes it."""
    return text.translate(_ESCAPES)


def unescape(text: str) -> str:
    """Return the opposite of `escape`; NULL becomes "" (for messages and corrections)."""
    if text == NULL:
        return ""
    return re.sub(r"\\(.)", lambda match: _UNESCAPED.get(match[1], match[1]), text)


def shown(raw: str) -> str:
    """Return a cell as it is quoted in a message: short, on one line."""
    line = " ".join(raw.replace("\0", "␀").split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 3]}…"


def clean(raw: str) -> str:
    """Return a cell without the blanks around it, "" for a word that says nothing.

    Raises `BadCell` for a NUL, which no text can hold.
    """
    if "\0" in raw:
        raise BadCell(RejectReason.NUL_CHARACTER, f"{shown(raw)!r} holds a NUL character.")
    text = raw.strip() if raw.isascii() else raw.strip(_EDGES)
    return "" if len(text) <= _MOST_OF_A_WORD and says_nothing(text) else text


def says_nothing(text: str) -> bool:
    """Return whether a text without blanks around it is empty, a word for nothing or a spreadsheet's error."""
    return not text or text.lower() in NOTHING or is_error(text)


def is_error(text: str) -> bool:
    """Return whether a text is the error that a spreadsheet shows instead of a value."""
    return text.startswith("#") and _ERROR.fullmatch(text) is not None


def plain(text: str) -> str:
    """Return a text in the form in which texts are compared: NFKC, without characters that nobody sees."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_DROP_UNSEEN)).strip()
