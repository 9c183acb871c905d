"""Person accounts and business accounts are told apart when records there are matched: neither is ever taken for the other."""

from __future__ import annotations

from collections.abc import Mapping as Record
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from prm.mapping import Candidate, Mapping, Recognised, Values
from prm.mapping.persons import IS_PERSON
from prm.salesforce.adoption.sorting import There
from prm.salesforce.matches.models import Match

ANOTHER_FORM: Final = "A person account there, no person here"
ANOTHER_FORM_BACK: Final = "A business account there, a person here"


def only_fitting(one: Mapping, rows: Sequence[There], found: Sequence[Recognised]) -> list[Recognised]:
    """Return whom each record may be, of those that are kept as what it is there; one query.

    Where only others are like it, that is to be decided: nothing is linked, and no second record is made unasked.
    """
    if not one.marks:
        return list(found)
    ids = {candidate.record_id for each in found for candidate in each.candidates}
    values = one.read(sorted(ids)) if ids else {}
    return [
        _fitting(one, is_person_there(row.values), each, values)
        for row, each in zip(rows, found, strict=True)
    ]


def _fitting(one: Mapping, person: bool, found: Recognised, values: Record[UUID, Values]) -> Recognised:
    fit = tuple(each for each in found.candidates if one.is_person(values.get(each.record_id, {})) is person)
    if len(fit) == len(found.candidates):
        return found
    if fit:
        return replace(found, candidates=fit, is_certain=found.is_certain and fit[0] == found.candidates[0])
    others = tuple(_with_form(each, person) for each in found.candidates)
    return Recognised(candidates=others, doubt=ANOTHER_FORM if person else ANOTHER_FORM_BACK)


def _with_form(each: Candidate, person: bool) -> Candidate:
    words = "a person account there, a business account by its kind here"
    if not person:
        words = "a business account there, a person account by its kind here"
    return replace(each, reason=f"{each.reason} But {words}.")


def is_person_there(values: Record[str, object]) -> bool:
    """Whether a record is a person there, by what was read of it."""
    return values.get(IS_PERSON) is True


def why_not_linked(one: Mapping, row: Match) -> str:
    """Return why a record there cannot be linked to the one here, since one of them only is a person; "" when it can."""
    if not one.marks or row.record_id is None:
        return ""
    if IS_PERSON not in row.values:
        return f"{row.name}: it was read before person accounts were chosen. Read what is there again first."
    values = one.read([row.record_id]).get(row.record_id)
    if values is None or one.is_person(values) is is_person_there(row.values):
        return ""
    if one.is_person(values):
        return (
            f"{row.name}: it is a business account there, and {row.record_name} is kept as a person account."
        )
    return f"{row.name}: it is a person account there, and {row.record_name} is kept as a business account."


def may_become(one: Mapping, row: Match, sort: str) -> bool:
    """Whether a record that was made there may become one of a sort here."""
    if not one.marks or one.persons is None:
        return True
    return (sort in one.persons.chosen) is is_person_there(row.values)
