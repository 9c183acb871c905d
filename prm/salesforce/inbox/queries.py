"""Conflicts as people decide them: those of one record together, in words, with who and when on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case as Case_
from django.db.models import Exists, Max, OuterRef, Q, QuerySet, When

from prm.core.clock import now
from prm.mapping import Field, Mapping
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Conflict, Connection, Outbox, RecordLink, SyncProblem
from prm.salesforce.inbox.rules import Piece, input_type, marked, may_type
from prm.salesforce.inbox.words import EMPTY, Names, names_of, shown
from prm.salesforce.mapping import registry

Key = tuple[str, UUID]
"""A record by mapping and id."""

WEEK = timedelta(days=7)
LOOKED_BACK = timedelta(days=30)
"""How long what a rule has settled stays in the inbox."""
SHOWN_BEFORE = 10
"""Earlier conflicts of a record that its detail lists."""


@dataclass(frozen=True, slots=True)
class Case:
    """One record with fields that wait for a person, as the list shows it."""

    mapping: Mapping
    record_id: UUID
    title: str
    at: datetime
    fields: tuple[str, ...]
    is_open: bool

    @property
    def key(self) -> str:
        """What the address calls it."""
        return f"{self.mapping.key}:{self.record_id}"


@dataclass(frozen=True, slots=True)
class Side:
    """One side's value in words, what of it differs from the agreed one, and who set it when."""

    text: str
    pieces: Sequence[Piece]
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a conflict with both values and the last agreed one, in words."""

    conflict: Conflict
    label: str
    agreed: str
    ours: Side
    theirs: Side
    choosable: bool
    may_type: bool
    input_type: str
    outcome: str

    @property
    def stayed(self) -> str:
        """The side that a rule has chosen; "" when it waits for a person, or a person has decided."""
        return self.conflict.winner if self.conflict.state == Conflict.State.SETTLED else ""


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one record that waits: what its page shows."""

    case: Case
    rows: Sequence[Row]
    agreeing: int
    sf_id: str
    sf_url: str
    before: Sequence[Row]


def waiting() -> QuerySet[Conflict]:
    """Return the conflicts that wait for a person, of mappings that are still declared."""
    found: QuerySet[Conflict] = Conflict.objects.waiting().filter(mapping__in=registry.mappings())
    return found


def inbox() -> QuerySet[Conflict]:
    """Return what people look at: what waits for them, and what rules have settled of late that nobody has looked at.

    Of one field only the latest conflict counts.
    """
    of_fields = Q(pk__in=[])
    for key, one in registry.mappings().items():
        if one.apply is not None:
            of_fields |= Q(mapping=key, there__in=[each.there for each in one.columns if each.pulls])
    later = Conflict.objects.filter(
        mapping=OuterRef("mapping"),
        record_id=OuterRef("record_id"),
        there=OuterRef("there"),
        at__gt=OuterRef("at"),
    )
    settled = Q(state=Conflict.State.SETTLED, at__gte=now() - LOOKED_BACK) & ~Exists(later)
    found: QuerySet[Conflict] = Conflict.objects.filter(of_fields, Q(state=Conflict.State.OPEN) | settled)
    return found


def cases(found: QuerySet[Conflict]) -> list[Key]:
    """Return the records of these conflicts, those that wait first, then that of the latest conflict; one query."""
    waits = Max(Case_(When(state=Conflict.State.OPEN, then=1), default=0))
    grouped = found.order_by().values_list("mapping", "record_id").annotate(waits=waits, last=Max("at"))
    ordered = grouped.order_by("-waits", "-last", "mapping", "record_id")
    return [(mapping, record_id) for mapping, record_id, *_ in ordered]


def cases_of(keys: Iterable[Key]) -> list[Case]:
    """Return the cases of some records, with names and fields; one query."""
    by_record: dict[Key, list[Conflict]] = {key: [] for key in keys}
    for one in inbox().filter(record_id__in=[record_id for _, record_id in by_record]).order_by("at", "pk"):
        by_record.get((one.mapping, one.record_id), []).append(one)
    return [_case(some) for some in by_record.values() if some]


def _case(conflicts: Sequence[Conflict]) -> Case:
    last = conflicts[-1]
    one = registry.mapping(last.mapping)
    labels = tuple(one.words_of(each.there) for each in conflicts)
    waits = any(each.state == Conflict.State.OPEN for each in conflicts)
    return Case(one, last.record_id, last.title or str(last.record_id), last.at, labels, waits)


def detail(key: str) -> Detail | None:
    """Return what waits of the record that an address names; `None` when nothing does."""
    mapping, _, record = key.partition(":")
    try:
        record_id = UUID(record)
    except ValueError:
        return None
    conflicts = list(inbox().filter(mapping=mapping, record_id=record_id).order_by("there", "pk"))
    if not conflicts:
        return None
    case = _case(sorted(conflicts, key=lambda each: each.at))
    earlier = list(
        Conflict.objects.filter(mapping=mapping, record_id=record_id)
        .exclude(pk__in=[each.pk for each in conflicts])
        .order_by("-at", "pk")[:SHOWN_BEFORE]
    )
    link = RecordLink.objects.filter(mapping=mapping, record_id=record_id).first()
    names = names_of([*conflicts, *earlier])
    return Detail(
        case=case,
        rows=[row(each, names) for each in conflicts],
        agreeing=len(case.mapping.columns) - len(conflicts),
        sf_id=link.sf_id if link else "",
        sf_url=sf_url(link.sf_id if link else ""),
        before=[row(each, names) for each in earlier],
    )


def waiting_for_parents() -> QuerySet[Outbox]:
    """Return the records that cannot go before another one is there, the longest first."""
    known = list(registry.mappings())
    found: QuerySet[Outbox] = Outbox.objects.filter(
        waits_id__isnull=False, mapping__in=known, waits_mapping__in=known
    )
    return found.order_by("since", "pk")


def titles_here(keys: Iterable[Key]) -> dict[Key, str]:
    """Return the present names of records; a record that is gone has none. A query a mapping."""
    wanted: dict[str, list[UUID]] = {}
    for mapping, record_id in keys:
        wanted.setdefault(mapping, []).append(record_id)
    found: dict[Key, str] = {}
    for mapping, ids in wanted.items():
        one = registry.mapping(mapping)
        for record_id, values in one.read(ids).items():
            found[(mapping, record_id)] = store.title_of(one, one.normals(values)[0])
    return found


def deleted_there(mapping: str) -> list[UUID]:
    """Return the records of a kind that were deleted in Salesforce and wait for a person."""
    gone = SyncProblem.objects.filter(mapping=mapping, kind=SyncProblem.Kind.DELETED_THERE)
    return list(gone.values_list("record_id", flat=True))


def sf_url(sf_id: str) -> str:
    """Return the address of a record in Salesforce; "" when it is not known."""
    connection = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    return f"{connection.login_url.rstrip('/')}/{sf_id}" if connection and sf_id else ""


def rows(conflicts: Sequence[Conflict]) -> list[Row]:
    """Return conflicts in words; a constant number of queries."""
    names = names_of(conflicts)
    return [row(each, names) for each in conflicts]


def row(conflict: Conflict, names: Names) -> Row:
    """Return one conflict in words; `names` as of `words.names_of`."""
    one = registry.mapping(conflict.mapping)
    column = one.column(conflict.there)
    agreed, ours, theirs, value = (
        shown(one, conflict.there, each, names)
        for each in (conflict.agreed, conflict.ours, conflict.theirs, conflict.value)
    )
    return Row(
        conflict=conflict,
        label=one.words_of(conflict.there),
        agreed=agreed,
        ours=_side(ours, agreed, conflict.ours_by, conflict.ours_at),
        theirs=_side(theirs, agreed, conflict.theirs_by, conflict.theirs_at),
        choosable=_choosable(one, column),
        may_type=column is not None and may_type(one, column),
        input_type=input_type(column) if column else "text",
        outcome=value
        if conflict.state == Conflict.State.CHOSEN
        else {"here": ours}.get(conflict.winner, theirs),
    )


def _choosable(one: Mapping, column: Field | None) -> bool:
    return column is not None and column.pulls and one.apply is not None


def _side(text: str, agreed: str, by: str, at: datetime | None) -> Side:
    pieces = [Piece(text)] if EMPTY in (text, agreed) else marked(text, agreed)
    return Side(text, pieces, by, at)


def settled_this_week() -> int:
    """Return how many conflicts a field's rule has settled in the last 7 days."""
    return Conflict.objects.filter(state=Conflict.State.SETTLED, at__gte=now() - WEEK).count()


def outcome(conflict: Conflict) -> str:
    """Return in a few words what became of a conflict."""
    if conflict.state == Conflict.State.OPEN:
        return "To decide"
    if conflict.state == Conflict.State.EQUAL:
        return "Both became equal"
    who = {"here": "Ours", "salesforce": "Salesforce’s", "other": "Another"}.get(conflict.winner, "Ours")
    return (
        f"{who}, chosen by {conflict.chosen_by}"
        if conflict.state == Conflict.State.CHOSEN
        else f"{who}, by rule"
    )
