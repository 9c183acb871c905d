"""The audit trail: rows written by database triggers for every change of a business row.

`@audited()` above a model makes an event table beside it. Each event holds the row as it is after
the change, its kind (`insert`, `update`, `delete`), the moment, and as JSON who acted through
which door (set once per transaction, see `prm.tenancy.context.announcement`). Event tables
are tenant-owned like all others, and the application may only read and add.
"""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, TypeVar

import pghistory
import pgtrigger
from django.db import models
from pghistory.models import Event

from prm.tenancy.base import short_name
from prm.tenancy.managers import TenantManager
from prm.tenancy.walls import TenantPolicy

Model = TypeVar("Model", bound=models.Model)


class TenantEvent(Event):
    """Base of the event models."""

    pgh_id = models.BigAutoField(primary_key=True)

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True


def audited(*, exclude: Collection[str] = ()) -> Callable[[type[Model]], type[Model]]:
    """Track inserts, updates and deletes of a tenant-owned model.

    `exclude` names fields that are not kept in the trail (secrets, large content); an update of
    excluded fields alone leaves no event.
    """

    def decorate(model: type[Model]) -> type[Model]:
        stem = f"{model._meta.app_label}_{model.__name__}event"
        tracked = pghistory.track(
            pghistory.InsertEvent("insert"),
            pghistory.UpdateEvent("update"),
            pghistory.DeleteEvent("delete"),
            exclude=list(exclude),
            base_model=TenantEvent,
            context_field=pghistory.ContextJSONField(),
            context_id_field=None,
            model_name=f"{model.__name__}Event",
            level=pgtrigger.Statement,
            meta={
                "base_manager_name": "objects",
                "constraints": [TenantPolicy(name=short_name(stem, "wall"))],
                "indexes": [models.Index(fields=["tenant", "pgh_obj"], name=short_name(stem, "ix"))],
            },
        )
        made: type[Model] = tracked(model)
        _drop_single_indexes(made.pgh_event_model)  # type: ignore[attr-defined]  # set by track()
        return made

    return decorate


def _drop_single_indexes(event: type[models.Model]) -> None:
    """Take the index off each foreign key of an event: it is found by tenant and object, and written often."""
    for field in event._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            field.db_index = False  # type: ignore[attr-defined]  # not in the stubs
