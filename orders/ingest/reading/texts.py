r"""Texts of cells: freed of blanks, quoted in messages, written in PostgreSQL's COPY text format.

In that format backslash, tab and line ends are escaped and `\N` is NULL, so equal content is equal text.
"""

import re
from typing import Final

from orders.ingest.errors import BadCell
from orders.ingest.states import RejectReason

NULL: Final = "\\N"

_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r"}
_SHOWN: Final = 60


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
    """Return a cell without the blanks around it. Raises `BadCell` for a NUL, which no text can hold."""
    if "\0" in raw:
        raise BadCell(RejectReason.NUL_CHARACTER, f"{shown(raw)!r} holds a NUL character.")
    return raw.strip()
