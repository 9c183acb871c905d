"""Who changed a value, and when: on our side from the audit trail, on theirs from what the record says of itself."""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.db import models, transaction

from prm.mapping import Field, Mapping, Winner, parse_moment
from prm.salesforce.engine.models import Conflict
from prm.salesforce.wire import errors, soql
from prm.salesforce.wire.client import Org

LOOKED_AT = 50
"""Entries of the audit trail that are looked through for the last change of one value."""


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed something and when, as far as it is known. `user_id` is a Salesforce user's."""

    by: str = ""
    at: datetime | None = None
    user_id: str = ""


NOBODY = Change()


def there(row: Mapped[str, object] | None) -> Change:
    """Return who saved a record in Salesforce last; its name follows (`name_people`)."""
    if row is None:
        return NOBODY
    stamp = row.get("SystemModstamp")
    return Change(
        at=parse_moment(str(stamp)) if stamp else None, user_id=str(row.get("LastModifiedById") or "")
    )


def here(mapping: Mapping, record_id: UUID, name: str) -> Change:
    """Return who changed a value of ours last, by its name here; of a value that is no column, the record's last change."""
    model = _events_of(mapping.table)
    if model is None:
        return NOBODY
    column = _column(model, name)
    events = list(model._default_manager.filter(pgh_obj_id=record_id).order_by("-pgh_id")[:LOOKED_AT])
    for place, event in enumerate(events):
        before = events[place + 1] if place + 1 < len(events) else None
        if before is None or not column or getattr(event, column) != getattr(before, column):
            said = getattr(event, "pgh_context") or {}  # noqa: B009 (the model is found at run time)
            return Change(str(said.get("label") or "PRM"), getattr(event, "pgh_created_at"))  # noqa: B009
    return NOBODY


def newest(mapping: Mapping, record_id: UUID, one: Field, row: Mapped[str, object] | None) -> Winner:
    """Return who changed a field last, or has changed it at all; Salesforce when nobody can say.

    Salesforce has one moment for a whole record, in seconds: an edit of another field there counts as one of this.
    """
    theirs = there(row).at
    ours = here(mapping, record_id, one.here).at
    if ours is None or theirs is None:
        return Winner.SALESFORCE
    return Winner.HERE if ours.replace(microsecond=0) > theirs else Winner.SALESFORCE


def _events_of(table: str) -> type[models.Model] | None:
    """Return the audit trail of a table, `None` when it has none."""
    for model in apps.get_models():
        if model._meta.db_table == table:
            found: type[models.Model] | None = getattr(model, "pgh_event_model", None)
            return found
    return None


def _column(model: type[models.Model], name: str) -> str:
    kept = {field.attname for field in model._meta.concrete_fields}
    return next((one for one in (name, f"{name}_id") if one in kept), "")


def name_people(org: Org) -> None:
    """Give the Salesforce users of conflicts their names, with one call when there are some without.

    Who cannot be read is called by the id, so that nobody asks again. Raises what is retryable.
    """
    nameless = Conflict.objects.filter(theirs_by="").exclude(theirs_id="")
    with transaction.atomic():
        ids = sorted(set(nameless.values_list("theirs_id", flat=True)[: soql.MOST_IDS]))
    if not ids:
        return
    try:
        rows = list(org.query(soql.select("User", ["Id", "Name"], [soql.one_of("Id", ids)])))
    except errors.Permanent:
        rows = []
    names = {str(row["Id"])[:15]: str(row["Name"] or "") for row in rows}
    with transaction.atomic():
        for user_id in ids:
            name = names.get(user_id[:15]) or f"User {user_id}"
            nameless.filter(theirs_id=user_id).update(theirs_by=name[:120])
