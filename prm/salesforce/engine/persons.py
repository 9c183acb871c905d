"""Records that are a person account on one side and a business account on the other: nothing is exchanged, and that is said.

What the account there is, stands with what both sides agreed on (`IS_PERSON`), as it was read last.
"""

from __future__ import annotations

from collections.abc import Mapping as Record
from uuid import UUID

from prm.mapping import Mapping
from prm.mapping.persons import CURE, IS_PERSON, OFF_THERE
from prm.salesforce.engine import store
from prm.salesforce.engine.models import RecordLink, SyncProblem
from prm.salesforce.engine.present import Present


def note_there(mapping: Mapping, link: RecordLink, row: Record[str, object]) -> None:
    """Remember of a record that was read whether it is a person there."""
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
