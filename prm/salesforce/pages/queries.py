"""Held records as the page shows them: grouped, each with what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypedDict, TypeVar
from uuid import UUID

from django.db.models import Count, Min, Model, Q, QuerySet

from prm.core.clock import now
from prm.mapping import Direction, Mapping
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine import store
from prm.salesforce.engine.models import (
    AtRest,
    Conflict,
    Connection,
    Outbox,
    SyncHour,
    SyncProblem,
    SyncRun,
    SyncState,
)
from prm.salesforce.mapping import registry
from prm.salesforce.runs import hours
from prm.salesforce.runs.lane import OUR_SHARE
from prm.salesforce.shapes.queries import Resting, rests
from prm.salesforce.wire import codes, refusals
from prm.salesforce.wire.errors import advice_for
from prm.ui import charts, formatting


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Records held for the same reason; `quote` is Salesforce's (or a service's) own message."""

    mapping: str
    code: str
    kind: str
    title: str
    quote: str
    advice: str
    count: int
    since: datetime | None
    can_retry: bool = True
    can_recreate: bool = False
    meaning: str = ""
    who: str = ""


def problem_groups() -> list[ProblemGroup]:
    """Return held records by reason, the largest group first, then those that wait for a parent."""
    rows = (
        SyncProblem.objects.values("mapping", "kind", "code", "message")
        .annotate(count=Count("pk"), first=Min("since"))
        .order_by("-count", "mapping", "code")
    )
    known = registry.mappings()
    groups = [_group(known[row["mapping"]], row) for row in rows if row["mapping"] in known]
    waits = (
        Outbox.objects.filter(waits_id__isnull=False)
        .values("mapping", "waits_mapping")
        .annotate(count=Count("pk"), first=Min("since"))
    )
    groups += [_parent_group(known[row["mapping"]], row) for row in waits if row["mapping"] in known]
    return groups


class _ProblemCount(TypedDict):
    """Held records of one reason."""

    mapping: str
    kind: SyncProblem.Kind
    code: str
    message: str
    count: int
    first: datetime | None


class _ParentCount(TypedDict):
    """Records that wait for a record of another mapping."""

    mapping: str
    waits_mapping: str
    count: int
    first: datetime | None


UNFIT = "UNFIT"
_DECIDED = (SyncProblem.Kind.DELETED_THERE, SyncProblem.Kind.MERGED_THERE, SyncProblem.Kind.LOOP)
"""Kinds that a person decides: trying again changes nothing."""


def _group(one: Mapping, row: _ProblemCount) -> ProblemGroup:
    count, kind, code = row["count"], row["kind"], row["code"]
    known = codes.known(code)
    noun = one.singular if count == 1 else one.plural
    titles = {
        SyncProblem.Kind.REFUSED_THERE: f"Salesforce refuses {count} {noun}",
        SyncProblem.Kind.REFUSED_HERE: f"{count} {noun} cannot be taken over here",
        SyncProblem.Kind.DELETED_THERE: f"{count} {noun} {_was(count)} deleted in Salesforce",
        SyncProblem.Kind.KEPT_THERE: f"Salesforce keeps a value of {count} {noun} differently",
        SyncProblem.Kind.LOOP: f"A field of {count} {noun} is rewritten again and again",
        SyncProblem.Kind.MERGED_THERE: f"{count} {noun} {_was(count)} merged in Salesforce",
        SyncProblem.Kind.LATER: f"{count} {noun} will be tried again by itself",
    }
    return ProblemGroup(
        mapping=one.key,
        code=code,
        kind=kind,
        # Nothing was refused: a value was not sent, and the rest of the record was.
        title=f"A value of {count} {noun} stays here"
        if code == UNFIT
        else titles.get(kind, f"{count} {noun} held"),
        quote=f"{code}: {row['message']}" if code else row["message"],
        advice=advice_for(code),
        meaning=known.meaning if known else "",
        who=known.who.words if known and known.who is not codes.Who.NOBODY else "",
        count=count,
        since=row["first"],
        can_retry=kind not in _DECIDED,
        can_recreate=kind == SyncProblem.Kind.DELETED_THERE,
    )


def _parent_group(one: Mapping, row: _ParentCount) -> ProblemGroup:
    parent = registry.mappings().get(row["waits_mapping"])
    count = row["count"]
    noun = one.singular if count == 1 else one.plural
    return ProblemGroup(
        mapping=one.key,
        code="",
        kind="parent",
        title=f"{count} {noun} {'waits for its' if count == 1 else 'wait for their'} "
        f"{parent.singular if parent else 'parent'}",
        quote="",
        advice=f"{'It goes by itself' if count == 1 else 'They go by themselves'} once that is in Salesforce.",
        count=count,
        since=row["first"],
        can_retry=False,
    )


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


M = TypeVar("M", bound=Model)
DAY = timedelta(hours=24)


SHOWN_RUNS = 8
HOURS = 5 * 24
SHOWN = timedelta(hours=HOURS)
"""Five days, so that a weekend is seen on Monday."""
TARGET = 5
"""Seconds within which a change here should be in Salesforce."""
SLACK = 5
"""Seconds beyond the poll interval within which a change there should be here."""


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """One kind of record: where it goes, how it fared in 24 hours, and how many are outside the scope."""

    here: str
    there: str
    direction: str
    icon: str
    sent: int
    received: int
    waiting: int
    held: int
    conflicts: int
    at_rest: int


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from a change on one side to its being on the other, in the last 24 hours; `None` without any change."""

    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Days:
    """The last five days, hour by hour, as lines; `hours` are the same as figures."""

    lag: charts.Trend
    lag_back: charts.Trend
    waiting: charts.Trend
    calls: charts.Trend
    hours: Sequence[SyncHour]


@dataclass(slots=True)
class Health:
    """Everything on the sync page."""

    connection: Connection
    state: SyncState
    problems: list[ProblemGroup]
    objects: list[ObjectRow]
    runs: list[SyncRun]
    waiting: int
    oldest: datetime | None
    held: int
    lag: Lag
    lag_back: Lag
    days: Days
    budget: int | None
    running: bool = False
    notes: list[str] = field(default_factory=list)
    rests: list[Resting] = field(default_factory=list)
    trouble: SignInTrouble | None = None

    @property
    def status(self) -> tuple[str, str]:
        """The word for the state, and the kit's kind of it."""
        if self.connection.state == Connection.State.CONNECTED:
            if self.state.not_before is not None and self.state.not_before > now():
                return "Waiting", "draft"
            return "Running", "good"
        if self.connection.is_resting:
            return "Not started", "draft"
        if self.connection.state == Connection.State.PAUSED:
            return "Paused", "draft"
        return "Signed out", "bad"

    @property
    def polls(self) -> bool:
        """Whether the page should look again by itself."""
        return self.running or (self.connection.is_running and self.waiting > 0)


def present_connection() -> Connection | None:
    """Return the tenant's connection, unless it was ended."""
    found: Connection | None = Connection.objects.exclude(state=Connection.State.DISCONNECTED).first()
    return found


@dataclass(frozen=True, slots=True)
class SignInTrouble:
    """What cures a refused sign-in: sentences, and the page of Salesforce's set-up; empty where only words are known.

    `found` is another organisation that the sign-in led to; with `refreshed` it is most likely the same sandbox, refreshed.
    """

    meaning: str = ""
    clicks: str = ""
    place: str = ""
    page: str = ""
    found: str = ""
    refreshed: bool = False


def signs_in_by() -> str:
    """Return how the connection signs in: secret, key or person."""
    way = Credential.objects.values_list("way", flat=True).first()
    return str(way or Credential.Way.SECRET)


def sign_in_trouble(connection: Connection) -> SignInTrouble | None:
    """Return what cures the sign-in of a connection that is signed out; `None` where nothing more than its note is known."""
    if connection.state != Connection.State.SIGNED_OUT:
        return None
    credential = Credential.objects.first()
    if credential is None:
        return None
    cause = refusals.known(credential.refusal)
    if cause is not None:
        return SignInTrouble(cause.meaning, cause.clicks, cause.place, cause.address(connection.login_url))
    found = credential.found_organization
    return SignInTrouble(found=found, refreshed=connection.is_sandbox) if found else None


def calls_left() -> tuple[int, int] | None:
    """Return how many API calls the organisation has left of how many in 24 hours, as last seen."""
    state = SyncState.objects.first()
    if state is None or state.org_limit is None or state.org_used is None:
        return None
    return max(0, state.org_limit - state.org_used), state.org_limit


def health(connection: Connection) -> Health:
    """Return the state of a connected tenant."""
    state, _ = SyncState.objects.get_or_create()
    queued = _queued()
    runs = list(SyncRun.objects.filter(started_at__gte=now() - DAY).order_by("-started_at"))
    problems = problem_groups()
    past = list(SyncHour.objects.filter(hour__gt=hours.hour_of(now()) - SHOWN).order_by("hour"))
    return Health(
        connection=connection,
        state=state,
        problems=problems,
        objects=_objects(runs, queued),
        runs=runs[:SHOWN_RUNS],
        waiting=queued.ready.total(),
        oldest=queued.oldest,
        held=sum(group.count for group in problems),
        lag=_lag(past, "lags_out"),
        lag_back=_lag(past, "lags_back"),
        days=_days(past, connection),
        budget=_budget(connection, state),
        running=state.lane is not None and (state.lane_until or now()) > now(),
        rests=rests(),
        trouble=sign_in_trouble(connection),
    )


def _lag(past: Sequence[SyncHour], name: Literal["lags_out", "lags_back"]) -> Lag:
    counts: Counter[str] = Counter()
    for hour in past:
        if hour.hour > now() - DAY:
            counts.update(getattr(hour, name))
    return Lag(hours.percentile(counts, 0.5), hours.percentile(counts, 0.95))


def _days(past: Sequence[SyncHour], connection: Connection) -> Days:
    """Return five days hour by hour. An hour in which nothing was exchanged has no lag; one without a run no figures."""
    present = hours.hour_of(now())
    moments = [present - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    known = {hour.hour: hour for hour in past}
    names = [formatting.moment(moment) for moment in moments]
    row = [known.get(moment) for moment in moments]
    back = connection.poll_seconds + SLACK
    return Days(
        lag=charts.trend(
            "Here to Salesforce, median",
            names,
            [hours.percentile(hour.lags_out, 0.5) if hour else None for hour in row],
            target=TARGET,
            target_words=f"target {TARGET} s",
            show=_seconds,
        ),
        lag_back=charts.trend(
            "Salesforce to here, median",
            names,
            [hours.percentile(hour.lags_back, 0.5) if hour else None for hour in row],
            target=back,
            target_words=f"target {back} s",
            show=_seconds,
        ),
        waiting=charts.trend(
            "Waiting to be sent, most", names, [hour.waiting if hour else None for hour in row]
        ),
        calls=charts.trend("API calls", names, [hour.calls if hour else None for hour in row]),
        hours=past,
    )


def _seconds(value: float) -> str:
    if value >= 90:
        return f"{formatting.number(value / 60)} min"
    return f"{formatting.number(value, 1 if value < 10 else 0)} s"


def _budget(connection: Connection, state: SyncState) -> int | None:
    if connection.daily_calls:
        return connection.daily_calls
    return int(state.org_limit * OUR_SHARE) if state.org_limit else None


@dataclass(frozen=True, slots=True)
class _Queued:
    """Records in the queue by mapping: those that may go, with the moment of the oldest, and those that wait for another record."""

    ready: Counter[str]
    behind: Counter[str]
    oldest: datetime | None


def _queued() -> _Queued:
    ready = Q(waits_id__isnull=True, not_before__isnull=True)
    rows = (
        Outbox.objects.order_by()
        .values("mapping")
        .annotate(
            ready=Count("pk", filter=ready),
            behind=Count("pk", filter=Q(waits_id__isnull=False)),
            oldest=Min("since", filter=ready),
        )
    )
    found = list(rows)
    return _Queued(
        Counter({row["mapping"]: row["ready"] for row in found}),
        Counter({row["mapping"]: row["behind"] for row in found}),
        min((row["oldest"] for row in found if row["oldest"]), default=None),
    )


def _objects(runs: Sequence[SyncRun], queued: _Queued) -> list[ObjectRow]:
    sent: Counter[str] = Counter()
    received: Counter[str] = Counter()
    for run in runs:
        for key, counts in run.counts.get("pushed", {}).items():
            sent[key] += sum(counts.get(what, 0) for what in ("created", "updated", "deleted"))
        for key, counts in run.counts.get("pulled", {}).items():
            received[key] += counts.get("applied", 0)
    at_rest = _by_mapping(AtRest.objects.all())
    held = _by_mapping(SyncProblem.objects.all()) + queued.behind
    conflicts = _by_mapping(Conflict.objects.filter(at__gte=now() - DAY))
    return [
        ObjectRow(
            here=one.plural.capitalize(),
            there=one.there_words or one.sobject,
            direction="both ways" if one.pulled else "to Salesforce",
            icon="arrows-exchange" if one.pulled else "arrow-right",
            sent=sent[key],
            received=received[key],
            waiting=queued.ready[key],
            held=held[key],
            conflicts=conflicts[key],
            at_rest=at_rest[key],
        )
        for key, one in registry.mappings().items()
    ]


def _by_mapping(rows: QuerySet[M]) -> Counter[str]:
    counted = rows.order_by().values("mapping").annotate(count=Count("pk"))
    return Counter({row["mapping"]: row["count"] for row in counted})


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the mapping as people read it."""

    here: str
    there: str
    direction: str
    winner: str


def field_rows(one: Mapping) -> list[FieldRow]:
    """Return what of a record is kept in step, and who wins a conflict."""
    words = {
        Direction.PUSH: "to Salesforce",
        Direction.PULL: "from Salesforce",
        Direction.BOTH: "both ways",
    }
    return [
        FieldRow(
            each.label or each.here.replace("_", " ").capitalize(),
            each.there,
            words[each.direction],
            each.winner.value if each.direction is Direction.BOTH else "",
        )
        for each in one.fields
    ]


def titles(mapping: str, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the present names of records; a record that is gone is left out."""
    one = registry.mapping(mapping)
    return {
        record_id: store.title_of(one, one.normals(values)[0]) or str(record_id)
        for record_id, values in one.read(ids).items()
    }
