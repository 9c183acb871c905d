"""Record ids: 15 characters that carry case, and 3 more that make them case-safe."""

from __future__ import annotations

import hashlib
import re

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")


def checksum(id15: str) -> str:
    """Return the three letters that follow a 15-character id.

    Each group of five characters gives a five-bit number, bit k set where
    character k is an upper-case letter; the number picks a letter.
    """
    letters = []
    for start in (0, 5, 10):
        bits = sum(1 << k for k, char in enumerate(id15[start : start + 5]) if "A" <= char <= "Z")
        letters.append(_ALPHABET[bits])
    return "".join(letters)


def is_id(value: str) -> bool:
    """Tell whether the text has the shape of a record id (18 characters: with a right checksum)."""
    if not _SHAPE.match(value):
        return False
    return len(value) == 15 or to18(value) is not None


def to18(value: str) -> str | None:
    """Return the 18-character form of a 15- or 18-character id; None when it is neither.

    An 18-character id whose case was lost gets it back from the checksum.
    """
    if not _SHAPE.match(value):
        return None
    if len(value) == 15:
        return value + checksum(value)
    suffix = value[15:].upper()
    if any(letter not in _ALPHABET for letter in suffix):
        return None
    restored = []
    for position, char in enumerate(value[:15]):
        bits = _ALPHABET.index(suffix[position // 5])
        upper = bool(bits >> (position % 5) & 1)
        if upper and not char.isalpha():
            return None
        restored.append(char.upper() if upper else char.lower())
    return "".join(restored) + suffix


def pod_of(org_name: str) -> str:
    """Return two characters that differ between orgs, so that a mixed-up id is visible."""
    digest = hashlib.sha256(org_name.encode()).digest()
    return _BASE62[digest[0] % 62] + _BASE62[digest[1] % 62]


def make_id(prefix: str, pod: str, number: int) -> str:
    """Return the 18-character id of the `number`-th record with this key prefix."""
    digits = ""
    for _ in range(10):
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return (id15 := prefix + pod + digits) + checksum(id15)
