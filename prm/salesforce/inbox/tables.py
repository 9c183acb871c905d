"""Columns of held records and conflicts, as files and on pages."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Final
from uuid import UUID

from prm.core.urls import tenant_url
from prm.salesforce.engine.models import Conflict, Outbox, SyncProblem
from prm.salesforce.inbox.queries import Row, row, titles_here
from prm.salesforce.inbox.queries import outcome as outcome_of
from prm.salesforce.inbox.words import names_of
from prm.salesforce.mapping import registry
from prm.tenancy.context import current_tenant
from prm.ui import tables as ui
from prm.ui.export.answers import Columns


def fields_of(problem: SyncProblem) -> str:
    """Return what people call the fields that a problem names."""
    one = registry.mappings().get(problem.mapping)
    return ", ".join(one.words_of(name) if one else str(name) for name in problem.fields)


PROBLEMS: Final[Columns[SyncProblem]] = {
    "Record": lambda problem: problem.title or str(problem.record_id),
    "Message": lambda problem: problem.message,
    "Fields": fields_of,
    "Tries": lambda problem: problem.tries,
    "Since": lambda problem: problem.since,
    "Last": lambda problem: problem.last_at,
}

CONFLICTS: Final[Columns[Row]] = {
    "Record": lambda row: row.conflict.title,
    "Kind": lambda row: registry.mapping(row.conflict.mapping).there_words,
    "At": lambda row: row.conflict.at,
    "Field": lambda row: row.label,
    "Last agreed": lambda row: row.agreed,
    "Ours": lambda row: row.ours.text,
    "Ours by": lambda row: row.ours.by,
    "Ours at": lambda row: row.ours.at,
    "Salesforce’s": lambda row: row.theirs.text,
    "Salesforce’s by": lambda row: row.theirs.by,
    "Salesforce’s at": lambda row: row.theirs.at,
    "State": lambda row: outcome_of(row.conflict),
    "What stayed": lambda row: "" if row.conflict.state == Conflict.State.OPEN else row.outcome,
}


def _labelled(name: str) -> dict[str, dict[str, str]]:
    """Return the attributes of a cell whose value only its column's name tells apart, on a phone too."""
    return {"cell": {"class": "prm-col-meta", "data-label": name}}


class ConflictTable(ui.ListTable):
    """Conflicts one by one, decided ones too; the rows are `queries.Row`s, found for the whole page at once."""

    title = ui.NameColumn(verbose_name="Record")
    field = ui.Column(verbose_name="Field", accessor="there", attrs={"cell": {"class": "prm-col-meta"}})
    agreed = ui.Column(verbose_name="Last agreed", orderable=False, css="prm-col-desk", priority=4)
    ours = ui.Column(verbose_name="Ours", orderable=False, attrs=_labelled("Ours"))
    theirs = ui.Column(verbose_name="Salesforce’s", orderable=False, attrs=_labelled("Theirs"))
    state = ui.Column(verbose_name="What became of it", priority=1)
    at = ui.DayColumn(verbose_name="At", priority=3)

    class Meta(ui.ListTable.Meta):
        attrs: ClassVar = {"class": "prm-table prm-table-labelled"}
        sequence = ("title", "field", "agreed", "ours", "theirs", "state", "at")
        order_by = "-at"

    def row_url(self, record: Conflict) -> str:
        """Lead to the record's decision, or to what was decided of it."""
        return tenant_url(current_tenant(), "salesforce:conflict", pk=record.pk)

    def _row(self, record: Conflict) -> Row:
        """Return the conflict in words; only a reference to another record costs queries."""
        return row(record, names_of([record]))

    def render_field(self, record: Conflict) -> str:
        """Call the field as people do."""
        return self._row(record).label

    def render_agreed(self, record: Conflict) -> str:
        """Show the value in words."""
        return self._row(record).agreed

    def render_ours(self, record: Conflict) -> str:
        """Show our value in words."""
        return self._row(record).ours.text

    def render_theirs(self, record: Conflict) -> str:
        """Show Salesforce's value in words."""
        return self._row(record).theirs.text

    def render_state(self, record: Conflict) -> str:
        """Say what became of it."""
        return outcome_of(record)


class WaitingTable(ui.ListTable):
    """Records that go after another one; the names of a page's records are read at once."""

    record = ui.NameColumn(verbose_name="Record", accessor="record_id", orderable=False)
    kind = ui.Column(verbose_name="Kind", accessor="mapping", attrs={"cell": {"class": "prm-col-meta"}})
    parent = ui.Column(verbose_name="Waits for", accessor="waits_id", orderable=False, priority=1)
    since = ui.DayColumn(verbose_name="Since")

    class Meta(ui.ListTable.Meta):
        sequence = ("record", "kind", "parent", "since")
        order_by = "since"

    def row_url(self, record: Outbox) -> str:
        """Lead to how the record stands."""
        return tenant_url(current_tenant(), "salesforce:record", pk=record.record_id)

    @cached_property
    def _titles(self) -> dict[tuple[str, UUID], str]:
        rows = [row.record for row in self.page] if hasattr(self, "page") else list(self.data)
        keys = [(one.mapping, one.record_id) for one in rows]
        return titles_here({*keys, *((one.waits_mapping, one.waits_id) for one in rows)})

    def render_record(self, record: Outbox) -> str:
        """Show the record's name."""
        return self._titles.get((record.mapping, record.record_id)) or str(record.record_id)

    def render_kind(self, record: Outbox) -> str:
        """Call the kind as people do."""
        return registry.mapping(record.mapping).singular.capitalize()

    def render_parent(self, record: Outbox) -> str:
        """Show what it waits for."""
        noun = registry.mapping(record.waits_mapping).singular
        name = self._titles.get((record.waits_mapping, record.waits_id)) if record.waits_id else ""
        return f"{noun} {name or record.waits_id}"
