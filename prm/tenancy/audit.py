"""The audit trail: rows written by database triggers for every change of a business row.

`@audited()` above a model makes an event table beside it. Each event holds the row as it is after
the change, its kind (`insert`, `update`, `delete`), the moment, and as JSON who acted through
which door (set once per transaction, see `prm.tenancy.context.announcement`). Event tables
are tenant-owned like all others, and the application may only read and add.
"""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from pghistory.models import Event

from prm.core.errors import Refused
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


def audited(*, exclude: Collection[str] = (), gone_by: str = "") -> Callable[[type[Model]], type[Model]]:
    """Track inserts, updates and deletes of a tenant-owned model.

    `exclude` names fields that are not kept in the trail (secrets, large content); an update of
    excluded fields alone leaves no event. By the field `gone_by` deleted rows are found quickly (`gone`).
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
                "indexes": _indexes(stem, gone_by),
            },
        )
        made: type[Model] = tracked(model)
        _drop_single_indexes(made.pgh_event_model)  # type: ignore[attr-defined]  # set by track()
        return made

    return decorate


def _indexes(stem: str, gone_by: str) -> list[models.Index]:
    found = [models.Index(fields=["tenant", "pgh_obj"], name=short_name(stem, "ix"))]
    if gone_by:
        deletes = Q(pgh_label="delete")
        found.append(
            models.Index(fields=["tenant", gone_by], condition=deletes, name=short_name(stem, "gone"))
        )
    return found


def gone(model: type[Model]) -> QuerySet[TenantEvent]:
    """Return the events by which rows were deleted that are not there now, each row's last one, latest first."""
    events = model.pgh_event_model.objects.filter(pgh_label="delete")  # type: ignore[attr-defined]  # set by track()
    later = events.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__gt=OuterRef("pgh_id"))
    present = model._default_manager.filter(pk=OuterRef("pgh_obj_id"))
    left = events.filter(~Exists(later), ~Exists(present))
    return cast("QuerySet[TenantEvent]", left.order_by("-pgh_created_at", "-pgh_id"))


def is_known(model: type[Model], row_id: UUID) -> bool:
    """Whether there is such a row, or was one before it was deleted."""
    return model._default_manager.filter(pk=row_id).exists() or gone(model).filter(pgh_obj_id=row_id).exists()


def was(model: type[Model], event: TenantEvent) -> Model:
    """Return the row as it was at the event, not saved."""
    kept = {field.attname for field in event._meta.concrete_fields}
    names = [field.attname for field in model._meta.concrete_fields if field.attname in kept]
    return model(**{name: getattr(event, name) for name in names})


def bring_back(row: Model) -> Model:
    """Insert a row that was deleted (`was`) again, with its id.

    References that may be empty and lead nowhere now are left empty; Refused when another one leads nowhere.
    """
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if not field.is_relation or value is None or field.name == "tenant":
            continue
        target = cast("type[models.Model]", field.related_model)
        if target._default_manager.filter(pk=value).exists():
            continue
        if not field.null:
            raise Refused("What this belonged to is gone as well, so it cannot come back.", code="gone")
        setattr(row, field.attname, None)
    row.save(force_insert=True)
    return row


def _drop_single_indexes(event: type[models.Model]) -> None:
    """Take the index off each foreign key of an event: it is found by tenant and object, and written often."""
    for field in event._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            field.db_index = False  # type: ignore[attr-defined]  # not in the stubs
