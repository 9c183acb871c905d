"""Own fields as columns of a list."""

from collections.abc import Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.db.models.expressions import OrderBy

from prm.ownfields.lists.joining import joined, rank, stored_of
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.rules import to_number
from prm.ownfields.states import FieldType
from prm.ui import tables as ui
from prm.ui.components import EMPTY
from prm.ui.export.cells import Cell

M = TypeVar("M", bound=Model)


class OwnColumn(ui.Column):
    """A value in words; sorted by its type, choices by their place, those without one last in both directions."""

    def __init__(self, field: OwnField, *, then: Sequence[str]) -> None:
        is_number = field.type == FieldType.NUMBER
        super().__init__(
            accessor=field.known_as,
            verbose_name=field.name,
            empty_values=(),
            priority=3,
            css="prm-col-desk prm-num" if is_number else "prm-col-meta",
        )
        self.field, self.then = field, then

    def render(self, record: object) -> object:
        """Return the value in words."""
        value = stored_of(getattr(record, self.field.known_as, None))
        return EMPTY if value is None else self.field.words(value)

    def order(self, queryset: QuerySet[M], is_descending: bool) -> tuple[QuerySet[M], bool]:
        """Order by the value, then as the list says."""
        first = OrderBy(rank(self.field), descending=is_descending, nulls_last=True)
        return queryset.order_by(first, *self.then, "pk"), True

    def export(self, record: object, bound: object, table: ui.ListTable) -> list[Cell]:
        """Return a number as a number, a day as a day."""
        value = stored_of(getattr(record, self.field.known_as, None))
        if value is None:
            return [None]
        if value.number is not None:
            return [to_number(value.number)]
        return [value.day or self.field.words(value)]


def extra_columns(of: str, *, then: Sequence[str], most: int | None = None) -> list[tuple[str, OwnColumn]]:
    """Return the fields of a kind of record as further columns of a table, the first `most` of them."""
    return [(field.known_as, OwnColumn(field, then=then)) for field in here(of)[:most]]


def with_values(records: QuerySet[M], of: str, *, most: int | None = None) -> QuerySet[M]:
    """Return records with what those columns read."""
    found = records
    for field in here(of)[:most]:
        found = joined(found, field)
    return found
