"""Filters that every list may need."""

from datetime import date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone


class DayFilter(django_filters.DateFilter):
    """A day of the active time zone against a moment: `gte` from its first moment, `lte` to its last.

    That zone is the tenant's on its pages and its API. Django's own `date` lookup would ask for days of UTC.
    """

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Compare with the first moment of the day, or of the day after."""
        if value is None:
            return queryset
        after = self.lookup_expr == "gte"
        if not after and value == date.max:
            return queryset
        day = value if after else value + timedelta(days=1)
        moment = datetime.combine(day, time(), timezone.get_current_timezone())
        return queryset.filter(**{f"{self.field_name}__{'gte' if after else 'lt'}": moment})


def day_field() -> forms.DateInput:
    """The browser's own field for a day."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
