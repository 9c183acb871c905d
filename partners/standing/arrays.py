"""Many partners at once: one array per value, one place per partner.

What is the same for many is computed and written once, what differs goes through numpy, and texts are
made only for those who need them. Nothing here knows what a value means.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]
Marks = npt.NDArray[np.uint64]
Column = npt.NDArray[Any]
"""An array of whatever numpy can hold."""


def as_json(value: object) -> str:
    """Write a value as compact JSON."""
    return json.dumps(value, separators=(",", ":"))


# --- texts made when needed ---------------------------------------------------------------------


class Texts(Protocol):
    """A text per place. Equal marks mean equal texts, so a change can be seen without writing them."""

    def marks(self) -> list[Marks]:
        """Numbers that stand for the texts, one or more columns of them."""

    def texts(self, places: Longs) -> list[str]:
        """Return the texts at some places."""


class Coded:
    """Texts of which there are few different ones: each is kept once, `which` is its number per place."""

    def __init__(self, kinds: Sequence[str], which: Longs) -> None:
        self.kinds = kinds
        self.which = which

    def marks(self) -> list[Marks]:
        """Return one column."""
        return [np.array([_mark_of(kind) for kind in self.kinds], dtype=np.uint64)[self.which]]

    def texts(self, places: Longs) -> list[str]:
        """Return the texts at some places."""
        return [self.kinds[kind] for kind in self.which[places].tolist()]


class Written:
    """JSON objects made of columns.

    `cases` are kinds of partners with different members: who they are, and each member as an array in
    their order (of integers, floats, days or texts) or as one value that all of them share. Places
    that are in no case have an empty object.
    """

    def __init__(self, count: int, *cases: tuple[Flags, Mapping[str, object]]) -> None:
        self.count = count
        self.cases = cases

    def marks(self) -> list[Marks]:
        """Return one column per member."""
        columns: list[Marks] = []
        for who, members in self.cases:
            for name, member in members.items():
                column = np.zeros(self.count, dtype=np.uint64)
                if isinstance(member, np.ndarray):
                    column[who] = marks_of(member) ^ _mark_of(name)
                else:
                    column[who] = _mark_of(f"{name}{member}")
                columns.append(column)
        return columns

    def texts(self, places: Longs) -> list[str]:
        """Return the objects at some places."""
        found = np.full(len(places), "{}", dtype=object)
        for who, members in self.cases:
            row = np.cumsum(who) - 1
            asked = who[places]
            found[asked] = _objects(members, row[places[asked]])
        return list(found.tolist())


def _objects(members: Mapping[str, object], rows: Longs) -> list[str]:
    heads: list[str] = []
    varying: list[list[object]] = []
    for name, member in members.items():
        if isinstance(member, np.ndarray):
            heads.append(f'"{name}":%s')
            varying.append(_literals(member[rows]))
        else:
            heads.append(f'"{name}":{as_json(member)}'.replace("%", "%%"))
    template = f"{{{','.join(heads)}}}"
    if not varying:
        return [template % ()] * len(rows)
    return [template % row for row in zip(*varying, strict=True)]


def _literals(column: Column) -> list[object]:
    if column.dtype.kind == "i":
        return list(column.tolist())
    if column.dtype.kind == "f":
        return list(map(repr, column.tolist()))
    if column.dtype.kind == "M":
        return ["null" if day == "NaT" else f'"{day}"' for day in iso_days(column)]
    return list(map(as_json, column.tolist()))


def iso_days(days: Days) -> list[str]:
    """Write days as 2026-11-23; each different one is written once."""
    different, which = np.unique(days, return_inverse=True)
    texts = np.datetime_as_string(different).tolist()
    return [texts[at] for at in which.tolist()]


def number_texts(numbers: Floats) -> list[str]:
    """Write numbers of which many are the same as Python does; each different one is written once."""
    different, which = np.unique(numbers, return_inverse=True)
    texts = list(map(repr, different.tolist()))
    return [texts[at] for at in which.tolist()]


def money_texts(amounts: Longs) -> list[str]:
    """Write ten-thousandths as exact decimals with four places, as the database does."""
    return [
        f"{units}.{rest:04}" if amount >= 0 else f"-{units}.{rest:04}"
        for amount in amounts.tolist()
        for units, rest in (divmod(abs(amount), 10_000),)
    ]


# --- fingerprints -------------------------------------------------------------------------------


def _mark_of(text: str) -> np.uint64:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big"))


def marks_of(column: Column) -> Marks:
    """Give a number per place that stands for the value there: the same bits for the same value only."""
    if column.dtype.kind in "OU":
        different, which = np.unique(column.astype(str), return_inverse=True)
        return np.array([_mark_of(text) for text in different.tolist()], dtype=np.uint64)[which]
    wide = column.astype(np.float64) if column.dtype.kind == "f" else column.astype(np.int64)
    return wide.view(np.uint64)


def fingerprints(seed: str, count: int, columns: Iterable[Marks]) -> tuple[Longs, Longs]:
    """Mix the marks of each place into one of 128 bits, as two columns; `seed` goes into all.

    Every step can be undone, so two places that differ in one value only never collide.
    """
    one = np.full(count, _mark_of(seed), dtype=np.uint64)
    other = np.full(count, _mark_of(f"{seed}*"), dtype=np.uint64)
    for column in columns:
        one = (one ^ column) * np.uint64(0x9E3779B97F4A7C15)
        one ^= one >> np.uint64(32)
        other = (other + column) * np.uint64(0xC2B2AE3D27D4EB4F)
        other ^= other >> np.uint64(29)
    return one.view(np.int64), other.view(np.int64)


def fingerprint_texts(one: Longs, other: Longs) -> list[str]:
    """Write fingerprints with 32 hexadecimal digits."""
    pairs = zip(one.view(np.uint64).tolist(), other.view(np.uint64).tolist(), strict=True)
    return [f"{high:016x}{low:016x}" for high, low in pairs]


# --- arithmetic ---------------------------------------------------------------------------------

# Python rounds to the nearest decimal, numpy's way may differ where a half is not exact in binary.
_HALF = 1e-6


def rounded(values: Floats, digits: int) -> Floats:
    """Round as Python's `round` does, each number to the same last digit."""
    scaled = values * 10.0**digits
    near = np.flatnonzero(np.abs(scaled - np.floor(scaled) - 0.5) < _HALF)
    result = np.rint(scaled) / 10.0**digits
    result[near] = [round(value, digits) for value in values[near].tolist()]
    return np.asarray(result, dtype=np.float64)


def months_since(days: Days, month: date) -> Longs:
    """Count how many months `month` is after that of each day; 0 where there is no day."""
    number = (month.year - 1970) * 12 + month.month - 1
    count = number - days.astype("datetime64[M]").astype(np.int64)
    return np.where(np.isnat(days), 0, count)


def once_each(*keys: Column) -> tuple[list[int], Longs]:
    """Find partners that are alike in all keys.

    Out: the place of one partner of each kind, and for every partner the number of its kind. A rule
    that depends on nothing else needs to be asked once per kind.
    """
    if not len(keys[0]):
        return [], np.zeros(0, dtype=np.int64)
    code = np.zeros(len(keys[0]), dtype=np.int64)
    for key in keys:
        column = np.unique(key, return_inverse=True)[1]
        # Numbered anew at every step, so that the numbers cannot outgrow their type.
        code = np.unique(code * (int(column.max()) + 1) + column, return_inverse=True)[1]
    _, first, which = np.unique(code, return_index=True, return_inverse=True)
    return first.tolist(), which
