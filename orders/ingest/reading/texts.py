r"""Texts of cells: freed of blanks, quoted in messages, written in PostgreSQL's COPY text format.

What an exporter or a spreadsheet writes for nothing (`NULL`, `nan`, `#N/A`, `-`, characters that nobody sees)
is nothing, in every field: never a code, a name or a state. `="0017"`, as programs write it for spreadsheets, is 0017.

In that format backslash, tab and line ends are escaped and `\N` is NULL, so equal content is equal text.
"""

import re
from typing import Final

from orders.ingest.errors import BadCell
from orders.ingest.states import RejectReason
from prm.core.words.unseen import UNSEEN

NULL: Final = "\\N"

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r"}
_SHOWN: Final = 60

_BLANKS: Final = "".join(map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028,
                                   0x2029, 0x202F, 0x205F, 0x3000)))  # fmt: skip
_EDGES: Final = _BLANKS + UNSEEN

# Words for nothing, in small letters: of databases and programs, and for "not available" in several languages.
_IN_BRACKETS: Final = (
    "null",
    "none",
    "nil",
    "nan",
    "nat",
    "na",
    "n/a",
    "blank",
    "empty",
    "leer",
    "vide",
    "undefined",
)
NOTHING: Final = frozenset(
    {"null", "\\n", "none", "nil", "nan", "nat", "+nan", "-nan", "1.#qnan", "-1.#ind", "#null", "#missing", "#n/a n/a", "n/a", "n\\a", "n.a.", "n. a.",
     "n.a", "n/d", "n.d.", "s/d", "k.a.", "k. a.", "k.a", "n.v.t.", "n/v", "undefined", "not available",
     "not applicable", "no data", "null value", "missing value", "[object object]", "\N{HORIZONTAL ELLIPSIS}", "...",
     *(f"{left}{word}{right}" for left, right in ("()", "<>", "[]", "{}") for word in _IN_BRACKETS)}
)  # fmt: skip
# Dashes of any kind, however many: `-`, `--`, `\u2014`.
_DASHES: Final = frozenset(
    "-_\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2500\u2e3a\u2e3b\ufe58\ufe63\uff0d\u30fc\uff3f"
)
# Errors that a spreadsheet shows instead of a value, with those of its German, French, Spanish, Italian and
# Portuguese editions.
_ERROR: Final = re.compile(
    r"#(N/A|N/D|NV|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|BUSY!|CONNECT!|UNKNOWN!|DATA!"
    r"|GETTING_DATA|BEZUG!|WERT!|ZAHL!|FELD!|NOM\?|NOMBRE!|VALEUR!|NUL!|\u00a1REF!|\u00a1VALOR!|\u00bfNOMBRE\?"
    r"|\u00a1NUM!|\u00a1NULO!|\u00a1DIV/0!|RIF!|VALORE!|NOME\?|VALOR!|NULO!|BRUCH!|ÜBERLAUF!)",
    re.IGNORECASE,
)
_MOST_OF_A_WORD: Final = 16
# How a text is kept from a spreadsheet that would make a number of it: `="0017"`.
_AS_TEXT: Final = re.compile(r'="((?:[^"]|"")*)"')


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
    if text.startswith('="') and (kept := _AS_TEXT.fullmatch(text)):
        text = kept[1].replace('""', '"').strip(_EDGES)
    return "" if len(text) <= _MOST_OF_A_WORD and says_nothing(text) else text


def says_nothing(text: str) -> bool:
    """Return whether a text without blanks around it is empty, a word for nothing or a spreadsheet's error."""
    return not text or text.lower() in NOTHING or _DASHES.issuperset(text) or is_error(text)


def is_error(text: str) -> bool:
    """Return whether a text is the error that a spreadsheet shows instead of a value."""
    return text.startswith("#") and _ERROR.fullmatch(text) is not None
