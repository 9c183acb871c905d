"""The rules of person accounts: a record type makes an account one, its name comes of its parts, and a contact stands behind it."""

from __future__ import annotations

from prm.sandbox.kit.errors import SandboxError, required_missing
from prm.sandbox.kit.types import Row, Value
from prm.sandbox.records import record_types
from prm.sandbox.records.models import Change
from prm.sandbox.schema.models import Entity, Schema
from prm.sandbox.schema.persons import IS_PERSON, is_of_persons, of_contact
from prm.sandbox.schema.record_types import FIELD
from prm.sandbox.store.models import Store

_CONVERTING = "Cannot specify any additional fields when marrying or separating a Person-Account"


def account(change: Change, schema: Schema, store: Store) -> None:
    """Refuse fields of the other sort of account, and put the name of a person together."""
    if IS_PERSON not in change.entity.fields:
        return
    found = record_types.of_row(change, schema)
    is_person = found is not None and found.person
    if change.old is not None and bool(change.old[IS_PERSON]) is not is_person:
        _convert(change, schema, store, is_person=is_person)
    change.row[IS_PERSON] = int(is_person)
    _refuse_fields_of_others(change, is_person=is_person)
    _refuse_parent(change, schema, store)
    if is_person:
        if change.row["LastName"] is None:
            raise required_missing(["LastName"])
        change.row["Name"] = _name(change.row)
        if change.row["PersonContactId"] is None:
            change.row["PersonContactId"] = store.new_id(schema.entities["contact"].prefix)


def contact(change: Change, schema: Schema, store: Store) -> None:
    """Refuse a contact of a person account, and a change of the one behind it."""
    if IS_PERSON not in change.entity.fields:
        return
    account = _get(schema.entities["account"], store, change.row["AccountId"])
    if change.row[IS_PERSON] or (account is not None and account[IS_PERSON]):
        words = "The contact of a person account is changed by its account, which can have no other contact"
        raise SandboxError("INVALID_PERSON_ACCOUNT_OPERATION", words, fields=["AccountId"])


def carry(change: Change, schema: Schema, store: Store) -> None:
    """Bring the contact behind a person account into step with it."""
    if not change.row.get(IS_PERSON) or change.row.get("IsDeleted"):
        return
    entity, row = schema.entities["contact"], change.row
    values: Row = {theirs: row[ours] for ours, theirs in of_contact(change.entity).items()}
    values |= {"Name": row["Name"], "AccountId": row["Id"], IS_PERSON: 1}
    values |= change.signature.modified(entity)
    contact_id = str(row["PersonContactId"])
    if store.get(entity, contact_id) is not None:
        store.update(entity, contact_id, values)
        return
    blank: Row = {
        each.name: 0 if each.type == "boolean" else None for each in entity.fields.values() if each.type != "id"
    }  # fmt: skip
    made: Row = {"CreatedDate": change.signature.stamp, "CreatedById": change.signature.person.id}
    store.insert(entity, {**blank, "Id": contact_id, **made, **values})


def _convert(change: Change, schema: Schema, store: Store, *, is_person: bool) -> None:
    """Turn a business account with its one contact into a person account, or back: by the record type and nothing else."""
    if change.given - {FIELD}:
        raise SandboxError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            _CONVERTING,
            fields=sorted(change.given - {FIELD}),
        )
    entity, row = schema.entities["contact"], change.row
    pairs = of_contact(change.entity)
    if not is_person:
        store.update(entity, str(row["PersonContactId"]), {IS_PERSON: 0, **change.signature.modified(entity)})
        row.update(dict.fromkeys([name for name in pairs if is_of_persons(name)], None))
        row["PersonContactId"] = None
        return
    sql = f'SELECT * FROM {entity.table} WHERE "AccountId" = ? AND {entity.alive}'  # nosec B608 # names are our own, values are parameters
    people = store.rows(sql, (row["Id"],))
    if len(people) != 1:
        words = "A business account becomes a person account with exactly one contact"
        raise SandboxError("INVALID_PERSON_ACCOUNT_OPERATION", words, fields=[FIELD])
    row.update({ours: people[0][theirs] for ours, theirs in pairs.items() if is_of_persons(ours)})
    row["PersonContactId"] = people[0]["Id"]


def _refuse_fields_of_others(change: Change, *, is_person: bool) -> None:
    wrong = sorted(
        name
        for name in change.given
        if (name == "Name" if is_person else is_of_persons(name) and change.row[name] is not None)
    )
    if wrong:
        words = f"Account: bad field names on insert/update call: {', '.join(wrong)}"
        raise SandboxError("INVALID_FIELD_FOR_INSERT_UPDATE", words, fields=wrong)


def _refuse_parent(change: Change, schema: Schema, store: Store) -> None:
    parent = _get(schema.entities["account"], store, change.row["ParentId"])
    if parent is not None and (change.row[IS_PERSON] or parent[IS_PERSON]):
        words = "field integrity exception: ParentId (a person account can neither have a parent account nor be one)"
        raise SandboxError("FIELD_INTEGRITY_EXCEPTION", words, fields=["ParentId"])


def _get(entity: Entity, store: Store, record_id: Value) -> Row | None:
    return store.get(entity, str(record_id)) if record_id else None


def _name(row: Row) -> str:
    return " ".join(str(row[part]) for part in ("FirstName", "LastName") if row[part])
