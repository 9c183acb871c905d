"""Columns of the lists of runs and of rows."""

from typing import ClassVar

from django.utils.safestring import SafeString

from activities.lists.kinds import find_kind
from activities.lists.runs.models import BringRow, BringRun
from activities.lists.states import Outcome, RunState
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import moment

_RUN_KINDS = {
    RunState.READING: "run", RunState.COLUMNS: "draft", RunState.PREVIEW: "draft", RunState.QUEUED: "neutral",
    RunState.RUNNING: "run", RunState.DONE: "good", RunState.FAILED: "bad", RunState.CANCELLED: "neutral",
    RunState.RETURNING: "run", RunState.TAKEN_BACK: "neutral",
}  # fmt: skip
_ROW_KINDS = {
    Outcome.NEW: "run", Outcome.CERTAIN: "good", Outcome.DECIDE: "draft", Outcome.UNCHANGED: "neutral",
    Outcome.REJECTED: "bad",
}  # fmt: skip


def run_state(run: BringRun) -> SafeString:
    """Return the state of a run as a word on a soft ground."""
    return components.status(run.get_state_display(), _RUN_KINDS[RunState(run.state)])


class RunTable(ui.ListTable):
    """Lists, latest first."""

    name = ui.NameColumn(verbose_name="File", orderable=False)
    kind = ui.Column(verbose_name="What", orderable=False, priority=2)
    started = ui.Column(accessor="created_at", order_by="id", verbose_name="When")
    new = ui.NumberColumn(accessor="counts__new", orderable=False, priority=3)
    updated = ui.NumberColumn(accessor="counts__certain", orderable=False, priority=3)
    rejected = ui.NumberColumn(
        accessor="counts__rejected", orderable=False, css="prm-col-desk prm-num", priority=4
    )
    by = ui.Column(css="prm-col-desk", priority=4)
    state = ui.Column(css="prm-col-figure", orderable=False, priority=1)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("name", "kind", "started", "new", "updated", "rejected", "by", "state")

    def row_url(self, record: BringRun) -> str:
        """Return the run's page."""
        return record.get_absolute_url()

    def render_kind(self, record: BringRun) -> str:
        """Return what the list is of, in the tenant's words."""
        return find_kind(record.kind).nouns()[1].capitalize()

    def export_kind(self, record: BringRun) -> str:
        """Return the same words."""
        return self.render_kind(record)

    def render_started(self, record: BringRun) -> str:
        """Moment in the tenant's zone."""
        return moment(record.created_at)

    def render_state(self, record: BringRun) -> SafeString:
        """Draw the state."""
        return run_state(record)

    def export_state(self, record: BringRun) -> str:
        """Return the word that the page shows."""
        return str(record.get_state_display())


class RowTable(ui.ListTable):
    """Rows of one list."""

    line = ui.NumberColumn(order_by="line", css="prm-col-meta prm-num")
    name = ui.NameColumn(verbose_name="Who or what", orderable=False)
    outcome = ui.Column(orderable=False, priority=1)
    reason = ui.Column(orderable=False, priority=2)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("name", "line", "outcome", "reason")

    def render_name(self, record: BringRow) -> str:
        """Return whom the row means, or what it says."""
        return record.name or " · ".join(cell for cell in record.cells if cell)[:80]

    def export_name(self, record: BringRow) -> str:
        """Return the same."""
        return self.render_name(record)

    def render_outcome(self, record: BringRow) -> SafeString:
        """Draw the outcome."""
        return components.status(record.get_outcome_display(), _ROW_KINDS[Outcome(record.outcome)])

    def export_outcome(self, record: BringRow) -> str:
        """Return the word that the page shows."""
        return str(record.get_outcome_display())
