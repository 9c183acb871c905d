"""What a mass change did, record by record: the list, and which of it."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.db.models import QuerySet

from prm.core.urls import tenant_url
from prm.mapping import Normal
from prm.salesforce.breakers import queries
from prm.salesforce.guards.models import HeldChange
from prm.salesforce.inbox.words import refers_to, shown, titles_of
from prm.salesforce.mapping import registry
from prm.tenancy.context import current_tenant
from prm.ui import tables as ui


class HeldChangeFilter(django_filters.FilterSet):
    """Changes of records whose names contain a text."""

    q = django_filters.CharFilter(field_name="title", lookup_expr="icontains", label="Record")

    class Meta:
        model = HeldChange
        fields = ("q",)


# Values that only their column's name tells apart; on a phone each with that name.
_BEFORE, _AFTER = ({"class": "prm-col-meta", "data-label": name} for name in ("Before", "After"))


class HeldChangeTable(ui.ListTable):
    """One field of one record a row, with what it was and would be."""

    title = ui.NameColumn(verbose_name="Record")
    field = ui.Column(verbose_name="Field", attrs={"cell": {"class": "prm-col-meta"}})
    before = ui.Column(verbose_name="Before", orderable=False, empty_values=(), attrs={"cell": _BEFORE})
    after = ui.Column(verbose_name="After", orderable=False, empty_values=(), attrs={"cell": _AFTER})

    class Meta(ui.ListTable.Meta):
        attrs: ClassVar = {"class": "prm-table prm-table-labelled"}
        sequence = ("title", "field", "before", "after")
        order_by = "title"

    def row_url(self, record: HeldChange) -> str:
        """Lead to how the record stands."""
        return tenant_url(current_tenant(), "salesforce:record", pk=record.record_id)

    def render_title(self, record: HeldChange) -> str:
        """Show the record's name, or its id where it has none."""
        return record.title or str(record.record_id)

    def render_field(self, record: HeldChange) -> str:
        """Call the field as people do."""
        return queries.field_words(record)

    def render_before(self, record: HeldChange) -> str:
        """Show what it was."""
        return _words(record, record.before)

    def render_after(self, record: HeldChange) -> str:
        """Show what it would be."""
        return _words(record, record.after)


def _words(change: HeldChange, value: Normal) -> str:
    """Return a value in words; only a reference to another record costs queries."""
    one = registry.mappings().get(change.mapping)
    if one is None or not change.field:
        return ""
    key = refers_to(one, change.field)
    names = titles_of({key: [str(value)]}) if key is not None and value else {}
    return shown(one, change.field, value, names)


def changes_of(mass_id: object) -> QuerySet[HeldChange]:
    """Return what a mass change did, as long as it waits."""
    found: QuerySet[HeldChange] = HeldChange.objects.filter(mass=mass_id)
    return found
