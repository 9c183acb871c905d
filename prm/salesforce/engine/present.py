"""The present values of records here, as they are compared: field by field, parents by their Salesforce ids.

A record that is a person on one side only is no case for fields: nothing of it is exchanged, and that is said (`differs`). What
it is there stands with what both sides agreed on (`IS_PERSON`), as it was read last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass, field
from uuid import UUID

from prm.mapping import Mapping, Normal, Values, parse_moment
from prm.mapping.persons import CURE, IS_PERSON, OFF_THERE
from prm.salesforce.engine import store
from prm.salesforce.engine.models import AtRest, RecordLink, SyncProblem
from prm.salesforce.mapping import registry

Key = tuple[str, UUID]
"""A record by mapping and id."""

NOT_THERE = frozenset({RecordLink.State.DELETED_THERE, RecordLink.State.AGAIN})


@dataclass(slots=True)
class Present:
    """One record as it is here.

    `normals` are its values by field name in Salesforce, a parent as its Salesforce id; what cannot go there
    is left out of them and named with its reason in `unfit`. `missing` are parents that are not in Salesforce
    (yet), `blocked` those of them without which the record cannot be there. `person`: it is to be a person there.
    """

    normals: dict[str, Normal]
    unfit: dict[str, str]
    title: str = ""
    person: bool = False
    missing: list[Key] = field(default_factory=list)
    blocked: list[Key] = field(default_factory=list)


def present(mapping: Mapping, ids: Sequence[UUID]) -> dict[UUID, Present]:
    """Return the records of a mapping that are kept in step; a constant number of queries."""
    values = mapping.read(ids)
    parents, persons = _parents(mapping, values)
    found = {record_id: _present(mapping, one, parents, persons) for record_id, one in values.items()}
    _without_resting(found)
    return found


def _without_resting(found: Record[UUID, Present]) -> None:
    """Wait for no parent that is outside the scope; what cannot be there without it rests with it."""
    missing = {key for each in found.values() for key in each.missing if key not in each.blocked}
    if not missing:
        return
    ids = [record_id for _mapping, record_id in missing]
    at_rest = set(AtRest.objects.filter(record_id__in=ids).values_list("mapping", "record_id"))
    for each in found.values() if at_rest else ():
        each.missing = [key for key in each.missing if key not in at_rest or key in each.blocked]


def _present(mapping: Mapping, values: Values, parents: Record[Key, str], persons: set[Key]) -> Present:
    normals, unfit = mapping.normals(values)
    found = Present(normals, unfit, store.title_of(mapping, normals), mapping.is_person(values))
    if found.person:
        found.title = _title_here(mapping, values) or found.title
    for parent in mapping.parents:
        if not mapping.has(parent.here, person=found.person):
            continue
        parent_id = values.get(parent.here)
        if not isinstance(parent_id, UUID):
            normals[parent.there] = None
            continue
        key = (parent.mapping, parent_id)
        if key in persons and not parent.persons:
            unfit[parent.there] = (
                f"{parent.field.words}: it is a person account in Salesforce, to which nothing of this kind can belong."
            )
            continue
        if key in parents:
            normals[parent.there] = parents[key]
            continue
        found.missing.append(key)
        if parent.required:
            found.blocked.append(key)
    return found


def _title_here(mapping: Mapping, values: Values) -> str:
    """Return what a record is called here, which a person there is in parts."""
    return next((str(values.get(one.here) or "") for one in mapping.fields if one.there == mapping.title), "")


def _parents(mapping: Mapping, values: Record[UUID, Values]) -> tuple[dict[Key, str], set[Key]]:
    """Return the Salesforce ids of the parents that are there (of one that was merged the survivor's), and who is a person there."""
    found: dict[Key, str] = {}
    persons: set[Key] = set()
    for key in {parent.mapping for parent in mapping.parents}:
        heres = [parent.here for parent in mapping.parents if parent.mapping == key]
        wanted = {one.get(here) for one in values.values() for here in heres}
        ids: Iterable[UUID] = [one for one in wanted if isinstance(one, UUID)]
        for record_id, link in store.links_of(registry.mapping(key), ids).items():
            if link.state not in NOT_THERE:
                found[(key, record_id)] = link.merged_into or link.sf_id
                if link.agreed.get(IS_PERSON) is True:
                    persons.add((key, record_id))
    return found, persons


# --- a person there or a business -------------------------------------------------------------------


def note_there(mapping: Mapping, link: RecordLink, row: Record[str, object]) -> None:
    """Remember of a record that was read when it was saved there, and whether it is a person."""
    link.modstamp = parse_moment(str(row["SystemModstamp"]))
    if IS_PERSON not in mapping.marks or IS_PERSON not in row:
        return
    is_person = row[IS_PERSON] is True
    if link.agreed.get(IS_PERSON, False) is not is_person:
        link.agreed = {**link.agreed, IS_PERSON: is_person}


def differs(mapping: Mapping, record_id: UUID, ours: Present, link: RecordLink) -> bool:
    """Whether a record is to be of another form here than it is there; then that is noted as its problem."""
    if mapping.persons is None or not mapping.persons.is_chosen:
        return False
    there = link.agreed.get(IS_PERSON) is True
    words = mapping.persons.mismatch(here=ours.person, there=there, noun=mapping.singular)
    if words:
        _note(mapping, record_id, ours, f"{words} {CURE}", "ANOTHER_FORM")
    return bool(words)


def cannot_be_made(mapping: Mapping, record_id: UUID, ours: Present) -> bool:
    """Whether a new record would become something else there: no person, or of another record type than was chosen."""
    if mapping.persons is None:
        return False
    if ours.person and not mapping.persons.is_on:
        _note(mapping, record_id, ours, OFF_THERE, "NO_PERSON_ACCOUNTS")
        return True
    return _lacks_type(mapping, ours) or (ours.person and _lacks_name(mapping, ours))


def _lacks_type(mapping: Mapping, ours: Present) -> bool:
    return mapping.persons is not None and mapping.persons.type_field().there in ours.unfit


def _lacks_name(mapping: Mapping, ours: Present) -> bool:
    here = mapping.persons.names[0] if mapping.persons else ""
    return all(one.here != here or ours.normals.get(one.there) is None for one in mapping.fields)


def _note(mapping: Mapping, record_id: UUID, ours: Present, words: str, code: str) -> None:
    store.note_problem(
        mapping,
        record_id,
        kind=SyncProblem.Kind.REFUSED_THERE,
        code=code,
        message=words,
        title=ours.title,
        field=IS_PERSON,
        fields=[IS_PERSON],
    )
