"""What people decide about records that are there already: link, keep apart, later; and what starting carries out.

All run in the scope of a tenant. Before the connection is started nothing follows from a decision but a note; after it
a link is made at once, and the engine writes our external id there with its next call.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.core.notation.reader import figure
from prm.salesforce.adoption.persons import why_not_linked
from prm.salesforce.adoption.places import sort_again
from prm.salesforce.adoption.sorting import LINKED_ALREADY, noun_there
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Connection, RecordLink
from prm.salesforce.mapping import registry
from prm.salesforce.matches import undoing
from prm.salesforce.matches.models import Match
from prm.tenancy.context import current_actor
from prm.tenancy.use_cases import needs_no_right, requires

MOST = 1000
"""Decided at once."""

S = Match.State


class Answer(StrEnum):
    """What a person says of a record there."""

    LINK = "link"
    APART = "apart"
    LATER = "later"


_STATES = {Answer.LINK: S.CHOSEN, Answer.APART: S.APART, Answer.LATER: S.LATER}


@dataclass(slots=True)
class Decided:
    """What became of it: how many were decided (`batch` takes them back), and why others were not."""

    count: int = 0
    batch: UUID = field(default_factory=uuid7)
    refused: list[str] = field(default_factory=list)


@requires(Right.SYNC_EDIT)
@transaction.atomic
def decide(*, ids: Sequence[UUID], answer: Answer, record_id: UUID | None = None) -> Decided:
    """Decide about some records there; `record_id` is the one here, where several could be it.

    Linking is refused for what carries another system's id, and where ours or theirs is linked already; that holds up
    no other. Raises `Refused` for more than 1,000 at once, and for a record here that is no candidate.
    """
    if len(ids) > MOST:
        raise Refused(f"Decide about at most {figure(MOST)} at once.", code="too_many")
    rows = list(Match.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"))
    done = Decided()
    taken = _taken(rows, record_id)
    for row in rows:
        if row.state == S.LINKED:
            done.refused.append(f"{row.name}: it is linked already.")
        elif answer is not Answer.LINK or _choose(row, record_id, taken, done):
            row.before, row.state = row.state, _STATES[answer]
            row.batch, row.decided_by, row.decided_at = done.batch, current_actor().label[:120], now()
            row.save()
            done.count += 1
    if answer is Answer.LINK:
        rows += _leave_others(rows, done)
    sort_again(rows)
    _follow(rows)
    return done


def _taken(rows: Iterable[Match], record_id: UUID | None) -> dict[UUID, str]:
    """Return the records here that have a twin, or were given one by a decision, with that record there."""
    wanted = {row.record_id for row in rows if row.record_id} | ({record_id} if record_id else set())
    linked = RecordLink.objects.filter(record_id__in=wanted, state=RecordLink.State.LINKED)
    chosen = Match.objects.filter(record_id__in=wanted, state__in=(S.CHOSEN, S.LINKED))
    return {
        **dict(chosen.values_list("record_id", "sf_id")),
        **dict(linked.values_list("record_id", "sf_id")),
    }


def _choose(row: Match, record_id: UUID | None, taken: dict[UUID, str], done: Decided) -> bool:
    """Take the record here that a row is linked to; whether it may be."""
    if record_id is not None and record_id != row.record_id:
        found = next((each for each in row.candidates if each["id"] == str(record_id)), None)
        if found is None:
            raise Refused("That record is none of those that it could be.", code="no_candidate")
        row.record_id, row.record_name, row.reason = record_id, found["name"][:255], found["reason"]
    if row.key:
        done.refused.append(
            f"{row.name}: another system's id is in our field there, which is not overwritten."
        )
    elif row.record_id is None:
        done.refused.append(f"{row.name}: nobody here is like it.")
    elif words := why_not_linked(registry.mapping(row.mapping), row):
        done.refused.append(words)
    elif taken.get(row.record_id, row.sf_id) != row.sf_id:
        noun = noun_there(registry.mapping(row.mapping).sobject)
        done.refused.append(f"{row.name}: {row.record_name} is linked to another {noun}.")
    else:
        taken[row.record_id] = row.sf_id
        return True
    return False


def _leave_others(rows: Iterable[Match], done: Decided) -> list[Match]:
    """Keep apart what could only be a record that has its twin now; return it."""
    chosen = {row.record_id for row in rows if row.state == S.CHOSEN}
    others = Match.objects.select_for_update().filter(
        record_id__in=chosen, state__in=(S.OPEN, S.LATER, S.CERTAIN)
    )
    left = [other for other in others.order_by("pk") if len(other.candidates) <= 1]
    for other in left:
        other.before, other.state, other.doubt = other.state, S.APART, LINKED_ALREADY
        other.batch, other.decided_at = done.batch, now()
        other.save()
    return left


@needs_no_right("only reads; the pages that show it have their own right")
def look_back(ids: Sequence[UUID]) -> list[undoing.Look]:
    """Return what taking back these links would do; rows that are not linked are left out."""
    return undoing.look(Match.objects.filter(pk__in=list(ids), state=S.LINKED).order_by("name", "pk"))


@requires(Right.SYNC_EDIT)
@transaction.atomic
def take_back(*, ids: Sequence[UUID]) -> Decided:
    """Take back links that were made: our key and what we wrote leave the record there with the next sync.

    The record is then to decide again, and until then nothing of it is exchanged; `undo` of the batch keeps the link,
    as long as no sync has carried it out. Raises `Refused` for more than 1,000 at once.
    """
    if len(ids) > MOST:
        raise Refused(f"Take back at most {figure(MOST)} at once.", code="too_many")
    done = Decided()
    rows = []
    for row in Match.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk"):
        if row.state != S.LINKED:
            done.refused.append(f"{row.name}: it is not linked.")
            continue
        row.before, row.state, row.batch = row.state, S.UNDOING, done.batch
        row.decided_by, row.decided_at = current_actor().label[:120], now()
        row.save()
        rows.append(row)
    undoing.mark(rows)
    done.count = len(rows)
    return done


@requires(Right.SYNC_EDIT)
@transaction.atomic
def undo(batch: UUID) -> int:
    """Take back what was decided together, where it was not carried out; return how many.

    Raises `Refused` where all of it was: a link that was made is taken back by `take_back`.
    """
    rows = list(Match.objects.select_for_update().filter(batch=batch).order_by("pk"))
    open_rows = [row for row in rows if row.state != S.LINKED]
    if rows and not open_rows:
        raise Refused(
            "The links were made already: our id stands in these records. Take the links themselves back.",
            code="carried_out",
        )
    undoing.unmark(row for row in open_rows if row.state == S.UNDOING)
    for row in open_rows:
        row.state, row.before, row.batch = row.before or S.OPEN, "", None
        row.decided_by, row.decided_at = "", None
        row.save()
    sort_again(open_rows)
    return len(open_rows)


def _follow(rows: Iterable[Match]) -> None:
    """Once the connection is started, let what was decided follow."""
    bound = Connection.objects.first()
    if bound is None or bound.is_resting or bound.state == Connection.State.DISCONNECTED:
        return
    _carry_out(states=(S.CHOSEN,))
    by_mapping: dict[str, set[UUID]] = {}
    for row in rows:
        named = {UUID(each["id"]) for each in row.candidates} | ({row.record_id} if row.record_id else set())
        by_mapping.setdefault(row.mapping, set()).update(named)
    for key, ids in by_mapping.items():
        store.enqueue(registry.mapping(key), ids)


@needs_no_right("follows from starting, which asks for the right")
@transaction.atomic
def carry_out() -> int:
    """Link what is certain and what was chosen; return how many. Writes nothing there: the engine does."""
    return _carry_out(states=(S.CERTAIN, S.CHOSEN))


@needs_no_right("follows from the scope in force, whose choice asks for the right")
@transaction.atomic
def link_certain(mapping: str) -> int:
    """Link what is certain of one mapping; return how many."""
    return _carry_out(states=(S.CERTAIN,), mapping=mapping)


def _carry_out(*, states: Sequence[Match.State], mapping: str = "") -> int:
    wanted = Match.objects.select_for_update().filter(state__in=states)
    rows = list((wanted.filter(mapping=mapping) if mapping else wanted).order_by("pk"))
    linked = RecordLink.objects.filter(
        record_id__in=[row.record_id for row in rows if row.record_id], state=RecordLink.State.LINKED
    )
    ours = dict(linked.values_list("record_id", "sf_id"))
    theirs = set(
        RecordLink.objects.filter(sf_id__in=[row.sf_id for row in rows]).values_list("sf_id", flat=True)
    )
    links: list[RecordLink] = []
    made: list[Match] = []
    for row in rows:
        if row.record_id is None or row.key or row.record_id in ours or row.sf_id in theirs:
            Match.objects.filter(pk=row.pk).update(state=S.OPEN, doubt=LINKED_ALREADY)
            continue
        ours[row.record_id] = row.sf_id
        links.append(RecordLink(mapping=row.mapping, record_id=row.record_id, sf_id=row.sf_id))
        made.append(row)
    store.save_links(links)
    Match.objects.filter(pk__in=[row.pk for row in made]).update(state=S.LINKED)
    for key in {row.mapping for row in made}:
        store.enqueue(registry.mapping(key), [link.record_id for link in links if link.mapping == key])
    return len(made)
