"""Columns of the order lists."""

from decimal import Decimal
from typing import ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from orders.book.models import Order
from orders.book.words import counted_words
from orders.states import OrderState
from prm.tenancy.context import first_up
from prm.tenancy.models import Tenant
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import money

_STATE_KINDS = {
    OrderState.RECEIVED: "neutral",
    OrderState.SCHEDULED: "run",
    OrderState.COMPLETED: "good",
    OrderState.CANCELLED: "draft",
}


def order_state(order: Order) -> SafeString:
    """Return the state of an order as a word on a soft ground."""
    return components.status(order.get_state_display(), _STATE_KINDS[OrderState(order.state)])


def _short(order: Order, tenant: Tenant) -> str:
    return "waits" if order.waits else f"= {money(order.counted, tenant)}"


class OrderTable(ui.ListTable):
    """Orders with whose they are and how far they are."""

    number = ui.NameColumn(verbose_name="Order", order_by=("number", "pk"))
    placed_at = ui.DayColumn(verbose_name="Placed", priority=1, order_by=("placed_at", "pk"))
    partner = ui.Column(accessor="partner", priority=1, order_by=("partner__name", "pk"), empty_values=())
    code = ui.Column(css="prm-col-desk", priority=3)
    state = ui.Column()
    source = ui.Column(accessor="source__name", css="prm-col-desk", verbose_name="Source", priority=4)
    units = ui.NumberColumn(css="prm-col-desk prm-num", priority=4)
    amount = ui.MoneyColumn(currency="currency", order_by=("counted", "pk"))

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("number", "placed_at", "partner", "code", "state", "source", "units", "amount")
        order_by = "-placed_at"

    def __init__(self, *args: object, tenant: Tenant | None = None, **kwargs: object) -> None:
        super().__init__(*args, tenant=tenant, **kwargs)  # type: ignore[arg-type]  # as django-tables2 has it
        self._tenant = tenant
        if tenant is not None:
            self.columns["partner"].column.verbose_name = tenant.partner_noun.capitalize()
            self.columns["number"].column.verbose_name = first_up(tenant.order_noun)

    def row_url(self, record: Order) -> str:
        """Return the order's page."""
        return record.get_absolute_url()

    def export_partner(self, record: Order) -> str:
        """Name the partner; nothing for orders that nobody is known to have sent."""
        return record.partner.name if record.partner else ""

    def export_state(self, record: Order) -> str:
        """Return the word that the page shows."""
        return "Reversal" if record.is_reversal else record.get_state_display()

    def render_partner(self, record: Order) -> SafeString | str:
        """Name the partner, or say that nobody knows."""
        if record.partner is None:
            return format_html('<span class="prm-warn">{}</span>', "unattributed")
        name = format_html('<a href="{}">{}</a>', record.partner.get_absolute_url(), record.partner.name)
        if not record.is_shared:
            return name
        return format_html('{} <small class="prm-quiet">{}</small>', name, self._part_words(record))

    def _part_words(self, record: Order) -> str:
        """Say that an order is shared, in the list of one partner how much of it is theirs."""
        part: Decimal | None = getattr(record, "part_percent", None)
        return "shared" if part is None else f"shared, {part.normalize():f} %"

    def render_amount(self, record: Order) -> SafeString | str:
        """Return the amount in the order's own currency, and below what it counts as where that is another."""
        own = money(record.amount, record.currency)
        if self._tenant is None or not (words := counted_words(record, self._tenant)):
            return own
        return format_html(
            '{} <small class="prm-quiet" title="{}">{}</small>', own, words, _short(record, self._tenant)
        )

    def render_state(self, record: Order) -> SafeString:
        """Return the state, or that it is a reversal."""
        if record.is_reversal:
            return components.status("Reversal", "draft")
        return order_state(record)
