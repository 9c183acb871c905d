"""At whose record here a record there is: its parent there is one of ours, may be one, or is none.

A contact is looked for among the people of the partner whose account it is at. What is decided about the account decides about
its contacts too, so they are sorted again when it is (`sort_again`); nothing is read for that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from prm.mapping import Adopt, Parent
from prm.mapping import Mapping as Mapped
from prm.salesforce.adoption.sorting import Sorted, There, noun_there, sort
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.matches.models import RULE, Match

S = Match.State
PARENT, AT = "parent_there", "at"
"""Clues that the reading adds: the parent's id there, and what it is to us (`Adopt.within`)."""

OURS, UNDECIDED, APART, OTHER = "ours", "undecided", "apart", "other"
SORTED_AGAIN = (S.CERTAIN, S.OPEN, S.NEW)


@dataclass(frozen=True, slots=True)
class Place:
    """What a parent there is to us: the records here that it is or may be."""

    at: str = OTHER
    ids: tuple[str, ...] = ()


def parent_of(one: Mapped, adopt: Adopt) -> Parent | None:
    """Return the parent within whose record alone is looked for records of a mapping."""
    return next((each for each in one.parents if each.here == adopt.within), None)


def places(
    mapping: str, keyed: Mapping[str, UUID], sf_ids: Collection[str] | None = None
) -> dict[str, Place]:
    """Return what records there are to us by their ids there, all or some; `keyed` are those that carry our id."""
    links = RecordLink.objects.filter(mapping=mapping, state=RecordLink.State.LINKED)
    rows = Match.objects.filter(mapping=mapping).exclude(state=S.NEW)
    if sf_ids is not None:
        links, rows = links.filter(sf_id__in=sf_ids), rows.filter(sf_id__in=sf_ids)
    found = {sf_id: Place(OURS, (str(record_id),)) for sf_id, record_id in keyed.items()}
    for sf_id, state, record_id, candidates in rows.values_list("sf_id", "state", "record_id", "candidates"):
        if state in (S.OPEN, S.LATER):
            found[sf_id] = Place(UNDECIDED, tuple(str(each["id"]) for each in candidates))
        elif state == S.APART or record_id is None:
            found[sf_id] = Place(APART)
        else:
            found[sf_id] = Place(OURS, (str(record_id),))
    linked = links.values_list("sf_id", "record_id")
    return found | {sf_id: Place(OURS, (str(record_id),)) for sf_id, record_id in linked}


def clues(within: str, parent: str, known: Mapping[str, Place]) -> dict[str, str]:
    """Return the clues that a parent there gives."""
    if not parent:
        return {}
    place = known.get(parent, Place())
    return {PARENT: parent, AT: place.at, within: " ".join(place.ids)}


def is_elsewhere(row: Sorted) -> bool:
    """Whether a record there is at a parent that is nobody here, and is nobody itself: it is not listed."""
    return row.state == S.NEW and row.there.seen.get(AT) == OTHER


def sort_again(decided: Iterable[Match]) -> None:
    """Sort anew what belongs to records there about which somebody has decided. Call inside a transaction."""
    by_mapping: dict[str, set[str]] = {}
    for row in decided:
        by_mapping.setdefault(row.mapping, set()).add(row.sf_id)
    for one in registry.mappings().values() if by_mapping else ():
        parent = parent_of(one, one.adopt) if one.adopt else None
        if one.adopt is not None and parent is not None and parent.mapping in by_mapping:
            _sort_again(one, one.adopt, places(parent.mapping, {}, by_mapping[parent.mapping]))


def _sort_again(one: Mapped, adopt: Adopt, known: Mapping[str, Place]) -> None:
    theirs = Match.objects.select_for_update().filter(mapping=one.key, state__in=SORTED_AGAIN)
    wanted = Q(**{f"seen__{PARENT}__in": list(known)})
    rows = list(theirs.filter(wanted).exclude(doubt=RULE).order_by("pk"))
    if not rows:
        return
    before = {UUID(each["id"]) for row in rows for each in row.candidates}
    for row in rows:
        row.seen = {**row.seen, **clues(adopt.within, row.seen[PARENT], known)}
    records = RecordLink.objects.filter(mapping=one.key, state=RecordLink.State.LINKED)
    there = [
        There(sf_id=row.sf_id, name=row.name, key=row.key, owner=row.owner, seen=row.seen) for row in rows
    ]
    again = sort(
        there,
        adopt.recognise([row.seen for row in rows]),
        linked=dict(records.values_list("record_id", "sf_id")),
        noun=one.singular,
        there=noun_there(one.sobject),
    )
    for row, each in zip(rows, again, strict=True):
        take(row, each)
    Match.objects.bulk_update(rows, ["seen", *TAKEN_OVER], batch_size=1000)
    bound = Connection.objects.first()
    if bound is not None and not bound.is_resting:
        store.enqueue(one, before | {row.record_id for row in rows if row.record_id})


TAKEN_OVER = ("state", "doubt", "record_id", "record_name", "reason", "candidates")


def take(row: Match, found: Sorted) -> None:
    """Write down in a match what was found out."""
    first = found.first
    row.state, row.doubt = found.state, found.doubt[:80]
    row.record_id = first.record_id if first else None
    row.record_name = first.name[:255] if first else ""
    row.reason = first.reason if first else ""
    row.candidates = [
        {"id": str(each.record_id), "name": each.name, "reason": each.reason} for each in found.candidates
    ]
