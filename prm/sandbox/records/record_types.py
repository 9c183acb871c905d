"""The rule of record types: one that this user may use, of this object; without one, the profile's default."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError, invalid_cross_reference
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import RecordType, Schema
from prm.sandbox.schema.persons import is_of_persons
from prm.sandbox.schema.record_types import FIELD


def settle(change: Change, schema: Schema) -> None:
    """Fill in the default of a new record, and refuse a type that is none of the object, inactive or not the profile's."""
    if FIELD not in change.entity.fields:
        return
    if FIELD in change.given:
        _check(change, schema)
    if change.row[FIELD] is None and change.old is None:
        wants_person = any(is_of_persons(name) for name in change.given if change.row[name] is not None)
        change.row[FIELD] = _default(schema.record_types[change.entity.name], person=wants_person)


def of_row(change: Change, schema: Schema) -> RecordType | None:
    """Return the type of a record, None for the master one."""
    known = schema.record_types.get(change.entity.name, [])
    return next((each for each in known if each.id == change.row.get(FIELD)), None)


def _check(change: Change, schema: Schema) -> None:
    wanted = change.row[FIELD]
    if wanted is None or (change.old and change.old[FIELD] == wanted):
        return
    if all(each.id != wanted for some in schema.record_types.values() for each in some):
        raise invalid_cross_reference(FIELD)
    found = of_row(change, schema)
    if found is None or not found.active or not (found.available or change.signature.person.admin):
        words = f"Record Type ID: this ID value isn't valid for the user: {wanted}"
        raise SandboxError("INVALID_CROSS_REFERENCE_KEY", words, fields=[FIELD])


def _default(types: list[RecordType], *, person: bool) -> str | None:
    fit = [each for each in types if each.person is person and each.active]
    return next((each.id for each in fit if each.default), fit[0].id if person and fit else None)
