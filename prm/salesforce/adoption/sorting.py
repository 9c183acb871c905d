"""Sorts records there into certain, to decide and new, each on its own evidence. Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from prm.mapping import Candidate, Recognised
from prm.salesforce.matches.models import Match

TAKEN = "Carries another system's id"
LINKED_ALREADY = "Linked to another record already"


def noun_there(sobject: str) -> str:
    """Return what people call a record there: account, contact, campaign member."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", sobject.removesuffix("__c").replace("_", " ")).lower()


def nouns_there(sobject: str) -> str:
    """Return what people call several of them."""
    noun = noun_there(sobject)
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """A record there: `key` is what our external id field holds, `seen` what it says of itself, `values` mapped fields."""

    sf_id: str
    name: str
    key: str = ""
    owner: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sorted:
    """A record there, and what is to be done about it."""

    there: There
    state: Match.State
    candidates: tuple[Candidate, ...] = ()
    doubt: str = ""

    @property
    def first(self) -> Candidate | None:
        """The record here that it most likely is."""
        return self.candidates[0] if self.candidates else None


def sort(
    rows: Sequence[There],
    found: Sequence[Recognised],
    *,
    linked: Mapping[UUID, str],
    noun: str,
    there: str = "account",
) -> list[Sorted]:
    """Return what is to be done about each; `linked` are records here with their twin there.

    `noun` is for one of ours, `there` for one of theirs.
    Certain is only what nothing contradicts: one record there for one here, which has no other twin, and whose external id
    field nobody else has filled.
    """
    claims = Counter(one.candidates[0].record_id for one in found if one.is_certain)
    several = f"Several {there}s for one {noun}"
    return [_sort(row, one, claims, linked, several) for row, one in zip(rows, found, strict=True)]


def _sort(
    there: There, one: Recognised, claims: Counter[UUID], linked: Mapping[UUID, str], several: str
) -> Sorted:
    if not one.candidates:
        return Sorted(there, Match.State.NEW, (), one.doubt)
    record_id = one.candidates[0].record_id
    if there.key:
        return Sorted(there, Match.State.OPEN, one.candidates, TAKEN)
    if one.is_certain and linked.get(record_id, there.sf_id) != there.sf_id:
        return Sorted(there, Match.State.OPEN, one.candidates, LINKED_ALREADY)
    if not one.is_certain:
        return Sorted(there, Match.State.OPEN, one.candidates, one.doubt)
    if claims[record_id] > 1:
        return Sorted(there, Match.State.OPEN, one.candidates, several)
    return Sorted(there, Match.State.CERTAIN, one.candidates)
