"""Which records may have own fields, as each app says it in its `own_fields.py` (`OWN_RECORDS`)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prm.core import registry

if TYPE_CHECKING:
    from prm.ownfields.models import OwnValue


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    """A kind of record: its key, one and many in words when asked, and where its values lie (`model`, by `record`)."""

    key: str
    nouns: Callable[[], tuple[str, str]]
    model: "type[OwnValue]"
    record: str
    order: int = 100

    @property
    def column(self) -> str:
        """Return the name of the column that holds the record's id."""
        return f"{self.record}_id"


_registered: dict[str, OwnRecord] = {}


def register(records: Iterable[OwnRecord]) -> None:
    """Add an app's records; the same key for two is a mistake in the code and raises ValueError."""
    registry.add(_registered, records, "records with own fields")


def records() -> list[OwnRecord]:
    """Return all kinds of record, in their order."""
    return sorted(_registered.values(), key=lambda record: (record.order, record.key))


def record_called(key: str) -> OwnRecord | None:
    """Return the kind of record with this key."""
    return _registered.get(key)
