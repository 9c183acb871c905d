"""The kinds of rows whose changes are kept, found among the models."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from prm.audit.trail.rules import is_shown
from prm.core.fields import EncryptedTextField
from prm.tenancy.audit import TenantEvent


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind: `key` is `app.Model` in small letters, `about` the columns that say what its rows are about."""

    key: str
    model: type[Model]
    event: type[TenantEvent]

    @property
    def table(self) -> str:
        """Return the table of its events."""
        return str(self.event._meta.db_table)

    @property
    def label(self) -> str:
        """Return the word for one row: "Call plan"."""
        return str(self.model._meta.verbose_name).capitalize()

    @property
    def about(self) -> list[str]:
        """Return the columns that hold whom or what a row is about."""
        return [f"{name}_id" for name in self.event.about]

    @property
    def fields(self) -> "list[Field[Any, Any]]":
        """Return the fields that are kept and may be shown, in the model's order."""
        kept = {field.name for field in self.event._meta.concrete_fields}
        return [
            field
            for field in self.model._meta.concrete_fields
            if field.name in kept and is_shown(field.name) and not isinstance(field, EncryptedTextField)
        ]


@lru_cache(maxsize=1)
def kinds() -> dict[str, EventKind]:
    """Return every kind by its key, in the order of the keys."""
    found = {}
    for model in apps.get_models():
        event = getattr(model, "pgh_event_model", None)
        if event is not None and issubclass(event, TenantEvent):
            found[model._meta.label_lower] = EventKind(model._meta.label_lower, model, event)
    return dict(sorted(found.items()))


def kind_choices() -> list[tuple[str, str]]:
    """Return the kinds as choices, by their words."""
    return sorted(((kind.key, kind.label) for kind in kinds().values()), key=lambda choice: choice[1])
