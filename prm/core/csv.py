"""CSV as the product writes it: comma, CRLF, quotes where needed, and no cell that runs as a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

# What spreadsheets take for the start of a formula, full-width forms too (OWASP: CSV injection).
_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
_NEGATIVE_NUMBER: Final = re.compile(r"-[0-9]+([.,][0-9]+)*", re.ASCII)


def disarm(text: str) -> str:
    """Return text that no spreadsheet runs: an apostrophe goes before what begins a formula.

    A plain negative number (`-12.50`) stays as it is. `+1` does not: it is a telephone code or a name.
    """
    if text.startswith(_STARTS_A_FORMULA) and not _NEGATIVE_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_text(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table as CSV. Texts are disarmed; numbers and dates are written plainly, None as nothing."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(disarm, header))
    for row in rows:
        writer.writerow([disarm(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def armed(text: str) -> str:
    """Return a cell that no spreadsheet runs and from which `unarmed` gets back what it was, to the letter."""
    return f"'{text}" if _is_armed_by_apostrophe(text) else text


def unarmed(text: str) -> str:
    """Return what was `armed`."""
    return text[1:] if text.startswith("'") and _is_armed_by_apostrophe(text[1:]) else text


def _is_armed_by_apostrophe(text: str) -> bool:
    return disarm(text) != text or (text.startswith("'") and _is_armed_by_apostrophe(text[1:]))


def delimited_text(rows: Iterable[Sequence[str]], *, delimiter: str, quote: str, escape: str = "") -> str:
    """Return rows in the form that another system writes; cells are the caller's to arm."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=delimiter,
        quotechar=quote,
        escapechar=escape or None,
        doublequote=not escape,
        quoting=csv.QUOTE_ALL if escape else csv.QUOTE_MINIMAL,
    )
    writer.writerows(rows)
    return out.getvalue()
