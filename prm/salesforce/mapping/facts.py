"""What an organisation says of an object's fields, in a form that is kept, and in words. Pure.

The names are those of `describe` (reference: "Describe before writing").
"""

from __future__ import annotations

from collections.abc import Mapping as Record
from typing import Final, NotRequired, TypedDict

from prm.mapping import Kind
from prm.mapping.persons import RECORD_TYPE
from prm.salesforce.mapping.choices import Shape

_KINDS: Final[Record[str, Kind]] = {
    "string": Kind.TEXT, "combobox": Kind.TEXT, "encryptedstring": Kind.TEXT, "multipicklist": Kind.TEXT,
    "textarea": Kind.LONG_TEXT, "picklist": Kind.PICKLIST, "email": Kind.EMAIL, "phone": Kind.PHONE, "url": Kind.URL,
    "double": Kind.NUMBER, "int": Kind.NUMBER, "long": Kind.NUMBER, "currency": Kind.CURRENCY, "percent": Kind.PERCENT,
    "date": Kind.DATE, "datetime": Kind.MOMENT, "boolean": Kind.FLAG,
}  # fmt: skip
_WORDS: Final[Record[Kind, str]] = {
    Kind.TEXT: "text", Kind.LONG_TEXT: "long text", Kind.PICKLIST: "picklist", Kind.EMAIL: "e-mail",
    Kind.PHONE: "phone", Kind.URL: "address", Kind.NUMBER: "number", Kind.CURRENCY: "money", Kind.PERCENT: "per cent",
    Kind.DATE: "date", Kind.MOMENT: "date and time", Kind.FLAG: "yes or no", Kind.RECORD_TYPE: "record type",
    Kind.OWNER: "user",
}  # fmt: skip
# Salesforce fills them where we do not, whatever a description says of them.
_FILLED: Final = frozenset({"OwnerId", RECORD_TYPE})
MOST_VALUES: Final = 1000


class FieldFacts(TypedDict):
    """What counts of one field. `values` are the active ones of a picklist, `needed`: no record can be without it.

    `away` are record types that we may not use, by developer name, with why; `persons` those of person accounts, where that was asked.
    """

    label: str
    type: str
    length: int
    precision: int
    scale: int
    needed: bool
    makes: bool
    writes: bool
    calculated: bool
    restricted: bool
    values: list[str]
    unique: bool
    external_id: bool
    refers_to: list[str]
    away: NotRequired[dict[str, str]]
    persons: NotRequired[list[str]]


Facts = Record[str, FieldFacts]


def facts_of(described: Record[str, object]) -> dict[str, FieldFacts]:
    """Return what counts of the fields of a description, by name."""
    fields = described.get("fields")
    found: dict[str, FieldFacts] = {}
    for each in fields if isinstance(fields, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            found[each["name"]] = _field(each)
    if RECORD_TYPE in found:
        found[RECORD_TYPE]["away"] = _away(described)
    return found


def _away(described: Record[str, object]) -> dict[str, str]:
    """Return the record types that we may not use, by developer name, with why."""
    return {
        str(one["developerName"]): "inactive" if one.get("active") is False else "not available to us"
        for one in _types(described)
        if one.get("active") is False or one.get("available") is False
    }


def _types(described: Record[str, object]) -> list[Record[str, object]]:
    found = described.get("recordTypeInfos")
    return [
        one
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, dict)
        and one.get("master") is not True
        and one.get("developerName")
        and one.get("recordTypeId")
    ]


def _field(each: Record[str, object]) -> FieldFacts:
    makes, is_flag = each.get("createable") is not False, each.get("type") == "boolean"
    empty = each.get("nillable") is not False or each.get("defaultedOnCreate") is True
    choices = each.get("picklistValues")
    active = [str(one["value"]) for one in choices if one.get("active")] if isinstance(choices, list) else []
    refers = each.get("referenceTo")
    return {
        "label": str(each.get("label") or each["name"]),
        "type": str(each.get("type") or ""),
        "length": _whole(each.get("length")),
        "precision": _whole(each.get("precision")),
        "scale": _whole(each.get("scale")),
        "needed": makes and not empty and not is_flag and each["name"] not in _FILLED,
        "makes": makes,
        "writes": each.get("updateable") is not False and each.get("calculated") is not True,
        "calculated": each.get("calculated") is True,
        "restricted": each.get("restrictedPicklist") is True,
        "values": active[:MOST_VALUES],
        "unique": each.get("unique") is True,
        "external_id": each.get("externalId") is True,
        "refers_to": [str(one) for one in refers] if isinstance(refers, list) else [],
    }


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0


def record_types_of(described: Record[str, object]) -> dict[str, str]:
    """Return the ids of the record types that we may use, by developer name; the master one is none of them."""
    return {
        str(one["developerName"]): str(one["recordTypeId"])
        for one in _types(described)
        if one.get("available") is not False and one.get("active") is not False
    }


def kind_of(name: str, facts: FieldFacts) -> Kind | None:
    """Return the kind of a field; `None` for one that no value of ours fits (a reference, an address, a file)."""
    if name == RECORD_TYPE:
        return Kind.RECORD_TYPE
    if facts["type"] == "reference" and "User" in facts["refers_to"]:
        return Kind.OWNER
    return _KINDS.get(facts["type"])


def shape_of(name: str, facts: FieldFacts) -> Shape | None:
    """Return what is kept of a field that is chosen; `None` for one that cannot be."""
    kind = kind_of(name, facts)
    if kind is None:
        return None
    return Shape(kind=kind, length=facts["length"] or 255, scale=facts["scale"], label=facts["label"])


def words_of(name: str, facts: FieldFacts) -> str:
    """Return what a field is in a few words: “text 80, required”."""
    kind = kind_of(name, facts)
    if kind is None:
        words = f"reference to {' or '.join(facts['refers_to'][:2])}" if facts["refers_to"] else facts["type"]
    elif kind in (Kind.NUMBER, Kind.CURRENCY, Kind.PERCENT):
        words = f"{_WORDS[kind]} {facts['precision'] - facts['scale']}.{facts['scale']}"
    elif kind is Kind.PICKLIST:
        words = f"picklist of {len(facts['values'])}{', only these' if facts['restricted'] else ''}"
    elif kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.PHONE, Kind.EMAIL, Kind.URL):
        words = f"{_WORDS[kind]} {facts['length']}" if facts["length"] else _WORDS[kind]
    else:
        words = _WORDS[kind]
    more = [
        ("required", facts["needed"]),
        ("unique", facts["unique"]),
        ("external id", facts["external_id"]),
        ("formula", facts["calculated"]),
        ("we may only read it", not facts["writes"] and not facts["calculated"]),
    ]
    return ", ".join([words, *(word for word, holds in more if holds)])
