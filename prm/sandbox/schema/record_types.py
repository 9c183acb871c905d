"""Record types: those of each object, and how describe and queries show them."""

from __future__ import annotations

from collections.abc import Iterable

from prm.sandbox.kit.types import Json, JsonObject
from prm.sandbox.schema.fields import CLOSED, flag, ref, text
from prm.sandbox.schema.models import Entity, Field, RecordType, entity

MASTER_ID = "012000000000000AAA"
FIELD = "RecordTypeId"
PERSON_TYPE = "PersonAccount"
"""The developer name of the record type that comes with person accounts."""


_TRAITS = ("person", "default", "inactive", "unavailable")


def read_types(text: str) -> list[JsonObject]:
    """Return what a person typed as it is turned on: “Account.Clinic default, Account.Doctor person”. Raise ValueError."""
    found: list[JsonObject] = []
    for each in text.split(","):
        if not (words := each.split()):
            continue
        sobject, _, name = words[0].partition(".")
        if unknown := set(words[1:]) - set(_TRAITS):
            raise ValueError(f"a record type is {', '.join(_TRAITS)}, not {min(unknown)}")
        found.append({
            "object": sobject, "name": name, "person": "person" in words, "default": "default" in words,
            "active": "inactive" not in words, "available": "unavailable" not in words,
        })  # fmt: skip
    return found


def typed(types: Iterable[JsonObject]) -> str:
    """Return record types as `read_types` reads them."""
    return ", ".join(
        " ".join(
            [
                f"{each['object']}.{each['name']}",
                *(name for name in ("person", "default") if each[name]),
                *(
                    word
                    for word, name in (("inactive", "active"), ("unavailable", "available"))
                    if not each[name]
                ),
            ]
        )
        for each in types
    )


def record_type_entity(*, persons: bool) -> Entity:
    """Return the object that lists them; with person accounts it says which are theirs."""
    return entity(
        "RecordType",
        "012",
        text("Name", 80, **CLOSED),
        text("DeveloperName", 80, **CLOSED),
        text("NamespacePrefix", 15, **CLOSED),
        text("SobjectType", 40, **CLOSED),
        flag("IsActive", **CLOSED),
        *([flag("IsPersonType", **CLOSED)] if persons else []),
        writable=False,
        recycles=False,
        setup=True,
    )


def field() -> Field:
    """Return the field by which a record says of which type it is; an object without types has none."""
    return ref(FIELD, "RecordType", label="Record Type ID")


def infos(types: Iterable[RecordType], base: str) -> list[Json]:
    """Return `recordTypeInfos` of a describe answer: the types, and the master one, which stands where none does."""
    known = [*types]
    found = [
        _info(each.label, each.name, each.id, base, active=each.active, available=each.available, default=each.default)
        for each in known
    ]  # fmt: skip
    plain = not any(each.default and not each.person for each in known)
    return [*found, _info("Master", "Master", MASTER_ID, base, active=True, available=True, default=plain)]


def _info(
    label: str, name: str, record_id: str, base: str, *, active: bool, available: bool, default: bool
) -> Json:
    return {
        "active": active,
        "available": available and active,
        "defaultRecordTypeMapping": default,
        "developerName": name,
        "master": record_id == MASTER_ID,
        "name": label,
        "recordTypeId": record_id,
        "urls": {"layout": f"{base}/describe/layouts/{record_id}"},
    }
