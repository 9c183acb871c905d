"""Which records an organisation would refuse, by what it tells of its fields. No database.

Validation rules, flows, lookup filters and duplicate rules are in no description: only a record that is really
written meets them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from prm.mapping import Mapping as Mapped
from prm.mapping import Normal, Values
from prm.mapping.persons import CURE, IS_PERSON, OFF_THERE, RECORD_TYPE, TURN_ON
from prm.salesforce.adoption.outcome import Refusal
from prm.salesforce.wire.client import Record

_FILLED: Final = frozenset({"OwnerId", "RecordTypeId"})
"""Salesforce fills them where we do not, whatever a description says of them."""


class Described:
    """An object as its organisation describes it."""

    def __init__(self, description: Record) -> None:
        self.label = str(description.get("label") or description.get("name") or "")
        self.creates = bool(description.get("createable", True))
        self.fields: dict[str, Record] = {str(one["name"]): one for one in description.get("fields") or ()}

    def has(self, name: str) -> bool:
        """Whether the field is there and we may see it."""
        return name in self.fields

    def required(self) -> list[Record]:
        """Return the fields without which no record can be made, and that Salesforce does not fill."""
        return [
            one
            for name, one in self.fields.items()
            if one.get("createable") and not one.get("nillable") and not one.get("defaultedOnCreate")
            and one.get("type") != "boolean" and name not in _FILLED
        ]  # fmt: skip


def refusals(
    one: Mapped,
    described: Described,
    normals: Mapping[str, Normal],
    *,
    creates: bool,
    parents: AbstractSet[str],
    person: bool = False,
) -> Iterator[Refusal]:
    """Yield why a record would be refused, or some of its fields; `parents` are references that it will have.

    The name of a `person` is put together there, of a first and a last name.
    """
    if creates:
        filled = {name for name, value in normals.items() if value is not None} | parents | {one.external_id}
        filled |= {one.title} if person else set()
        missing = [each for each in described.required() if each["name"] not in filled]
        if missing:
            yield _required(missing)
    for name, value in normals.items():
        about = described.fields.get(name)
        if about is not None and isinstance(value, str):
            yield from _value(one, about, name, value, creates=creates)


def form_refusal(
    one: Mapped, values: Values, unfit: Mapping[str, str], twin: Record | None
) -> Refusal | None:
    """Return why nothing of a record would be exchanged: another form there, no persons there, no name or record type for one."""
    persons, person = one.persons, one.is_person(values)
    if persons is None:
        return None
    # What was read before persons were chosen does not say what it is; the engine reads it anew.
    if twin is not None and persons.is_chosen and (IS_PERSON in twin or not persons.is_on):
        words = persons.mismatch(here=person, there=twin.get(IS_PERSON) is True, noun=one.singular)
        return Refusal("", "ANOTHER_FORM", words, CURE) if words else None
    if twin is not None:
        return None
    if person and not persons.is_on:
        return Refusal("", "NO_PERSON_ACCOUNTS", OFF_THERE, TURN_ON)
    named = next((each.there for each in one.fields if each.here == persons.names[0]), "")
    for name in (named, RECORD_TYPE):
        if name in unfit and (person or name == RECORD_TYPE):
            return Refusal("", "UNFIT", unfit[name], "Until then it waits here; nothing of it is sent.")
    return None


def _required(missing: list[Record]) -> Refusal:
    names = [str(each["name"]) for each in missing]
    labels = [f"“{each.get('label') or each['name']}”" for each in missing]
    return Refusal(
        "",
        "REQUIRED_FIELD_MISSING",
        f"REQUIRED_FIELD_MISSING: Required fields are missing: [{', '.join(names)}]",
        f"Nothing here fills {', '.join(labels)}. In Salesforce: Setup, Object Manager, Fields & Relationships: "
        "give a default value, or untick “Required”.",
    )


def _value(one: Mapped, about: Record, name: str, value: str, *, creates: bool) -> Iterator[Refusal]:
    field = one.column(name)
    label = str(about.get("label") or name)
    writes = about.get("createable") if creates else about.get("updateable")
    if field is None or not field.pushes:
        return
    needed = not about.get("nillable") and not about.get("defaultedOnCreate")
    if not writes:
        yield Refusal(
            "",
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"INVALID_FIELD_FOR_INSERT_UPDATE: Unable to create/update fields: {name}.",
            f"Give the integration user Edit Access to “{label}”, or leave it as it is: the field then only comes from there.",
            whole=False,
        )
    elif about.get("restrictedPicklist") and value not in _active(about):
        yield Refusal(
            "",
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: {label}: bad value for restricted picklist field: {value}",
            f"The list has: {', '.join(sorted(_active(about))[:8])}. Add the value there, or change it here.",
            whole=bool(needed and creates),
        )
    elif about.get("type") in ("string", "textarea", "url", "phone", "email") and len(value) > _room(about):
        yield Refusal(
            "",
            "STRING_TOO_LONG",
            f"STRING_TOO_LONG: {label}: data value too large: (max length={_room(about)})",
            "Shorten it here, or make the field longer there.",
            whole=bool(needed and creates),
        )


def _room(about: Record) -> int:
    return int(about.get("length") or 0) or 10**9


def _active(about: Record) -> set[str]:
    return {str(each["value"]) for each in about.get("picklistValues") or () if each.get("active")}
