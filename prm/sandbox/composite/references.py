"""References such as `@{account.id}` to the results of earlier requests."""

from __future__ import annotations

import re

from prm.sandbox.kit.types import Json

_REFERENCE = re.compile(r"@\{([A-Za-z][A-Za-z0-9_]*)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")


class UnknownReferenceError(Exception):
    """A reference that leads to nothing; the text is the reference."""


def _look_up(reference: re.Match[str], results: dict[str, Json]) -> Json:
    value: Json = results.get(reference.group(1))
    for step in _STEP.finditer(reference.group(2)):
        name, index = step.groups()
        if name is not None and isinstance(value, dict):
            value = value.get(name)
        elif index is not None and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            value = None
    if value is None:
        raise UnknownReferenceError(reference.group())
    return value


def fill_text(text: str, results: dict[str, Json]) -> str:
    """Return the text with every reference in it replaced; raise UnknownReferenceError."""
    return _REFERENCE.sub(lambda found: str(_look_up(found, results)), text)


def fill(value: Json, results: dict[str, Json]) -> Json:
    """Return the value with every reference in it replaced; raise UnknownReferenceError."""
    if isinstance(value, str):
        whole = _REFERENCE.fullmatch(value)
        return _look_up(whole, results) if whole else fill_text(value, results)
    if isinstance(value, dict):
        return {key: fill(each, results) for key, each in value.items()}
    if isinstance(value, list):
        return [fill(each, results) for each in value]
    return value
