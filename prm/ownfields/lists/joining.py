"""Records with the values of their own fields, each field one join by the values' unique key."""

from datetime import date
from typing import TypeVar

from django.db.models import Case, F, FilteredRelation, IntegerField, Model, Q, QuerySet, Value, When

from prm.ownfields.models import OwnField
from prm.ownfields.rules import Stored
from prm.ownfields.states import FieldType

M = TypeVar("M", bound=Model)


def joined(records: QuerySet[M], field: OwnField) -> QuerySet[M]:
    """Return records with the value of one field as `own_KEY`: a text or key, ten-thousandths, or a day."""
    if field.known_as in records.query.annotations:
        return records
    row = f"{field.known_as}_row"
    value = {FieldType.NUMBER: "number", FieldType.DATE: "day"}.get(FieldType(field.type), "text")
    found: QuerySet[M] = records.annotate(
        **{row: FilteredRelation("own_values", condition=Q(own_values__field=field.pk))}
    )
    found = found.annotate(**{field.known_as: F(f"{row}__{value}")})
    if field.type != FieldType.CHOICE:
        return found
    places = [
        When(**{f"{row}__text": choice.key}, then=Value(place)) for place, choice in enumerate(field.options)
    ]
    placed: QuerySet[M] = found.annotate(
        **{f"{field.known_as}_place": Case(*places, default=None, output_field=IntegerField())}
    )
    return placed


def stored_of(value: object) -> Stored | None:
    """Return the value of a row of the list as it is kept, None for none."""
    if isinstance(value, int):
        return Stored(number=value)
    if isinstance(value, date):
        return Stored(day=value)
    return Stored(text=str(value)) if value else None


def rank(field: OwnField) -> F:
    """Return what a list is sorted by: the value, of a choice its place."""
    return F(
        f"{field.known_as}_place"
        if field.type == FieldType.CHOICE
        else f"{field.known_as}_row__{field.column}"
    )
