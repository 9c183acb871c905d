"""Celery tasks that belong to a tenant.

``@tenant_task`` opens the scope and sends on commit, so that no task repeats it. Ids go in, as
strings; the task loads and delegates. ``scope="bound"`` leaves transactions to the task, for jobs
that talk to other systems or commit in steps.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, Literal, ParamSpec

from celery import shared_task
from celery.app.task import Task
from django.db import transaction

from prm.tenancy.context import Actor, bound_tenant, current_tenant, tenant_scope
from prm.tenancy.models import Tenant

P = ParamSpec("P")
logger = logging.getLogger("prm.tasks")


class TenantTask(Generic[P]):
    """A task bound to the tenant in scope when it is sent."""

    def __init__(self, task: "Task[Any, None]", function: Callable[P, None]) -> None:
        self.task = task
        self.function = function

    def send(self, **kwargs: Any) -> None:
        """Send when the open transaction commits; a broker that is down is logged, not raised.

        What the task would have done is found again by the schedule (nightly run, sweep).
        """
        tenant_id = str(current_tenant().pk)
        transaction.on_commit(lambda: self._deliver(tenant_id, kwargs), robust=True)

    def _deliver(self, tenant_id: str, kwargs: dict[str, Any]) -> None:
        self.task.apply_async(kwargs={"tenant_id": tenant_id, **kwargs})


def tenant_task(
    *, name: str, scope: Literal["atomic", "bound"] = "atomic", **options: Any
) -> Callable[[Callable[P, None]], TenantTask[P]]:
    """Make a function with keyword arguments a task of the tenant in scope."""

    def decorate(function: Callable[P, None]) -> TenantTask[P]:
        def run(tenant_id: str, **kwargs: Any) -> None:
            # Where tasks run at once, the sender's tenant is still bound and its transaction is over.
            with transaction.atomic():
                tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
            if tenant is None:
                logger.warning("task %s: tenant %s is gone", name, tenant_id)
                return
            with _scope(tenant, name, scope):
                function(**kwargs)  # type: ignore[call-arg]

        run.__doc__ = function.__doc__
        run.__module__ = function.__module__
        run.__name__ = function.__name__
        task = shared_task(name=name, **options)(run)  # type: ignore[no-untyped-call]
        return TenantTask(task, function)

    return decorate


def _scope(tenant: Tenant, name: str, scope: str) -> AbstractContextManager[Tenant]:
    actor = Actor(kind="task", door="task", label=name)
    return tenant_scope(tenant, actor=actor) if scope == "atomic" else bound_tenant(tenant, actor=actor)
