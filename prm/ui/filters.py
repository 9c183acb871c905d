"""Filters that every list may need, with the fields of `prm.ui.fields`."""

from datetime import date, datetime, time, timedelta
from typing import TypeVar

import django_filters
from django.db.models import Model, QuerySet
from django.utils import timezone

from prm.ui.fields import AmountField, DayField, YesNoField

M = TypeVar("M", bound=Model)


class DayFilter(django_filters.DateFilter):
    """A day against a day."""

    field_class = DayField


class MomentDayFilter(DayFilter):
    """A day of the active time zone against a moment: `gte` from its first moment, `lte` to its last.

    That zone is the tenant's on its pages and its API. Django's own `date` lookup would ask for days of UTC.
    """

    def filter(self, queryset: QuerySet[M], value: date | None) -> QuerySet[M]:
        """Compare with the first moment of the day, or of the day after."""
        if value is None:
            return queryset
        after = self.lookup_expr == "gte"
        if not after and value == date.max:
            return queryset
        day = value if after else value + timedelta(days=1)
        moment = datetime.combine(day, time(), timezone.get_current_timezone())
        return queryset.filter(**{f"{self.field_name}__{'gte' if after else 'lt'}": moment})


class YesNoFilter(django_filters.BooleanFilter):
    """Whether something holds: `true` or `false`."""

    field_class = YesNoField


class AmountFilter(django_filters.NumberFilter):
    """An amount of money as people type it against a column of the same currency."""

    field_class = AmountField

    def __init__(self, field_name: str, lookup_expr: str, *, label: str) -> None:
        super().__init__(
            field_name, lookup_expr, label=label, min_value=None, max_digits=None, decimal_places=None
        )
