"""Why a record is not the same on both sides, since when, and what happens next: one reason per cause.

Each function makes one reason of what the engine has noted, in people's words. `records` puts them together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from prm.core.clock import now
from prm.core.notation.reader import figure
from prm.mapping import Mapping
from prm.mapping.decide import changed
from prm.salesforce.engine import resting, store
from prm.salesforce.engine.models import Conflict, Connection, Outbox, RecordLink, SyncProblem
from prm.salesforce.engine.present import NOT_THERE, Present
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.salesforce.inbox.words import Names, shown
from prm.salesforce.mapping import registry, scoping
from prm.salesforce.matches import queries as matches
from prm.salesforce.shapes.queries import Resting, rests
from prm.salesforce.shapes.rules import OBJECT, Why
from prm.salesforce.wire import codes

_PRM_ADMINISTRATOR: Final = codes.Who.HERE.words
_THEIR_ADMINISTRATOR: Final = codes.Who.THERE.words


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record, or one field of it, is not the same on both sides, since when, and what happens next.

    `who` is whose move it is; `quote` Salesforce's own words. `field` is what people call it, "" for the record.
    """

    field: str
    words: str
    since: datetime | None
    then: str
    who: str = ""
    quote: str = ""
    ours: str = ""
    theirs: str = ""


def of_problem(
    one: Mapping, problem: SyncProblem, ours: Present, link: RecordLink | None, names: Names
) -> Reason:
    """Return why a record, or a field of it, is held: what the code means, and Salesforce's own words."""
    known = codes.known(problem.code)
    label = one.words_of(problem.field) if problem.field else ""
    words = known.meaning if known else SyncProblem.Kind(problem.kind).label + "."
    mine = theirs = ""
    if problem.field and link is not None and problem.field in link.agreed:
        mine = shown(one, problem.field, ours.normals.get(problem.field), names)
        theirs = shown(one, problem.field, link.agreed[problem.field], names)
    return Reason(
        field=label,
        words=words,
        since=problem.since,
        then=_advice(problem, known),
        who=known.who.words if known else "",
        quote=f"{problem.code}: {problem.message}" if problem.code else problem.message,
        ours=mine,
        theirs=theirs,
    )


def _advice(problem: SyncProblem, known: codes.Code | None) -> str:
    if known:
        return known.advice
    if problem.kind == SyncProblem.Kind.DELETED_THERE:
        return "Restore it from Salesforce's recycle bin, or create it again on the sync page."
    if problem.kind == SyncProblem.Kind.REFUSED_HERE:
        return "Correct the value there, or here. It goes by itself then."
    return f"It is tried again by itself within {store.HELD_HOURS} hours, and at once with Try again."


def of_conflict(one: Mapping, conflict: Conflict, names: Names) -> Reason:
    """Return that both sides changed a field, and nobody has chosen."""
    ours, theirs = (shown(one, conflict.there, value, names) for value in (conflict.ours, conflict.theirs))
    return Reason(
        field=one.words_of(conflict.there),
        words="Both sides changed it.",
        since=conflict.at,
        then="Each side keeps its own value until somebody chooses.",
        who="a manager",
        ours=ours,
        theirs=theirs,
    )


def of_mass(one: Mapping, change: HeldChange, names: Names) -> Reason:
    """Say that a field was changed together with many records, and waits for a person with them."""
    pushes = change.mass.direction == MassChange.Direction.PUSH
    before, after = (shown(one, change.field, value, names) for value in (change.before, change.after))
    ours, theirs = (after, before) if pushes else (before, after)
    where = "here" if pushes else "in Salesforce"
    return Reason(
        field=one.words_of(change.field),
        words=f"It was changed {where} together with {figure(change.mass.records - 1)} others.",
        since=change.mass.since,
        then="Each side keeps its own value until somebody decides about the mass change.",
        who=_PRM_ADMINISTRATOR,
        ours=ours,
        theirs=theirs,
    )


def of_resting(one: Mapping, ours: Present, link: RecordLink | None) -> list[Reason]:
    """Return what rests in Salesforce and concerns this record: its whole object, or a field that has a value."""
    there = link if link is not None and link.state not in NOT_THERE else None
    unsent = changed(
        [each.there for each in one.written],
        agreed=there.agreed if there else {},
        apart=there.apart if there else {},
        ours=ours.normals,
    )
    return [
        Reason(
            field="" if _is_whole(one, each) else each.name,
            words=each.words,
            since=each.since,
            then=f"Nothing of it is exchanged until that is cured. {each.advice}",
            who=_THEIR_ADMINISTRATOR,
        )
        for each in rests()
        if each.sobject == one.sobject and _concerns(one, each, ours, there, unsent)
    ]


def _is_whole(one: Mapping, each: Resting) -> bool:
    return each.field in (OBJECT, one.external_id)


def _concerns(
    one: Mapping, each: Resting, ours: Present, there: RecordLink | None, unsent: Collection[str]
) -> bool:
    """Whether a record may differ by what rests: what may only be read matters to what is to be written."""
    if _is_whole(one, each):
        if each.why == Why.NOT_MADE:
            return there is None
        return bool(unsent) if each.why == Why.READ_ONLY else True
    if each.why == Why.READ_ONLY:
        return each.field in unsent
    held = there.agreed if there else {}
    return one.column(each.field) is not None and (
        ours.normals.get(each.field) is not None or held.get(each.field) is not None
    )


def of_scope(one: Mapping, record_id: UUID, link: RecordLink | None) -> Reason | None:
    """Return that the record is outside the scope, and by what; `None` when it is not."""
    why = resting.outside(one, [record_id]).get(record_id)
    if why is None:
        return None
    is_there = link is not None and link.state not in NOT_THERE
    stays = "What is there of it stays as it is. " if is_there else ""
    return Reason(
        field="",
        words=scoping.words(one, why, registry.mappings()),
        since=resting.since(one, record_id),
        then=f"It rests: nothing of it is exchanged. {stays}The scope is chosen on the page Field mapping.",
        who=_PRM_ADMINISTRATOR,
    )


def of_doubt(one: Mapping, record_id: UUID, link: RecordLink | None) -> list[Reason]:
    """Return that nobody has decided yet whether the record is in Salesforce already."""
    is_there = link is not None and link.state not in NOT_THERE
    if one.adopt is None or is_there or not matches.undecided(one.key, [record_id]):
        return []
    return [
        Reason(
            field="",
            words="It may be in Salesforce already: a record there is like it.",
            since=matches.in_doubt_since(one.key, record_id),
            then="It is linked or sent once somebody has decided under Adopt accounts.",
            who=_PRM_ADMINISTRATOR,
        )
    ]


def of_new(connection: Connection) -> Reason:
    """Return that a record is not there yet, and nobody has sent it."""
    return Reason(
        "", "It is not in Salesforce yet.", None, _when(connection, "It is sent with the next sync.")
    )


def _when(connection: Connection, running: str) -> str:
    """Say when something goes: `running` while changes are exchanged."""
    if connection.is_running:
        return running
    if connection.is_resting:
        return "It goes when the sync is started."
    signed_out = connection.state == Connection.State.SIGNED_OUT
    return f"It goes when {'somebody signs in again' if signed_out else 'the sync is resumed'}."


def of_queue(queued: Outbox, connection: Connection) -> Reason:
    """Return that a change made here is on its way, and what it waits for."""
    if not connection.is_running:
        return Reason("", "It was changed here.", queued.since, _when(connection, ""))
    if queued.waits_id is not None:
        parent = registry.mappings().get(queued.waits_mapping)
        noun = parent.singular if parent else "record"
        return Reason(
            "",
            f"The {noun} that it belongs to is not in Salesforce yet.",
            queued.since,
            "It goes after that one.",
        )
    if queued.not_before is not None and queued.not_before > now():
        minutes = max(1, round((queued.not_before - now()).total_seconds() / 60))
        return Reason("", "It waits to be sent again.", queued.since, f"It is tried again in {minutes} min.")
    return Reason(
        "",
        "It was changed here and is on its way.",
        queued.since,
        "It is sent with the next sync, in seconds.",
    )


def of_spellings(one: Mapping, link: RecordLink | None, names: Names, named: set[str]) -> list[Reason]:
    """Return the fields in which each side keeps its own value for a reason that is no problem."""
    if link is None:
        return []
    return [
        Reason(
            field=one.words_of(name),
            words="Each side keeps its own spelling.",
            since=link.updated_at,
            then="Nothing, until one of the two changes.",
            ours=shown(one, name, ours, names),
            theirs=shown(one, name, link.agreed.get(name), names),
        )
        for name, ours in link.apart.items()
        if name not in named
    ]
