"""Order numbers and codes: compared as people see them, and refused where a spreadsheet has changed them.

Folded, since nobody can see the difference: compatibility forms (NFKC: full-width digits, ligatures), characters
without ink, hyphens and apostrophes of typography, and the `.0` that a program has put behind a whole number.
Letters of different scripts stay different, whatever they look like; one word of both kinds is refused, as one of
them is a slip.
"""

import re
from typing import Final

from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import clean, plain, shown
from orders.ingest.states import RejectReason

DATE_CELL: Final = " (date cell)"
"""Stands behind a date of a workbook's cell, as `orders.doors.files.unpack` writes it."""

# What a spreadsheet makes of a long number: 4.50012E+11, and 1.2345678901234568e+18 of sixteen digits and more.
_SHORTENED: Final = re.compile(
    r"-?[0-9](?:[.,][0-9]+)?[eE][+-][0-9]{2,3}|-?[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|-?[0-9]{16,}[.,]0+",
    re.ASCII,
)
_FLOAT_TAIL: Final = re.compile(r"([0-9]+)\.0+", re.ASCII)
_TYPOGRAPHY: Final = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
    | dict.fromkeys("\u2018\u2019\u02bc\u2032", "'")
)
# Letters of Greek and Cyrillic that look like a Latin one.
_LOOKS_LATIN: Final = frozenset(
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd"
    "\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u051a\u051b\u051c\u051d"
)
_LATIN: Final = re.compile(r"[A-Za-z]")
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_WORD: Final = re.compile(r"[^\W_]+")


def identifier(raw: str, what: str) -> str:
    """Return an order number or a code as it is compared, "" when there is none.

    `what` names it in messages. Raises `BadCell` for one that a spreadsheet has changed, and for letters of two
    scripts that look alike.
    """
    text = clean(raw)
    if not text.isascii():
        text = plain(text).translate(_TYPOGRAPHY)
        _check_letters(text, what)
    if _SHORTENED.fullmatch(text):
        raise BadCell(
            RejectReason.CHANGED_BY_SPREADSHEET,
            f"The {what} {shown(text)!r} is a long number that a spreadsheet has shortened; its last digits are lost."
            " Export it again as text.",
        )
    if text.endswith(DATE_CELL):
        raise BadCell(
            RejectReason.CHANGED_BY_SPREADSHEET,
            f"A spreadsheet has made a date of the {what} ({shown(text.removesuffix(DATE_CELL))})."
            " Format the column as text and enter it again.",
        )
    whole = _FLOAT_TAIL.fullmatch(text)
    return whole[1] if whole else text


def _check_letters(text: str, what: str) -> None:
    for word in _WORD.findall(text):
        others = _OTHER_SCRIPT.findall(word)
        if others and _LATIN.search(word) and _LOOKS_LATIN.issuperset(others):
            raise BadCell(
                RejectReason.MIXED_LETTERS,
                f"The {what} {shown(text)!r} has letters of two alphabets that look alike"
                f" ({', '.join(dict.fromkeys(others))} is not Latin). Type it anew.",
            )
