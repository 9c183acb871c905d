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
from django.db.models import Exists, Func, OuterRef, Q, QuerySet
from pghistory.models import Event

from prm.core.errors import Refused
from prm.tenancy.base import short_name
from prm.tenancy.managers import TenantManager
from prm.tenancy.walls import TenantPolicy

Model = TypeVar("Model", bound=models.Model)

# Each event says in columns of its own who did it and by which door: under row-level security no index is used for a
# comparison with a call in it, and JSON is read by one.


class DoorOf(Func):
    """The door of an event's context: that of people and programs (page, api), or the kind of what runs by itself."""

    template = (
        "CASE WHEN (%(expressions)s ->> 'kind') IN ('import', 'salesforce', 'task', 'command')"
        " THEN (%(expressions)s ->> 'kind') WHEN (%(expressions)s ->> 'door') IN ('page', 'api')"
        " THEN (%(expressions)s ->> 'door') ELSE 'other' END"
    )


class PersonOf(Func):
    """The account of an event's context, as a number; null where no person acted."""

    template = "((%(expressions)s ->> 'user_id')::bigint)"


class TenantEvent(Event):
    """Base of the event models."""

    pgh_id = models.BigAutoField(primary_key=True)
    pgh_door = models.GeneratedField(
        expression=DoorOf("pgh_context"), output_field=models.CharField(max_length=12), db_persist=True
    )
    pgh_person = models.GeneratedField(
        expression=PersonOf("pgh_context"), output_field=models.BigIntegerField(null=True), db_persist=True
    )
    about: ClassVar[tuple[str, ...]] = ()

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        abstract = True


def audited(
    *, exclude: Collection[str] = (), gone_by: str = "", about: Collection[str] = ()
) -> Callable[[type[Model]], type[Model]]:
    """Track inserts, updates and deletes of a tenant-owned model.

    `exclude` names fields that are not kept in the trail (secrets, large content); an update of
    excluded fields alone leaves no event. By the field `gone_by` deleted rows are found quickly (`gone`). `about`
    names references to what a row is about: its own history shows the changes of such rows as well.
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
                "indexes": _indexes(stem, gone_by, about),
            },
        )
        made: type[Model] = tracked(model)
        made.pgh_event_model.about = tuple(about)  # type: ignore[attr-defined]  # set by track()
        _drop_single_indexes(made.pgh_event_model)  # type: ignore[attr-defined]  # set by track()
        return made

    return decorate


def _indexes(stem: str, gone_by: str, about: Collection[str]) -> list[models.Index]:
    found = [
        # With the number: what a row was before an event is one step away, however often the row has changed.
        models.Index(fields=["tenant", "pgh_obj", "pgh_id"], name=short_name(stem, "obj")),
        models.Index(fields=["tenant", "pgh_created_at", "pgh_id"], name=short_name(stem, "at")),
        models.Index(
            fields=["tenant", "pgh_person", "pgh_created_at", "pgh_id"],
            name=short_name(stem, "person"),
            condition=Q(pgh_person__isnull=False),
        ),
        # Imports are dense, and found by the time alone: by these two none has to be written twice.
        models.Index(
            fields=["tenant", "pgh_door", "pgh_created_at", "pgh_id"],
            name=short_name(stem, "door"),
            condition=~Q(pgh_door="import"),
        ),
    ]
    found += [
        models.Index(fields=["tenant", name, "pgh_created_at"], name=short_name(stem, name)) for name in about
    ]
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
        if not field.is_relation or field.name == "tenant":
            continue  # what the database generates is in no event, and cannot be asked for
        value = getattr(row, field.attname)
        if value is None:
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
