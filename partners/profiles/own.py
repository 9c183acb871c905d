"""The tenant's own fields in the list of partners: as columns, filters and groups.

Each field that is asked for is one join with its values, by their unique key; a filter by one reads the index of its type.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

import django_filters
from django.db.models import Case, F, FilteredRelation, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy

from partners.directory.models import Partner, PartnerQuerySet, PartnerValue
from partners.profiles.columns import ListColumn
from prm.accounts.rights import Right
from prm.core.errors import Refused
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.rules import Stored, to_number, to_units
from prm.ownfields.states import FieldType
from prm.ui import tables as ui
from prm.ui.components import EMPTY
from prm.ui.export.cells import Cell
from prm.ui.filters import DayFilter

OF: Final = "partner"
NOBODY: Final = "none"
"""Finds those without a value."""
Keep: TypeAlias = "Callable[..., QuerySet[Partner]]"


def fields() -> Sequence[OwnField]:
    """Return the fields of partners, of the tenant in scope."""
    return here(OF)


def joined(partners: PartnerQuerySet, field: OwnField) -> PartnerQuerySet:
    """Return partners with the value of one field as `own_KEY`: a text or key, ten-thousandths, or a day."""
    if field.known_as in partners.query.annotations:
        return partners
    row = f"{field.known_as}_row"
    value = {FieldType.NUMBER: "number", FieldType.DATE: "day"}.get(FieldType(field.type), "text")
    found = partners.annotate(
        **{row: FilteredRelation("own_values", condition=Q(own_values__field=field.pk))}
    )
    found = found.annotate(**{field.known_as: F(f"{row}__{value}")})
    if field.type != FieldType.CHOICE:
        return found
    places = [
        When(**{f"{row}__text": choice.key}, then=Value(place)) for place, choice in enumerate(field.options)
    ]
    return found.annotate(
        **{f"{field.known_as}_place": Case(*places, default=None, output_field=IntegerField())}
    )


def stored_of(value: object) -> Stored | None:
    """Return the value of a row of the list as it is kept, None for none."""
    if isinstance(value, int):
        return Stored(number=value)
    if isinstance(value, date):
        return Stored(day=value)
    return Stored(text=str(value)) if value else None


# --- columns ----------------------------------------------------------------------------------------


class _OwnColumn(ui.Column):
    """A value in words; sorted by its type, choices by their place, those without one last in both directions."""

    def __init__(self, field: OwnField) -> None:
        is_number = field.type == FieldType.NUMBER
        super().__init__(
            accessor=field.known_as,
            verbose_name=field.name,
            empty_values=(),
            priority=3,
            css="prm-col-desk prm-num" if is_number else "prm-col-meta",
        )
        self.field = field

    def render(self, record: Partner) -> object:
        """Return the value in words."""
        value = stored_of(getattr(record, self.field.known_as, None))
        return EMPTY if value is None else self.field.words(value)

    def order(self, queryset: QuerySet[Partner], is_descending: bool) -> tuple[QuerySet[Partner], bool]:
        """Order by the value, then by name."""
        by = _rank(self.field)
        first = OrderBy(by, descending=is_descending, nulls_last=True)
        return queryset.order_by(first, "name", "pk"), True

    def export(self, record: object, bound: object, table: ui.ListTable) -> list[Cell]:
        """Return a number as a number, a day as a day."""
        value = stored_of(getattr(record, self.field.known_as, None))
        if value is None:
            return [None]
        if value.number is not None:
            return [to_number(value.number)]
        return [value.day or self.field.words(value)]


def _rank(field: OwnField) -> F:
    """Return what a list is sorted by."""
    return F(
        f"{field.known_as}_place"
        if field.type == FieldType.CHOICE
        else f"{field.known_as}_row__{field.column}"
    )


def list_columns() -> list[ListColumn]:
    """Return the fields as columns of the list."""
    return [
        ListColumn(
            key=field.known_as,
            label=field.name,
            right=Right.PARTNER_VIEW,
            make=lambda field=field: _OwnColumn(field),  # type: ignore[misc]  # bound to this field
            annotate=lambda partners, field=field: joined(partners, field),  # type: ignore[misc]  # likewise
        )
        for field in fields()
    ]


# --- filters ----------------------------------------------------------------------------------------


def filters() -> dict[str, django_filters.Filter]:
    """Return the filters of all fields by their names: `own_KEY`, for numbers and days `own_KEY_from` and `own_KEY_to`."""
    found: dict[str, django_filters.Filter] = {}
    for field in fields():
        found |= _filters_of(field)
    return found


def _filters_of(field: OwnField) -> dict[str, django_filters.Filter]:
    name = field.known_as
    if field.type == FieldType.CHOICE:
        words = [(choice.key, choice.word) for choice in field.options]
        one = django_filters.MultipleChoiceFilter(
            choices=[*words, (NOBODY, "None")], label=field.name, method=_by_choice(field)
        )
        return {name: one}
    if field.type == FieldType.TEXT:
        return {
            name: django_filters.CharFilter(
                label=field.name, lookup_expr="istartswith", method=_by_text(field)
            )
        }
    make = DayFilter if field.type == FieldType.DATE else django_filters.NumberFilter
    return {
        f"{name}_{end}": make(lookup_expr=lookup, label=field.name, method=_by_range(field, lookup))
        for end, lookup in (("from", "gte"), ("to", "lte"))
    }


def _having(partners: QuerySet[Partner], **value: object) -> QuerySet[Partner]:
    rows = PartnerValue.objects.filter(**value)
    return partners.filter(pk__in=rows.values("partner_id"))


def _by_choice(field: OwnField) -> Keep:
    def keep(partners: QuerySet[Partner], name: str, values: Sequence[str]) -> QuerySet[Partner]:
        del name
        if not values:
            return partners
        some = Q(
            pk__in=PartnerValue.objects.filter(field=field.pk, text_key__in=_keys(values)).values(
                "partner_id"
            )
        )
        if NOBODY in values:
            some |= ~Q(pk__in=PartnerValue.objects.filter(field=field.pk).values("partner_id"))
        return partners.filter(some)

    return keep


def _keys(values: Iterable[str]) -> list[str]:
    return [value for value in values if value != NOBODY]


def _by_text(field: OwnField) -> Keep:
    def keep(partners: QuerySet[Partner], name: str, value: str) -> QuerySet[Partner]:
        """Keep those whose value begins with the text: a range of the index in byte order."""
        del name
        begins = " ".join(value.split()).lower()
        return _having(partners, field=field.pk, text_key__gte=begins, text_key__lt=f"{begins}\U0010ffff")

    return keep


def _by_range(field: OwnField, lookup: str) -> Keep:
    def keep(partners: QuerySet[Partner], name: str, value: Decimal | date) -> QuerySet[Partner]:
        del name
        bound = _units(value, up=lookup == "gte") if isinstance(value, Decimal) else value
        return _having(partners, field=field.pk, **{f"{field.column}__{lookup}": bound})

    return keep


def _units(value: Decimal, *, up: bool) -> int:
    """Return a bound in ten-thousandths; one beyond what a field can hold stands for the end."""
    try:
        return to_units(value)
    except Refused:
        finest = (value * 10_000).to_integral_value(rounding="ROUND_CEILING" if up else "ROUND_FLOOR")
        return int(max(min(finest, Decimal(2**62)), Decimal(-(2**62))))


# --- groups -----------------------------------------------------------------------------------------


def group_fields() -> dict[str, OwnField]:
    """Return the fields by which a list can stand in groups: choices."""
    return {field.known_as: field for field in fields() if field.type == FieldType.CHOICE}
