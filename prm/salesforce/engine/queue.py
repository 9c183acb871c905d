"""The outbox as a queue: claiming dirty records, letting them go, saying why they wait.

A claim is a lease in the row, not a row lock, because the call to Salesforce happens between two
transactions. A killed worker's claim runs out; its `sent` then says which calls have no answer.

Nothing here waits for a row while it holds another: whoever changes records writes their rows in an order of their
own, and the two would end in a deadlock, of which the database may let the person's change fail. What somebody is
just changing is left to them (`SKIP LOCKED`), and to the claim that runs out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet

from prm.core.clock import now
from prm.core.ids import uuid7
from prm.mapping import Mapping, Normal
from prm.salesforce.engine import store
from prm.salesforce.engine.models import Outbox

CLAIM_SECONDS = 120

EDIT_RECORDS = 20
"""Records that one transaction may make dirty and still be a person's edit, not a file."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A dirty record this worker may send. `sent` is set when an earlier call has no answer."""

    id: UUID
    record_id: UUID
    version: int
    since: datetime
    attempts: int
    sent: dict[str, Normal] | None
    cause: int = 0
    made_by: str = ""


def _ready() -> Q:
    moment = now()
    return (
        Q(waits_id__isnull=True)
        & (
            Q(not_before__isnull=True)
            | Q(not_before__lte=moment)
            # Longer than any pause: set by a clock that has jumped back since.
            | Q(not_before__gt=moment + timedelta(hours=store.HELD_HOURS, minutes=1))
        )
        & (Q(claim__isnull=True) | Q(claimed_until__lt=moment))
    )


def _single() -> Q:
    """Rows that single edits made dirty, not a file or the engine."""
    causes = Outbox.objects.filter(cause__gt=0).values("cause").annotate(count=Count("pk")).order_by()
    return Q(cause__in=causes.filter(count__lte=EDIT_RECORDS).values("cause"))


def claim(mapping: Mapping, most: int, *, unknown: bool = False, edits: bool = False) -> list[Claimed]:
    """Take up to `most` dirty records; the latest changes first. Call inside a transaction.

    Newest first keeps a person's edit from queueing behind a backfill; nothing starves, since the
    backlog is older than all that comes in. Rows that a transaction is just changing are skipped.
    The rows stay locked until the caller's transaction ends, so that planning never waits for
    anybody. `unknown` takes the records whose last call has no answer, and only those; `edits` takes
    what single edits made dirty.
    """
    rows = list(
        Outbox.objects.filter(
            _ready(), _single() if edits else Q(), mapping=mapping.key, sent__isnull=not unknown
        )
        .order_by("-since")
        .select_for_update(skip_locked=True)[:most]
    )
    if not rows:
        return []
    Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
        claim=uuid7(), claimed_until=now() + timedelta(seconds=CLAIM_SECONDS)
    )
    return [
        Claimed(row.pk, row.record_id, row.version, row.since, row.attempts, row.sent, row.cause, row.made_by)
        for row in rows
    ]


def lock(rows: Iterable[Claimed]) -> dict[UUID, int]:
    """Lock claimed rows and return their present versions by row id.

    A row that somebody's transaction is changing is left out instead of waited for: that
    transaction may be a long import which in turn waits for another row of this batch.
    """
    found = _free(Q(pk__in=[row.id for row in rows])).only("pk", "version", "tenant_id")
    return {row.pk: row.version for row in found}


def _free(wanted: Q) -> QuerySet[Outbox]:
    """Rows that nobody is just changing; locked until the transaction ends, once they are read."""
    return Outbox.objects.filter(wanted).select_for_update(skip_locked=True)


def _update_free(wanted: Q, **values: object) -> None:
    ids = list(_free(wanted).values_list("pk", flat=True))
    Outbox.objects.filter(pk__in=ids).update(**values)


def renewed(rows: Sequence[Claimed]) -> tuple[list[Claimed], list[Claimed]]:
    """Lock claims; return those with their present versions, and those that somebody is just changing.

    What was merged meanwhile is planned with the rest.
    """
    versions = lock(rows)
    free = [replace(row, version=versions[row.id]) for row in rows if row.id in versions]
    return free, [row for row in rows if row.id not in versions]


def mark_sent(batch: Iterable[tuple[Claimed, dict[str, Normal]]]) -> None:
    """Write down what is about to be sent, of locked rows. Call inside a transaction that commits before the call."""
    Outbox.objects.bulk_update([Outbox(pk=claimed.id, sent=values) for claimed, values in batch], ["sent"])


def finish(done: Iterable[Claimed], versions: dict[UUID, int] | None = None) -> None:
    """Remove records that went through, whose rows are locked; one that changed meanwhile stays, ready to be sent again.

    `versions` are the present versions of the rows; without them they count as claimed.
    """
    same: list[Claimed] = []
    changed: list[Claimed] = []
    for row in done:
        unchanged = versions is None or versions.get(row.id) == row.version
        (same if unchanged else changed).append(row)
    by_version: dict[int, list[UUID]] = {}
    for row in same:
        by_version.setdefault(row.version, []).append(row.id)
    for version, ids in by_version.items():
        Outbox.objects.filter(pk__in=ids, version=version).delete()
    let_go(changed if versions is not None else same)


def let_go(rows: Iterable[Claimed], *, keep_sent: bool = False) -> None:
    """Give claims back, to be taken again at once; those of rows that somebody is just changing run out.

    With `keep_sent` the outcome of the last call stays unknown.
    """
    ids = [row.id for row in rows]
    if not ids:
        return
    values: dict[str, object] = {"claim": None, "claimed_until": None}
    if not keep_sent:
        values["sent"] = None
    _update_free(Q(pk__in=ids), **values)


class Later:
    """Claims that are let go later, because somebody was just changing their rows."""

    def __init__(self) -> None:
        self.rows: list[Claimed] = []

    def lock(self, rows: Sequence[Claimed]) -> dict[UUID, int]:
        """Lock rows that nobody is just changing and return their versions; keep the others for later."""
        held = lock(rows)
        self.rows += [row for row in rows if row.id not in held]
        return held

    def let_go(self) -> None:
        """Free those whose rows nobody is changing any more."""
        if later := self.rows:
            self.rows = []
            with transaction.atomic():
                held = self.lock(later)
                let_go(row for row in later if row.id in held)


def free_claims() -> None:
    """Take all claims back: their workers are dead. What had been sent without an answer stays unknown."""
    _update_free(Q(claim__isnull=False), claim=None, claimed_until=None)


def wait_for(row: Claimed, mapping: str, record_id: UUID) -> None:
    """Let a record, whose row is locked, wait for its parent instead of trying it again and again."""
    Outbox.objects.filter(pk=row.id, version=row.version).update(
        claim=None, claimed_until=None, sent=None, waits_mapping=mapping, waits_id=record_id
    )


def postpone(row: Claimed, until: datetime | None = None, *, keep_sent: bool = False) -> None:
    """Try a record, whose row is locked, again later: after the usual pause, or at a moment.

    A change made here while it was being sent cancels the pause: it may have cured the cause.
    """
    values: dict[str, object] = {"claim": None, "claimed_until": None, "attempts": F("attempts") + 1}
    if not keep_sent:
        values["sent"] = None
    rows = Outbox.objects.filter(pk=row.id)
    rows.exclude(version=row.version).update(**values)
    values["not_before"] = until or now() + store.backoff(row.attempts + 1)
    rows.filter(version=row.version).update(**values)


def rest(mappings: Iterable[str], until: datetime) -> None:
    """Let the records of mappings wait of which nothing can be sent at present."""
    wanted = list(mappings)
    if wanted:
        _update_free(_ready() & Q(mapping__in=wanted), not_before=until)


def next_ready() -> datetime | None:
    """Return when the next postponed record is due; `None` when nothing is postponed."""
    return (
        Outbox.objects.filter(waits_id__isnull=True, not_before__isnull=False)
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first()
    )


def has_work(*, edits: bool = False) -> bool:
    """Whether some record could be sent now; with `edits` one that a single edit made dirty."""
    return Outbox.objects.filter(_ready(), _single() if edits else Q()).exists()


def work() -> dict[str, bool]:
    """Return the mappings with records that could be sent now, and whether any has no answer yet."""
    rows = Outbox.objects.filter(_ready()).values("mapping").annotate(sent=Count("sent"))
    return {row["mapping"]: row["sent"] > 0 for row in rows.order_by()}
