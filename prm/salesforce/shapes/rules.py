"""What can be kept in step of a mapping, given how Salesforce describes its object. Pure functions.

Each object and each field rests by itself; everything else goes on. What a description does not say is taken for
possible: a refusal will show it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Record
from dataclasses import replace
from enum import StrEnum
from typing import TypedDict, TypeVar

from prm.mapping import Field, Kind, Mapping, Parent

T = TypeVar("T", Field, Parent)

OBJECT = ""
"""The name under which an object as a whole rests."""


class Why(StrEnum):
    """Why something rests."""

    UNSEEN = "unseen"  # hidden, renamed or deleted: from outside these look alike
    TYPE = "type"  # it has become a field of another type
    READ_ONLY = "read_only"
    NOT_MADE = "not_made"  # existing records may be changed, new ones not made


class FieldFacts(TypedDict):
    """What is remembered of one field: whether it may be changed, and given to a new record."""

    type: str
    writes: bool
    makes: bool


class Facts(TypedDict):
    """What is remembered of an object's description; `visible` false: there is none for us."""

    visible: bool
    label: str
    makes: bool
    writes: bool
    fields: dict[str, FieldFacts]


UNSEEN: Facts = {"visible": False, "label": "", "makes": False, "writes": False, "fields": {}}

_TEXT = frozenset(
    {"string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url", "id", "encryptedstring"}
)  # fmt: skip
_NUMBER = frozenset({"double", "currency", "percent", "int", "long"})
_TYPES: Record[Kind, frozenset[str]] = {
    Kind.NUMBER: _NUMBER,
    Kind.CURRENCY: _NUMBER,
    Kind.PERCENT: _NUMBER,
    Kind.DATE: frozenset({"date"}),
    Kind.MOMENT: frozenset({"datetime"}),
    Kind.FLAG: frozenset({"boolean"}),
    Kind.RECORD_TYPE: frozenset({"reference"}),
    Kind.OWNER: frozenset({"reference"}),
}


def facts_of(described: Record[str, object]) -> Facts | None:
    """Return what counts of a description; `None` when it is none."""
    fields = described.get("fields")
    if not isinstance(fields, list):
        return None
    found: dict[str, FieldFacts] = {}
    for each in fields:
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            is_open = each.get("calculated") is not True
            found[each["name"]] = {
                "type": str(each.get("type") or ""),
                "writes": is_open and each.get("updateable") is not False,
                "makes": is_open and each.get("createable") is not False,
            }
    return {
        "visible": True,
        "label": str(described.get("label") or ""),
        "makes": described.get("createable") is not False,
        "writes": described.get("updateable") is not False,
        "fields": found,
    }


def resting(mapping: Mapping, facts: Facts) -> dict[str, Why]:
    """Return what of a mapping rests, by name in Salesforce; `OBJECT` for all of it."""
    if not facts["visible"]:
        return {OBJECT: Why.UNSEEN}
    if mapping.external_id not in facts["fields"]:
        return {mapping.external_id: Why.UNSEEN}
    if not facts["writes"] and mapping.pushed:
        return {OBJECT: Why.READ_ONLY}
    found: dict[str, Why] = {} if facts["makes"] or not mapping.pushed else {OBJECT: Why.NOT_MADE}
    parents = {parent.there for parent in mapping.parents}
    for one in mapping.columns:
        why = _why(one, facts["fields"].get(one.there), is_reference=one.there in parents)
        if why is not None:
            found[one.there] = why
    return found


def _why(one: Field, facts: FieldFacts | None, *, is_reference: bool) -> Why | None:
    if facts is None:
        return Why.UNSEEN
    fitting = frozenset({"reference", "id"}) if is_reference else _TYPES.get(one.kind, _TEXT)
    if facts["type"] and facts["type"] not in fitting:
        return Why.TYPE
    is_open = facts["makes"] if one.fixed or one.once else facts["writes"]
    return None if is_open or not one.pushes else Why.READ_ONLY


def effective(mapping: Mapping, rests: Iterable[tuple[str, str]]) -> Mapping | None:
    """Return the mapping without what rests (pairs of name and `Why`); `None` when nothing of it is left.

    A field that may only be read stays and is `closed`. Without the field of a required parent, or the name by which
    people know a record, no new records are made. Without a field that it is counted by, it cannot be counted there.
    """
    known = dict(rests)
    whole = known.get(OBJECT)
    if mapping.external_id in known or whole == Why.UNSEEN:
        return None
    lost = {name for name, why in known.items() if why in (Why.UNSEEN, Why.TYPE)}
    closed = {name for name, why in known.items() if why == Why.READ_ONLY}
    if whole == Why.READ_ONLY:
        closed |= {one.there for one in mapping.columns}
    needed = {parent.there for parent in mapping.parents if parent.required} | {mapping.title}
    fields = tuple(_kept(mapping.fields, lost, closed))
    return replace(
        mapping,
        fields=fields,
        sums=mapping.sums if mapping.sums and mapping.sums.fields <= {one.here for one in fields} else None,
        parents=tuple(_kept(mapping.parents, lost, closed)),
        creates=mapping.creates and whole is None and not needed & (lost | closed),
    )


def _kept(columns: Sequence[T], lost: set[str], closed: set[str]) -> Iterable[T]:
    return (
        replace(one, closed=True) if one.there in closed else one for one in columns if one.there not in lost
    )
