"""Columns of the list of imports."""

from typing import ClassVar

from django.utils.safestring import SafeString

from orders.runs.models import ImportRun
from orders.runs.states import RunState
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import moment

_RUN_KINDS = {
    RunState.READING: "run",
    RunState.PREVIEW: "draft",
    RunState.QUEUED: "neutral",
    RunState.RUNNING: "run",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "neutral",
    RunState.TAKEN_BACK: "neutral",
}


def run_state(run: ImportRun) -> SafeString:
    """Return the state of a run as a word on a soft ground."""
    return components.status(run.get_state_display(), _RUN_KINDS[RunState(run.state)])


class RunTable(ui.ListTable):
    """Imports, latest first."""

    title = ui.NameColumn(verbose_name="File", orderable=False)
    source = ui.Column(accessor="source__name", order_by="source__name", verbose_name="Source", priority=3)
    started = ui.Column(accessor="created_at", order_by="id", verbose_name="When")
    lines = ui.NumberColumn(accessor="lines_done", order_by="lines_done", verbose_name="Rows")
    rejected = ui.NumberColumn(css="prm-col-desk prm-num", priority=4)
    by = ui.Column(css="prm-col-desk", priority=4)
    state = ui.Column(css="prm-col-figure", orderable=False, priority=1)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("title", "source", "started", "lines", "rejected", "by", "state")

    def row_url(self, record: ImportRun) -> str:
        """Return the run's page."""
        return record.get_absolute_url()

    def render_started(self, record: ImportRun) -> str:
        """Moment in the tenant's zone."""
        return moment(record.created_at)

    def export_state(self, record: ImportRun) -> str:
        """Return the word that the page shows."""
        return (
            "Nothing new" if record.state == RunState.DONE and record.message else record.get_state_display()
        )

    def render_state(self, record: ImportRun) -> SafeString:
        """State, and for one that is done whether anything was new."""
        if record.state == RunState.DONE and record.message:
            return components.status("Nothing new", "neutral")
        return run_state(record)
