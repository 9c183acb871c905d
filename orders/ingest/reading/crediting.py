"""How the credit of an order is shared, as a file says it: in one cell, or in pairs of columns, put together into one text.

The first part is whose order it is: that of the source's column of codes, else the largest, of equals the first. A code of that
column that is not among the parts has what they leave of 100. What is no clear sharing is refused, in words.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from orders.ingest.errors import Contradiction
from orders.ingest.reading.texts import NULL, escape, shown, unescape
from orders.ingest.states import RejectReason
from orders.sources.credits import Credit, packed
from orders.sources.spec import CREDITS, SHARED_BETWEEN

#: So many partners share one order at most, as by hand.
MOST_PARTS: Final = 10
_WHOLE: Final = Decimal(100)
_CENT: Final = Decimal("0.01")
# `R100:60`, `R100 = 60 %`, `R100 (60)`, `R100 60%`; a code alone.
_PART: Final = re.compile(r"(?P<code>.*?\S)\s*(?:[:=(]\s*|\s)(?P<percent>[-+]?[0-9][0-9.,]*)\s*%?\s*\)?")
_WORDS: Final = re.compile(r"[;|\r\n]+")
_WORDS_AND_COMMAS: Final = re.compile(r"[;|,\r\n]+")


class Part(NamedTuple):
    """One part as it stands in a cell; `percent` is "" where it says none."""

    code: str
    percent: str


def split_credits(cell: str, decimal_mark: str) -> Iterator[Part]:
    """Yield the parts of a cell like `R100:60;R200:40`; a comma separates where it is no decimal mark."""
    between = _WORDS if decimal_mark == "," else _WORDS_AND_COMMAS
    for text in filter(None, map(str.strip, between.split(cell))):
        found = _PART.fullmatch(text)
        if found:
            yield Part(found["code"], found["percent"])
        else:
            code, _, percent = text.replace("=", ":").rpartition(":")
            yield Part(code.strip(), percent.strip()) if code.strip() else Part(text.strip(":= "), "")


def with_credits(columns: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the column of codes in which shared credit is one text (`orders.sources.credits`).

    In: judged columns of equal length, those of the credit among them. Raises `Contradiction` for parts that are unclear.
    """
    names = [name for name in ("code", *CREDITS) if name in columns]
    memory: dict[tuple[str, ...], str] = {}
    codes = []
    for row in zip(*(columns[name] for name in names), strict=True):
        if row not in memory:
            memory[row] = escape(_code_of(dict(zip(names, row, strict=True))))
        codes.append(memory[row])
    return codes


def _code_of(cells: Mapping[str, str]) -> str:
    own = unescape(cells.get("code", ""))
    parts = [part for part in _parts(cells) if part[1] != 0]
    if not parts:
        return own
    _check(parts)
    total = sum((percent for _, percent in parts), Decimal(0))
    codes = [code for code, _ in parts]
    if own and own not in codes and total < _WHOLE:
        parts.append((own, _WHOLE - total))
    elif total != _WHOLE:
        raise _unclear(
            RejectReason.SHARES_NOT_WHOLE,
            f"The shares make {total.normalize():f} per cent, not 100.",
        )
    first = own if any(code == own for code, _ in parts) else max(parts, key=lambda part: part[1])[0]
    return packed(sorted(parts, key=lambda part: part[0] != first))


def _check(parts: Sequence[Credit]) -> None:
    codes = [code for code, _ in parts]
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise _unclear(RejectReason.SHARE_TWICE, f"{twice} is named twice among those who share the credit.")
    if len(parts) > MOST_PARTS:
        raise _unclear(
            RejectReason.SHARE_UNCLEAR, f"An order is shared between at most {MOST_PARTS} partners."
        )
    for code, percent in parts:
        if percent < 0 or percent > _WHOLE or percent != percent.quantize(_CENT):
            raise _unclear(
                RejectReason.SHARE_UNCLEAR,
                f"The share of {code} is {percent.normalize():f} per cent; a part has 0 to 100, with at most two decimals.",
            )


def _parts(cells: Mapping[str, str]) -> list[Credit]:
    """Return the parts that cells name; of one code alone without a per cent all of it."""
    if whole := cells.get("credit"):
        flat = whole.split("\t")
        pairs = list(zip(flat[::2], flat[1::2], strict=True))
    else:
        pairs = [(cells.get(credit, ""), cells.get(share, NULL)) for credit, share in SHARED_BETWEEN]
    said = [(unescape(code), percent) for code, percent in pairs if code or percent not in (NULL, "0")]
    if len(said) == 1 and said[0][0] and said[0][1] == NULL:
        return [(said[0][0], _WHOLE)]
    parts = []
    for code, percent in said:
        if not code:
            raise _unclear(RejectReason.SHARE_UNCLEAR, f"A share of {percent} per cent names nobody.")
        if percent == NULL:
            raise _unclear(RejectReason.SHARE_UNCLEAR, f"The share of {shown(code)} has no per cent.")
        parts.append((code, Decimal(percent)))
    return parts


def _unclear(reason: RejectReason, message: str) -> Contradiction:
    return Contradiction(reason, "", message)
