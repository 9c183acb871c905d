"""Filters that every list may need."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from prm.core.calendar import day_start
from prm.tenancy.context import current_tenant


class DayFilter(django_filters.DateFilter):
    """A day of the tenant against a moment: ``gte`` from its first moment, ``lte`` to its last.

    Django's own ``date`` lookup would ask for days of UTC.
    """

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Compare with the first moment of the day, or of the day after."""
        if value is None:
            return queryset
        after = self.lookup_expr == "gte"
        if not after and value == date.max:
            return queryset
        day = value if after else value + timedelta(days=1)
        moment = day_start(current_tenant(), day)
        return queryset.filter(**{f"{self.field_name}__{'gte' if after else 'lt'}": moment})


def day_field() -> forms.DateInput:
    """The browser's own field for a day."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
