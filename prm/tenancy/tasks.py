"""Background work that belongs to a tenant.

A room's `tasks.py` makes it with `@tenant_task`; whoever needs it sends it by its name with `send_task`, so that
services import no tasks. The scope is opened here, and what is sent leaves with the commit, so that no task
repeats it. Ids go in, as texts; the task loads and delegates. `scope="bound"` leaves transactions to the
task, for jobs that talk to other systems or commit in steps.

What is sent waits in PostgreSQL (`prm.tenancy.work`) until its turn has come. Whose worker was killed is done
again by another, so it must be repeatable. A task that can take long works in slices: it returns `Slice.MORE`
after about `SLICE_SECONDS`, and others have their turn before it goes on.
"""

import inspect
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Literal, ParamSpec
from uuid import UUID

from celery import current_app, shared_task
from django.db import OperationalError, transaction

from prm.core.notation.reader import use_notation
from prm.core.registry import our_apps
from prm.core.types import Json
from prm.tenancy.context import Actor, bound_tenant, tenant_scope
from prm.tenancy.work import broker, courtesy, service
from prm.tenancy.work.states import Queue, Size, Slice

if TYPE_CHECKING:
    from celery import Task

    from prm.tenancy.models import Tenant

P = ParamSpec("P")
Scope = Literal["atomic", "bound"]
Work = Callable[P, Slice | None]
# At most so many workers are woken at each look of the schedule.
_WOKEN = 8

logger = logging.getLogger("prm.tasks")


@dataclass(frozen=True, slots=True)
class TenantTask:
    """A task that runs in the scope of the tenant it was sent in."""

    name: str
    signature: inspect.Signature
    work: Callable[..., Slice | None]
    scope: Scope
    queue: Queue
    size: Size


_tasks: dict[str, TenantTask] = {}


def tenant_task(
    *, name: str, scope: Scope = "atomic", queue: Queue = Queue.INTERACTIVE, size: Size = Size.SMALL
) -> Callable[[Work[P]], Work[P]]:
    """Make a function with keyword arguments a task of the tenant in scope.

    `queue` says which workers do it; `size` is that of work whose sender does not say.
    """

    def decorate(function: Work[P]) -> Work[P]:
        _tasks[name] = TenantTask(name, inspect.signature(function), function, scope, queue, size)
        return function

    return decorate


def send_task(name: str, *, size: Size | None = None, **kwargs: Json) -> None:
    """Write down work of the tenant in scope and wake a worker when the open transaction commits.

    Raises `LookupError` when no task is called so, `TypeError` when it takes other arguments. A broker that
    is down is logged, not raised: the work waits, and starts when the broker is back.
    """
    task = find_task(name)
    task.signature.bind(**kwargs)
    with transaction.atomic():
        job = service.add(name, kwargs, queue=task.queue, size=size or task.size)
        transaction.on_commit(lambda: broker.wake(task.queue, job=job.pk), robust=True)


def all_tasks() -> list[str]:
    """Return the names of all tasks of tenants."""
    current_app.loader.import_default_modules()
    return sorted(_tasks)


def find_task(name: str) -> TenantTask:
    """Return the task with this name. Raises `LookupError`."""
    if name not in _tasks:
        _load_tasks_of(name.partition(".")[0])  # what sends need not have loaded what does
    if name not in _tasks:
        known = ", ".join(all_tasks())
    try:
        return _tasks[name]
    except KeyError:
        raise LookupError(f"No task of a tenant is called {name!r}. There are: {known}.") from None


def _load_tasks_of(label: str) -> None:
    """Import the tasks of one app only: those of the others (the sync's HTTP) would cost an import 50 MB."""
    for config in our_apps():
        if config.label == label:
            for file in sorted(Path(config.path).rglob("tasks.py")):
                import_module(".".join((config.name, *file.parent.relative_to(config.path).parts, "tasks")))


# --- what workers do ----------------------------------------------------------------------------


@shared_task(name=broker.TASK, bind=True, acks_late=False, ignore_result=True)
def work(self: "Task[..., None]", queue: str, job: str = "") -> None:
    """Do one slice of the work whose turn it is; wake another worker when there is more.

    Where tasks run at once, the job that was sent is done, all of it.
    """
    at_once = bool(self.request.is_eager)
    claimed = service.claim(Queue(queue), only=UUID(job) if at_once and job else None)
    if claimed is None:
        return
    try:
        while _do(claimed) is Slice.MORE and at_once:
            again = service.claim(claimed.queue, only=claimed.id)
            if again is None:
                return
            claimed = again
    finally:
        if not at_once:
            broker.wake(claimed.queue)


@shared_task(name="tenancy.wake_waiting", ignore_result=True)
def wake_waiting(expires: float = 10.0) -> None:
    """Wake workers for all that waits: a wake-up may have been lost, or a worker killed."""
    for queue, count in service.waiting().items():
        for _ in range(min(count, _WOKEN)):
            broker.wake(queue, expires=expires)


def _do(claimed: service.Claimed) -> Slice:
    try:
        with service.Lease(claimed), courtesy.under_way(claimed.queue, claimed.size):
            outcome = _run(claimed) or Slice.DONE
    except OperationalError:
        # The database is in trouble, not the work.
        _let_go(claimed, service.postpone)
        raise
    except Exception:
        _let_go(claimed, service.finish)
        raise
    _let_go(claimed, service.finish if outcome is Slice.DONE else service.give_back)
    return outcome


def _let_go(claimed: service.Claimed, how: Callable[[service.Claimed], None]) -> None:
    with tenant_scope(claimed.tenant):
        how(claimed)


def _run(claimed: service.Claimed) -> Slice | None:
    if not claimed.tenant.is_active:
        logger.warning("task %s: tenant %s is gone", claimed.name, claimed.tenant.slug)
        return None
    task = find_task(claimed.name)
    actor = Actor(kind="task", door="task", label=claimed.name)
    # What a task writes for people to read is written as the tenant writes.
    with use_notation(claimed.tenant.notation), _opened(claimed.tenant, actor, task.scope):
        return task.work(**claimed.arguments)


def _opened(tenant: "Tenant", actor: Actor, scope: Scope) -> "AbstractContextManager[Tenant]":
    if scope == "atomic":
        return tenant_scope(tenant, actor=actor)
    return bound_tenant(tenant, actor=actor, opens_its_own=True)
