"""Which conflicts: by state, kind of record, field, person and day."""

from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet

from prm.salesforce.engine.models import Conflict, Outbox
from prm.salesforce.mapping import registry
from prm.ui.filters import MomentDayFilter


def _kinds() -> list[tuple[str, str]]:
    return [(key, one.plural.capitalize()) for key, one in registry.mappings().items() if one.pulled]


def _fields() -> list[tuple[str, str]]:
    """Return what people call each field that both sides can change; one name may stand for several."""
    names = {one.words for each in registry.mappings().values() for one in each.columns if one.pulls}
    return [(name, name) for name in sorted(names)]


class ConflictFilter(django_filters.FilterSet):
    """Conflicts that are open or decided."""

    q = django_filters.CharFilter(method="search", label="Record or person")
    state = django_filters.ChoiceFilter(choices=Conflict.State, label="State")
    mapping = django_filters.ChoiceFilter(choices=_kinds, label="Kind")
    field = django_filters.ChoiceFilter(choices=_fields, method="by_field", label="Field")
    at_after = MomentDayFilter(field_name="at", lookup_expr="gte", label="From")
    at_before = MomentDayFilter(field_name="at", lookup_expr="lte", label="To")

    class Meta:
        model = Conflict
        fields = ("q", "state", "mapping", "field", "at_after", "at_before")

    def search(self, queryset: QuerySet[Conflict], name: str, value: str) -> QuerySet[Conflict]:
        """Find the words in the record's name, or in the names of those who changed or decided."""
        del name
        people = Q(ours_by__icontains=value) | Q(theirs_by__icontains=value) | Q(chosen_by__icontains=value)
        return queryset.filter(Q(title__icontains=value) | people)

    def by_field(self, queryset: QuerySet[Conflict], name: str, value: str) -> QuerySet[Conflict]:
        """Find the conflicts of every field that people call so."""
        del name
        found = Q(pk__in=[])
        for key, one in registry.mappings().items():
            there = [each.there for each in one.columns if each.words == value]
            if there:
                found |= Q(mapping=key, there__in=there)
        return queryset.filter(found)


def _all_kinds() -> list[tuple[str, str]]:
    return [(key, one.plural.capitalize()) for key, one in registry.mappings().items()]


class WaitingFilter(django_filters.FilterSet):
    """Records that go after another one."""

    mapping = django_filters.ChoiceFilter(choices=_all_kinds, label="Kind")
    waits_mapping = django_filters.ChoiceFilter(choices=_all_kinds, label="Waits for")

    class Meta:
        model = Outbox
        fields = ("mapping", "waits_mapping")
