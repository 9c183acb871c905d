"""Columns of the order lists."""

from typing import Any, ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.models import ImportRun, Order, RejectedLine
from orders.states import OrderState, RejectState, RunState
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import number

_STATE_KINDS = {
    OrderState.RECEIVED: "neutral",
    OrderState.SCHEDULED: "run",
    OrderState.COMPLETED: "good",
    OrderState.CANCELLED: "draft",
}
_RUN_KINDS = {
    RunState.PREVIEW: "draft",
    RunState.QUEUED: "neutral",
    RunState.RUNNING: "run",
    RunState.DONE: "good",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "neutral",
}
_REJECT_KINDS = {RejectState.OPEN: "bad", RejectState.CORRECTED: "good", RejectState.DISMISSED: "neutral"}


def order_state(order: Order) -> SafeString:
    """The state of an order as a word on a soft ground."""
    return components.status(order.get_state_display(), _STATE_KINDS[OrderState(order.state)])


def run_state(run: ImportRun) -> SafeString:
    """The state of a run as a word on a soft ground."""
    return components.status(run.get_state_display(), _RUN_KINDS[RunState(run.state)])


class OrderTable(ui.ListTable):
    """Orders with whose they are and how far they are."""

    number = ui.NameColumn(verbose_name="Order", order_by=("number", "pk"))
    placed_at = ui.DayColumn(verbose_name="Placed", order_by=("placed_at", "pk"))
    partner = ui.Column(accessor="partner", order_by=("partner__name", "pk"), empty_values=())
    code = ui.Column(css="prm-col-desk")
    state = ui.Column()
    source = ui.Column(accessor="source__name", css="prm-col-desk", verbose_name="Source")
    units = ui.NumberColumn(css="prm-col-desk prm-num")
    amount = ui.MoneyColumn(currency="currency")

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("number", "placed_at", "partner", "code", "state", "source", "units", "amount")
        order_by = "-placed_at"

    def __init__(self, *args: Any, tenant: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, tenant=tenant, **kwargs)
        if tenant is not None:
            self.columns["partner"].column.verbose_name = tenant.partner_noun.capitalize()

    def row_url(self, record: Order) -> str:
        """The order's page."""
        return record.get_absolute_url()

    def render_partner(self, record: Order) -> SafeString | str:
        """The partner, or that nobody knows."""
        if record.partner is None:
            return format_html('<span class="prm-warn">{}</span>', "unattributed")
        return format_html('<a href="{}">{}</a>', record.partner.get_absolute_url(), record.partner.name)

    def render_state(self, record: Order) -> SafeString:
        """State, and whether it is a reversal."""
        if record.is_reversal:
            return components.status("Reversal", "draft")
        return order_state(record)


class RunTable(ui.ListTable):
    """Imports, latest first."""

    title = ui.NameColumn(verbose_name="File", orderable=False)
    source = ui.Column(accessor="source__name", order_by="source__name", verbose_name="Source")
    started = ui.Column(accessor="created_at", order_by="id", verbose_name="When")
    lines = ui.NumberColumn(accessor="lines_done", order_by="lines_done", verbose_name="Rows")
    rejected = ui.NumberColumn(css="prm-col-desk prm-num")
    by = ui.Column(css="prm-col-desk")
    state = ui.Column(css="prm-col-figure", orderable=False)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("title", "source", "started", "lines", "rejected", "by", "state")

    def row_url(self, record: ImportRun) -> str:
        """The run's page."""
        return record.get_absolute_url()

    def render_started(self, record: ImportRun) -> str:
        """Moment in the tenant's zone."""
        from prm.ui.formatting import moment

        return moment(record.created_at)

    def render_state(self, record: ImportRun) -> SafeString:
        """State, and for one that is done whether anything was new."""
        if record.state == RunState.DONE and record.message:
            return components.status("Nothing new", "neutral")
        return run_state(record)


class RejectTable(ui.ListTable):
    """Rejected lines of a run."""

    line_no = ui.NameColumn(verbose_name="Row")
    number = ui.Column(empty_values=(), orderable=False, verbose_name="Order")
    message = ui.Column(orderable=False, verbose_name="Why")
    column = ui.Column(css="prm-col-desk", orderable=False)
    state = ui.Column(css="prm-col-figure", orderable=False)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("line_no", "number", "message", "column", "state")

    def row_url(self, record: RejectedLine) -> str:
        """The form that corrects it."""
        from django.urls import reverse

        if record.state != RejectState.OPEN or self.tenant is None:
            return ""
        return reverse("orders:reject", kwargs={"tenant": self.tenant.slug, "pk": record.pk})

    def render_number(self, record: RejectedLine) -> str:
        """The order number as written."""
        return str(record.raw.get("number", "")) or "–"

    def render_state(self, record: RejectedLine) -> SafeString:
        """Open, corrected or dismissed."""
        return components.status(record.get_state_display(), _REJECT_KINDS[RejectState(record.state)])

    def render_line_no(self, record: RejectedLine) -> SafeString:
        """The line, with its file when there are several."""
        url = self.row_url(record)
        words = number(record.line_no)
        return format_html('<a href="{}">{}</a>', url, words) if url else format_html("{}", words)
