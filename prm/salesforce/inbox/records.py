"""One record: does it agree with its twin in Salesforce, and if not, why (`reasons`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from prm.mapping import Mapping
from prm.salesforce.engine.models import Conflict, Connection, Outbox, RecordLink, SyncProblem, SyncState
from prm.salesforce.engine.present import Present, present
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.salesforce.inbox import reasons
from prm.salesforce.inbox.queries import sf_url
from prm.salesforce.inbox.reasons import Reason
from prm.salesforce.inbox.words import Names, refers_to, titles_of
from prm.salesforce.mapping import registry

AGREES: Final = "agrees"
WAITS: Final = "waits"
DIFFERS: Final = "differs"
HELD: Final = "held"
DECIDE: Final = "decide"
OFF: Final = "off"
OUTSIDE: Final = "outside"

_WORDS: Final = {
    AGREES: ("Same as in Salesforce", "good"),
    WAITS: ("On its way", "run"),
    DIFFERS: ("Differs from Salesforce", "draft"),
    HELD: ("Held", "bad"),
    DECIDE: ("Somebody must choose", "draft"),
    OFF: ("Not exchanged", "neutral"),
    OUTSIDE: ("Outside the scope", "neutral"),
}


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
    title: str = ""

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
        return RecordState(one, record_id, OFF, title=ours.title)
    where = {"mapping": one.key, "record_id": record_id}
    link = RecordLink.objects.filter(**where).first()
    found = RecordState(
        one, record_id, AGREES, link.sf_id if link else "", sf_url(link.sf_id if link else "")
    )
    sync = SyncState.objects.first()
    found.checked_at = sync.pulled_at if sync else None
    names = _names(one, ours, link)
    problems = list(SyncProblem.objects.filter(**where).order_by("field", "since"))
    conflicts = list(Conflict.objects.waiting().filter(**where))
    waiting = HeldChange.objects.filter(**where, mass__state=MassChange.State.WAITING).select_related("mass")
    masses = list(waiting.order_by("field"))
    outside = reasons.of_scope(one, record_id, link)
    resting = reasons.of_resting(one, ours, link) if outside is None else []
    doubt = reasons.of_doubt(one, record_id, link) if outside is None else []
    found.reasons += [outside] if outside is not None else []
    found.reasons += [reasons.of_problem(one, problem, ours, link, names) for problem in problems]
    found.reasons += [reasons.of_conflict(one, conflict, names) for conflict in conflicts]
    found.reasons += [reasons.of_mass(one, change, names) for change in masses]
    found.reasons += resting + doubt
    named = {change.field for change in masses} | {problem.field for problem in problems}
    named |= {conflict.there for conflict in conflicts}
    queued = Outbox.objects.filter(**where).first()
    if outside is not None:
        queued = None
    elif queued is not None and not doubt:
        found.reasons.append(reasons.of_queue(queued, connection))
    elif link is None and not doubt:
        found.reasons.append(reasons.of_new(connection))
    found.reasons += reasons.of_spellings(one, link, names, named)
    found.has_conflict, found.has_problem = bool(conflicts), bool(problems)
    found.is_connected, found.title = True, ours.title
    if outside is not None:
        found.state = OUTSIDE
        return found
    is_held = bool(masses or resting or doubt)
    found.state = _worst(found, problems, queued, connection, is_held=is_held)
    return found


def _worst(
    found: RecordState,
    problems: Sequence[SyncProblem],
    queued: Outbox | None,
    connection: Connection,
    *,
    is_held: bool,
) -> str:
    if not connection.is_running and found.reasons:
        return OFF
    if found.has_conflict:
        return DECIDE
    lasting = any(problem.kind != SyncProblem.Kind.LATER for problem in problems)
    if is_held or lasting or (queued and queued.waits_id):
        return HELD
    if queued is not None or problems or not found.sf_id:
        return WAITS
    return DIFFERS if found.reasons else AGREES


def _names(one: Mapping, ours: Present, link: RecordLink | None) -> Names:
    wanted: dict[str, set[str]] = {}
    for column in one.columns:
        key = refers_to(one, column.there)
        for values in (ours.normals, link.agreed if link else {}, link.apart if link else {}):
            if key is not None and isinstance(value := values.get(column.there), str):
                wanted.setdefault(key, set()).add(value)
    return titles_of(wanted)
