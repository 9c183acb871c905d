"""Columns of the list of rejected lines."""

from typing import ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.rejects.models import RejectedLine
from orders.rejects.states import RejectState
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import number

_REJECT_KINDS = {RejectState.OPEN: "bad", RejectState.CORRECTED: "good", RejectState.DISMISSED: "neutral"}


class RejectTable(ui.ListTable):
    """Rejected lines of a run."""

    line_no = ui.NameColumn(verbose_name="Row")
    number = ui.Column(empty_values=(), orderable=False, verbose_name="Order", priority=1)
    message = ui.Column(orderable=False, verbose_name="Why", priority=1)
    column = ui.Column(css="prm-col-desk", orderable=False, priority=3)
    state = ui.Column(css="prm-col-figure", orderable=False, priority=1)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("line_no", "number", "message", "column", "state")

    def row_url(self, record: RejectedLine) -> str:
        """Return the form that corrects it."""
        if record.state != RejectState.OPEN:
            return ""
        return tenant_url(current_tenant(), "orders:reject", pk=record.pk)

    def render_number(self, record: RejectedLine) -> str:
        """Return the order number as written."""
        return str(record.raw.get("number", "")) or "–"

    export_number = render_number

    def render_state(self, record: RejectedLine) -> SafeString:
        """Say whether it is open, corrected or dismissed."""
        return components.status(record.get_state_display(), _REJECT_KINDS[RejectState(record.state)])

    def render_line_no(self, record: RejectedLine) -> SafeString:
        """Return the line, as a link to its form while it is open."""
        url = self.row_url(record)
        words = number(record.line_no)
        return format_html('<a href="{}">{}</a>', url, words) if url else format_html("{}", words)
