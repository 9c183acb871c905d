"""Celery tasks that belong to a tenant.

A room's `tasks.py` makes them with `@tenant_task`; whoever needs one sends it by its name with
`send_task`, so that services import no tasks. The scope is opened here and sending waits for the commit, so
that no task repeats it. Ids go in, as texts; the task loads and delegates. `scope="bound"` leaves
transactions to the task, for jobs that talk to other systems or commit in steps.
"""

import inspect
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Literal, ParamSpec, Protocol

from celery import current_app, shared_task
from django.db import transaction

from prm.core.registry import our_apps
from prm.core.types import Json
from prm.tenancy.context import Actor, bound_tenant, current_tenant, tenant_scope
from prm.tenancy.models import Tenant

P = ParamSpec("P")
Scope = Literal["atomic", "bound"]
logger = logging.getLogger("prm.tasks")


class CeleryTask(Protocol):
    """A task as Celery made it."""

    def apply_async(self, *, kwargs: dict[str, Json]) -> object: ...


@dataclass(frozen=True, slots=True)
class TenantTask:
    """A task that runs in the scope of the tenant it was sent in."""

    name: str
    signature: inspect.Signature
    celery: CeleryTask


_tasks: dict[str, TenantTask] = {}


def tenant_task(
    *, name: str, scope: Scope = "atomic", acks_late: bool = True
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function with keyword arguments a task of the tenant in scope.

    With `acks_late` (the rule here) a task whose worker died is done again by another, so it must be repeatable.
    """

    def decorate(function: Callable[P, None]) -> Callable[P, None]:
        def run(tenant_id: str, **kwargs: Json) -> None:
            work = partial(function, **kwargs)  # type: ignore[arg-type]  # bound to its signature when sent
            _run(work, tenant_id, name=name, scope=scope)

        run.__doc__, run.__module__, run.__name__ = function.__doc__, function.__module__, function.__name__
        task = shared_task(name=name, acks_late=acks_late)(run)
        _tasks[name] = TenantTask(name, inspect.signature(function), task)
        return function

    return decorate


def send_task(name: str, **kwargs: Json) -> None:
    """Send a task of the tenant in scope when the open transaction commits.

    Raises `LookupError` when no task is called so, `TypeError` when it takes other arguments. A broker that
    is down is logged, not raised: what the task would have done is found again by the schedule.
    """
    task = find_task(name)
    task.signature.bind(**kwargs)
    message = {"tenant_id": str(current_tenant().pk), **kwargs}
    transaction.on_commit(lambda: _deliver(task, message), robust=True)


def find_task(name: str) -> TenantTask:
    """Return the task with this name. Raises `LookupError`."""
    if name not in _tasks:
        _load_tasks_of(name.partition(".")[0])  # what sends need not have loaded what does
    if name not in _tasks:
        current_app.loader.import_default_modules()
    try:
        return _tasks[name]
    except KeyError:
        known = ", ".join(sorted(_tasks))
        raise LookupError(f"No task of a tenant is called {name!r}. There are: {known}.") from None


def _load_tasks_of(label: str) -> None:
    """Import the tasks of one app only: those of the others (the sync's HTTP) would cost an import 50 MB."""
    for config in our_apps():
        if config.label == label:
            for file in sorted(Path(config.path).rglob("tasks.py")):
                import_module(".".join((config.name, *file.parent.relative_to(config.path).parts, "tasks")))


def _deliver(task: TenantTask, message: dict[str, Json]) -> None:
    task.celery.apply_async(kwargs=message)


def _run(work: Callable[[], None], tenant_id: str, *, name: str, scope: Scope) -> None:
    # Where tasks run at once, the sender's tenant is still bound and its transaction is over.
    with transaction.atomic():
        tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
    if tenant is None:
        logger.warning("task %s: tenant %s is gone", name, tenant_id)
        return
    with _opened(tenant, Actor(kind="task", door="task", label=name), scope):
        work()


def _opened(tenant: Tenant, actor: Actor, scope: Scope) -> AbstractContextManager[Tenant]:
    return tenant_scope(tenant, actor=actor) if scope == "atomic" else bound_tenant(tenant, actor=actor)
