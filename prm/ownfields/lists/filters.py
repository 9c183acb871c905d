"""Own fields as filters of a list, for page and API: `own_KEY`, for numbers and days `own_KEY_from` and `own_KEY_to`.

A filter reads the index of its type alone.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

import django_filters
from django.db.models import Model, Q, QuerySet

from prm.core.errors import Refused
from prm.core.numbers import plain
from prm.ownfields.models import OwnField
from prm.ownfields.queries import here
from prm.ownfields.registry import OwnRecord
from prm.ownfields.rules import PREFIX, to_units
from prm.ownfields.states import FieldType
from prm.ownfields.values import record_of
from prm.ui.filters import DayFilter
from prm.ui.formatting import number

NOBODY: Final = "none"
"""Finds those without a value."""
Records: TypeAlias = QuerySet[Model]
Keep: TypeAlias = Callable[..., Records]


def filters(of: str) -> dict[str, django_filters.Filter]:
    """Return the filters of all fields of a kind of record by their names; none where no tenant is in scope."""
    found: dict[str, django_filters.Filter] = {}
    for field in here(of):
        found |= _filters_of(field, record_of(of))
    return found


class OwnFilters(django_filters.FilterSet):
    """A set of filters that has those of the own fields of `own_of` as well."""

    own_of = ""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for name, one in filters(self.own_of).items():
            one.field_name, one.parent, one.model = name, self, self._meta.model
            self.filters[name] = one


def own_words(name: str, value: object) -> str | None:
    """Write the bound of a number as people do; None for what the kit writes."""
    if not name.startswith(PREFIX) or not isinstance(value, Decimal):
        return None
    places = len(plain(value).partition(".")[2])
    return f"{'from' if name.endswith('_from') else 'to'} {number(value, places)}"


def _filters_of(field: OwnField, record: OwnRecord) -> dict[str, django_filters.Filter]:
    name = field.known_as
    if field.type == FieldType.CHOICE:
        words = [(choice.key, choice.word) for choice in field.options]
        one = django_filters.MultipleChoiceFilter(
            choices=[*words, (NOBODY, "None")], label=field.name, method=_by_choice(field, record)
        )
        return {name: one}
    if field.type == FieldType.TEXT:
        return {
            name: django_filters.CharFilter(
                label=field.name, lookup_expr="istartswith", method=_by_text(field, record)
            )
        }
    make = DayFilter if field.type == FieldType.DATE else django_filters.NumberFilter
    return {
        f"{name}_{end}": make(lookup_expr=lookup, label=field.name, method=_by_range(field, record, lookup))
        for end, lookup in (("from", "gte"), ("to", "lte"))
    }


def _having(record: OwnRecord, **value: object) -> Q:
    return Q(pk__in=record.model.objects.filter(**value).values(record.column))


def _by_choice(field: OwnField, record: OwnRecord) -> Keep:
    def keep(records: Records, name: str, values: Sequence[str]) -> Records:
        del name
        if not values:
            return records
        some = _having(record, field=field.pk, text_key__in=_keys(values))
        if NOBODY in values:
            some |= ~_having(record, field=field.pk)
        return records.filter(some)

    return keep


def _keys(values: Iterable[str]) -> list[str]:
    return [value for value in values if value != NOBODY]


def _by_text(field: OwnField, record: OwnRecord) -> Keep:
    def keep(records: Records, name: str, value: str) -> Records:
        """Keep those whose value begins with the text: a range of the index in byte order."""
        del name
        begins = " ".join(value.split()).lower()
        among = {"text_key__gte": begins, "text_key__lt": f"{begins}\U0010ffff"}
        return records.filter(_having(record, field=field.pk, **among))

    return keep


def _by_range(field: OwnField, record: OwnRecord, lookup: str) -> Keep:
    def keep(records: Records, name: str, value: Decimal | date) -> Records:
        del name
        bound = _units(value, up=lookup == "gte") if isinstance(value, Decimal) else value
        return records.filter(_having(record, field=field.pk, **{f"{field.column}__{lookup}": bound}))

    return keep


def _units(value: Decimal, *, up: bool) -> int:
    """Return a bound in ten-thousandths; one beyond what a field can hold stands for the end."""
    try:
        return to_units(value)
    except Refused:
        finest = (value * 10_000).to_integral_value(rounding="ROUND_CEILING" if up else "ROUND_FLOOR")
        return int(max(min(finest, Decimal(2**62)), Decimal(-(2**62))))
