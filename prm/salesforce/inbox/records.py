"""One record: does it agree with its twin in Salesforce, and if not, why, since when, and what happens next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from prm.core.clock import now
from prm.mapping import Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Conflict, Connection, Outbox, RecordLink, SyncProblem, SyncState
from prm.salesforce.engine.present import Present, present
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.salesforce.inbox.queries import sf_url
from prm.salesforce.inbox.words import Names, shown, titles_of
from prm.salesforce.mapping import registry
from prm.salesforce.wire import codes

AGREES: Final = "agrees"
WAITS: Final = "waits"
DIFFERS: Final = "differs"
HELD: Final = "held"
DECIDE: Final = "decide"
OFF: Final = "off"

_WORDS: Final = {
    AGREES: ("Same as in Salesforce", "good"),
    WAITS: ("On its way", "run"),
    DIFFERS: ("Differs from Salesforce", "draft"),
    HELD: ("Held", "bad"),
    DECIDE: ("Somebody must choose", "draft"),
    OFF: ("Not exchanged", "neutral"),
}


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


@dataclass(slots=True)
class RecordState:
    """What is known of one record's twin."""

    mapping: Mapping
    record_id: UUID
    state: str
    sf_id: str = ""
    sf_url: str = ""
    checked_at: datetime | None = None
    reasons: list[Reason] = field(default_factory=list)
    has_conflict: bool = False
    has_problem: bool = False
    is_connected: bool = False

    @property
    def words(self) -> str:
        """The state as people read it."""
        return _WORDS[self.state][0]

    @property
    def kind(self) -> str:
        """The kit's kind of status."""
        return _WORDS[self.state][1]

    @property
    def since(self) -> datetime | None:
        """Since when it has not been the same on both sides."""
        return min((one.since for one in self.reasons if one.since is not None), default=None)

    @property
    def conflict_key(self) -> str:
        """How the inbox of conflicts calls the record."""
        return f"{self.mapping.key}:{self.record_id}"


def state_of(record_id: UUID, kind: str = "") -> RecordState | None:
    """Return how a record stands, of whatever kind it is; `kind` (a mapping's key) spares looking for it.

    `None` when no record of this id is kept in step.
    """
    known = registry.mappings()
    first = known[kind].table if kind in known else ""
    connection = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    # A visit is an event or a task: all mappings of its table are asked.
    for one in sorted(known.values(), key=lambda each: each.table != first):
        if (ours := present(one, [record_id]).get(record_id)) is not None:
            return _state(one, record_id, ours, connection)
    return None


def _state(one: Mapping, record_id: UUID, ours: Present, connection: Connection | None) -> RecordState:
    if connection is None:
        return RecordState(one, record_id, OFF)
    where = {"mapping": one.key, "record_id": record_id}
    link = RecordLink.objects.filter(**where).first()
    found = RecordState(
        one, record_id, AGREES, link.sf_id if link else "", sf_url(link.sf_id if link else "")
    )
    sync = SyncState.objects.first()
    found.checked_at = sync.pulled_at if sync else None
    names = _names(one, ours, link)
    problems = list(SyncProblem.objects.filter(**where).order_by("field", "since"))
    found.reasons += [_problem(one, problem, ours, link, names) for problem in problems]
    conflicts = list(Conflict.objects.waiting().filter(**where))
    found.reasons += [_conflict(one, conflict, names) for conflict in conflicts]
    waiting = HeldChange.objects.filter(**where, mass__state=MassChange.State.WAITING).select_related("mass")
    masses = list(waiting.order_by("field"))
    found.reasons += [_mass(one, change, names) for change in masses]
    named = {change.field for change in masses} | {problem.field for problem in problems}
    named |= {conflict.there for conflict in conflicts}
    queued = Outbox.objects.filter(**where).first()
    if queued is not None:
        found.reasons.append(_queued(queued, connection))
    elif link is None:
        found.reasons.append(
            Reason("", "It is not in Salesforce yet.", None, "It is sent with the next sync.")
        )
    found.reasons += _spellings(one, link, names, named)
    found.has_conflict, found.has_problem = bool(conflicts), bool(problems)
    found.is_connected = True
    found.state = (
        HELD
        if masses and not conflicts and connection.is_running
        else _worst(found, problems, queued, connection)
    )
    return found


def _worst(
    found: RecordState, problems: Sequence[SyncProblem], queued: Outbox | None, connection: Connection
) -> str:
    if not connection.is_running and found.reasons:
        return OFF
    if found.has_conflict:
        return DECIDE
    if any(problem.kind != SyncProblem.Kind.LATER for problem in problems) or (queued and queued.waits_id):
        return HELD
    if queued is not None or problems or not found.sf_id:
        return WAITS
    return DIFFERS if found.reasons else AGREES


def _names(one: Mapping, ours: Present, link: RecordLink | None) -> Names:
    wanted: dict[str, set[str]] = {}
    for parent in one.parents:
        for values in (ours.normals, link.agreed if link else {}, link.apart if link else {}):
            if isinstance(value := values.get(parent.there), str):
                wanted.setdefault(parent.mapping, set()).add(value)
    return titles_of(wanted)


def _problem(
    one: Mapping, problem: SyncProblem, ours: Present, link: RecordLink | None, names: Names
) -> Reason:
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


def _conflict(one: Mapping, conflict: Conflict, names: Names) -> Reason:
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


def _mass(one: Mapping, change: HeldChange, names: Names) -> Reason:
    """Say that a field was changed together with many records, and waits for a person with them."""
    pushes = change.mass.direction == MassChange.Direction.PUSH
    before, after = (shown(one, change.field, value, names) for value in (change.before, change.after))
    ours, theirs = (after, before) if pushes else (before, after)
    where = "here" if pushes else "in Salesforce"
    return Reason(
        field=one.words_of(change.field),
        words=f"It was changed {where} together with {change.mass.records - 1:,} others.",
        since=change.mass.since,
        then="Each side keeps its own value until somebody decides about the mass change.",
        who="an administrator of PRM",
        ours=ours,
        theirs=theirs,
    )


def _queued(queued: Outbox, connection: Connection) -> Reason:
    if not connection.is_running:
        return Reason("", "It was changed here.", queued.since, "It goes when the sync is resumed.")
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


def _spellings(one: Mapping, link: RecordLink | None, names: Names, named: set[str]) -> list[Reason]:
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
