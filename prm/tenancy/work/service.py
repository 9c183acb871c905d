"""Adding work, claiming it in turn, holding it while it is done, and letting it go."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from prm.core.ids import uuid7
from prm.core.types import Json
from prm.tenancy.context import Actor, as_sweep, bound_tenant, tenant_scope
from prm.tenancy.use_cases import needs_no_right
from prm.tenancy.work import sql
from prm.tenancy.work.models import Job, JobQuerySet
from prm.tenancy.work.rules import (
    LEASE_SECONDS,
    MOST_ATTEMPTS,
    PAUSE,
    RENEW_SECONDS,
    TENANT_AT_ONCE,
    large_at_once,
)
from prm.tenancy.work.states import Queue, Size

if TYPE_CHECKING:
    from prm.tenancy.models import Tenant

logger = logging.getLogger("prm.tasks")
_ACTOR: Final = Actor(kind="task", door="task", label="queue")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A piece of work that this worker is at, under its lease."""

    id: UUID
    tenant: "Tenant"
    queue: Queue
    size: Size
    name: str
    arguments: Mapping[str, Json]
    lease: UUID


@needs_no_right("what is written down is done with the right of who asked")
def add(name: str, arguments: Mapping[str, Json], *, queue: Queue, size: Size) -> Job:
    """Write down work of the tenant in scope, with the transaction that asks for it."""
    return Job.objects.create(name=name, arguments=dict(arguments), queue=queue, size=size)


@needs_no_right("says whether, writes nothing")
def is_asked(name: str, arguments: Mapping[str, Json]) -> bool:
    """Whether this work of the tenant in scope waits or runs."""
    return Job.objects.asking(name, dict(arguments)).exists()


@needs_no_right("says whether, writes nothing")
def is_about(name: str, part: Mapping[str, Json]) -> bool:
    """Whether work of the tenant in scope whose arguments contain these waits or runs."""
    return Job.objects.filter(name=name, arguments__contains=dict(part)).exists()


@needs_no_right("says what, writes nothing")
def asked(name: str) -> list[Mapping[str, Json]]:
    """Return the arguments of each work of this name of the tenant in scope that waits or runs."""
    return list(Job.objects.filter(name=name).values_list("arguments", flat=True))


@needs_no_right("takes back what its caller asked for")
def withdraw(name: str, arguments: Mapping[str, Json]) -> None:
    """Take work back that nobody has begun."""
    Job.objects.asking(name, dict(arguments)).waiting().delete()


@needs_no_right("workers only")
def claim(queue: Queue, *, only: UUID | None = None) -> Claimed | None:
    """Take the piece of work of a queue whose turn it is (or `only` this one); None when there is nothing to do.

    What asks for the same and waits is done with it: it was asked for before, so what it is about is seen.
    Work that has ended with its worker too often is given up, which is logged.
    """
    while True:
        with as_sweep():
            job = _next(queue, only)
            if job is None:
                return None
            with tenant_scope(job.tenant, actor=_ACTOR):
                if job.attempts < MOST_ATTEMPTS:
                    return _take(job)
                job.delete()
        logger.error(
            "task %s of tenant %s is given up: %s workers ended while they were at it",
            job.name, job.tenant.slug, job.attempts,
        )  # fmt: skip
        only = None


def _next(queue: Queue, only: UUID | None) -> Job | None:
    limits = {"tenant_at_once": TENANT_AT_ONCE[queue], "large_at_once": large_at_once(queue)}
    with connection.cursor() as cursor:
        cursor.execute(sql.ONE_AT_A_TIME, {"queue": queue})
        if only is None:
            cursor.execute(sql.NEXT, {"queue": queue, **limits})
            row = cursor.fetchone()
            only = row[0] if row else None
    every = Job.objects.unscoped("whose turn it is, is decided over all tenants")
    return every.select_related("tenant").filter(pk=only).first() if only else None


def _take(job: Job) -> Claimed:
    lease, queue, size = uuid7(), Queue(job.queue), Size(job.size)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.HOLD, {"lease": lease, "held": LEASE_SECONDS, "tenant": job.tenant_id, "id": job.pk}
        )
    _take_turn(job.tenant.pk, queue, size)
    Job.objects.filter(pk=job.pk).update(attempts=F("attempts") + 1)
    Job.objects.asking(job.name, job.arguments).waiting().exclude(pk=job.pk).delete()
    return Claimed(job.pk, job.tenant, queue, size, job.name, job.arguments, lease)


def _take_turn(tenant_id: UUID, queue: Queue, size: Size) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.TAKE_TURN, {"tenant": tenant_id, "queue": queue, "size": size})


@needs_no_right("workers only")
def finish(claimed: Claimed) -> None:
    """Remove work that is done, or that failed for good. Call in the scope of its tenant."""
    _own(claimed).delete()


@needs_no_right("workers only")
def give_back(claimed: Claimed) -> None:
    """Let others have their turn before this work goes on; it has shown that it is large."""
    _own(claimed).update(lease=None, lease_until=None, attempts=0, size=Size.LARGE)
    _take_turn(claimed.tenant.pk, claimed.queue, Size.LARGE)  # it has just had one


@needs_no_right("workers only")
def postpone(claimed: Claimed) -> None:
    """Try again after a pause."""
    _own(claimed).update(lease=None, lease_until=None, not_before=Now() + PAUSE)


def _own(claimed: Claimed) -> JobQuerySet:
    return Job.objects.filter(pk=claimed.id, lease=claimed.lease)


@needs_no_right("counts only")
def waiting() -> dict[Queue, int]:
    """Return how much has waited for a second or longer, by queue, over all tenants."""
    with as_sweep(), connection.cursor() as cursor:
        cursor.execute(sql.WAITING)
        return {Queue(queue): int(count) for queue, count in cursor.fetchall()}


class Lease:
    """Use as a context manager around work: renews its lease by a second connection while the work goes on.

    Inside a transaction that was open before (a test) a second connection would not see the work: then
    nothing is renewed.
    """

    def __init__(self, claimed: Claimed) -> None:
        self._claimed = claimed
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if not connection.in_atomic_block:
            self._thread = threading.Thread(target=self._renew, name="work-lease", daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _renew(self) -> None:
        try:
            while not self._over.wait(RENEW_SECONDS):
                self._hold()
        finally:
            connection.close()

    def _hold(self) -> None:
        own: dict[str, UUID | int] = {
            "lease": self._claimed.lease, "held": LEASE_SECONDS, "id": self._claimed.id,
            "tenant": self._claimed.tenant.pk,
        }  # fmt: skip
        try:
            with bound_tenant(self._claimed.tenant), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql.HOLD, own)
        except Exception:
            # The database may be away for a moment; the lease outlives two failed renewals.
            logger.exception("the lease on task %s was not renewed", self._claimed.name)
            connection.close()
