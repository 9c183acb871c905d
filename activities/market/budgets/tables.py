"""Columns of the list of opportunities."""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities.market.budgets.models import Opportunity
from activities.market.budgets.states import OpportunityState
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.export.cells import Amount
from prm.ui.formatting import ago, money, signed

STATES = {OpportunityState.OPEN: "run", OpportunityState.WON: "good", OpportunityState.LOST: "neutral"}


class OpportunityTable(ui.ListTable):
    """What is expected, of whom, how much, by when, and what changed last."""

    name = ui.NameColumn(second="partner__name", second_head="Partner", verbose_name="Opportunity")
    amount = ui.MoneyColumn(currency="currency", verbose_name="Expected")
    change = ui.Column(
        empty_values=(), orderable=False, verbose_name="Last change", css="prm-col-desk prm-num", priority=4
    )
    close_date = ui.DayColumn(verbose_name="By", priority=1)
    stage = ui.Column(verbose_name="Stage", priority=3)
    state = ui.Column(verbose_name="State")
    owner = ui.AvatarColumn(accessor="owner__user", order_by="owner__user__name", verbose_name="Owner")

    class Meta(ui.ListTable.Meta):
        sequence = ("name", "amount", "change", "close_date", "stage", "state", "owner")
        order_by = "close_date"

    def row_url(self, record: Opportunity) -> str:
        """Return the opportunity's page."""
        return tenant_url(current_tenant(), "activities:opportunity", pk=record.pk)

    def row_about(self, record: Opportunity) -> str:
        """Return the partner."""
        return f"partner={record.partner_id}"

    def render_stage(self, record: Opportunity) -> str:
        """Return the stage in words; a closed one has none."""
        return record.get_stage_display() if record.is_open else "–"

    def render_state(self, record: Opportunity) -> SafeString:
        """Return the state as a tinted word."""
        return components.status(record.get_state_display(), STATES[OpportunityState(record.state)])

    def export_stage(self, record: Opportunity) -> str:
        """Return the stage in words; a closed one has none."""
        return record.get_stage_display() if record.is_open else ""

    def export_change(self, record: Any) -> Amount | None:
        """Return by how much the amount moved last."""
        moved = None if record.changed_from is None else record.amount - record.changed_from
        return None if moved is None else Amount(moved, record.currency)

    def render_change(self, record: Any) -> SafeString | str:
        """By how much the amount moved last, and when."""
        if record.changed_from is None:
            return components.EMPTY
        moved = record.amount - record.changed_from
        return format_html(
            "{} <small>from {}, {}</small>",
            signed(moved),
            money(record.changed_from, record.currency),
            ago(record.changed_at),
        )
