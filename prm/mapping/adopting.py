"""How records that are there before we come are found to be ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Record
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A record here that one there may be, with what speaks for and against it in a sentence."""

    record_id: UUID
    name: str
    reason: str


class Named(Protocol):
    """A row of ours that has a name."""

    @property
    def pk(self) -> UUID:
        """Its id."""

    @property
    def name(self) -> str:
        """As people call it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """Whom of ours a record there means: `candidates[0]` for certain, or `candidates` to decide between, or nobody.

    `doubt` groups what is to be decided: a short heading in words.
    """

    is_certain: bool = False
    candidates: tuple[Candidate, ...] = ()
    doubt: str = ""

    @classmethod
    def of(cls, *, is_certain: bool, some: Iterable[tuple[Named, str]], doubt: str) -> Recognised:
        """Return it with some records of ours, each with what speaks for it, as its candidates."""
        candidates = (Candidate(record_id=one.pk, name=one.name, reason=reason) for one, reason in some)
        return cls(is_certain=is_certain, candidates=tuple(candidates), doubt=doubt)


Found = Record[str, str]
"""What a record there says of who it is: by clue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How a record that was made there becomes one here: of a `sort` that a tenant chooses among `sorts`.

    `make(sort, name)` makes it and returns its id, or raises Refused; what else it holds comes by the rules of the fields.
    """

    label: str
    sorts: Callable[[], Sequence[tuple[str, str]]]
    make: Callable[[str, str], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """How records that are there before we come are found to be ours.

    `clues` are fields there by the clue that they hold; those that an organisation lacks are left out. `keys` are
    clues that a company keeps in a field of its own: a regular expression finds it by its name or label. `recognise`
    answers for many records with a number of queries that does not grow with them. `making`: those that are nobody's
    may become records here.

    `only` is a condition in SOQL, of one field, on what is looked at there; "" for everything. A clue that is a mapped amount, day or
    choice comes in the form of the tenant's mapping, others as they stand there. Where records were exchanged before anybody
    could look what is there, `waits` says whether new ones here wait until somebody has.

    `within` is the parent (by its name here) in which alone a record is looked for. Under that clue `recognise` is told the
    records here that the parent there is, or may be, the likeliest first and blanks between; under `at` whether that is
    settled ("ours"), still to decide ("undecided"), no record of ours ("other") or nobody at all ("").
    """

    clues: Record[str, str]
    keys: Record[str, str]
    recognise: Callable[[Sequence[Found]], list[Recognised]]
    making: Making | None = None
    within: str = ""
    only: str = ""
    waits: bool = True
