"""Columns of the list of insights."""

from typing import ClassVar

from django.utils.safestring import SafeString

from activities.market.competition.models import Insight
from activities.market.competition.states import Outcome
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant
from prm.ui import components
from prm.ui import tables as ui

OUTCOMES = {Outcome.WON: "good", Outcome.LOST: "bad", Outcome.OBSERVED: "neutral"}


class InsightTable(ui.ListTable):
    """Who got it, at whom, because of what."""

    competitor = ui.NameColumn(
        second="partner__name", second_head="Partner", verbose_name="Competitor", order_by="competitor__name"
    )
    outcome = ui.Column(verbose_name="What happened", priority=1)
    reasons = ui.Column(empty_values=(), orderable=False, verbose_name="Because of", priority=3)
    product = ui.Column(verbose_name="Product or service", order_by="product__name", priority=4)
    claim = ui.Column(css="prm-col-desk", orderable=False, verbose_name="What they say", priority=4)
    note = ui.Column(css="prm-col-desk", orderable=False, verbose_name="Note", priority=4)
    amount = ui.MoneyColumn(currency="currency", verbose_name="At stake")
    happened_on = ui.DayColumn(verbose_name="When", priority=1)
    rep = ui.AvatarColumn(accessor="rep__user", order_by="rep__user__name", verbose_name="Rep")

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = (
            "competitor",
            "outcome",
            "reasons",
            "product",
            "claim",
            "note",
            "amount",
            "happened_on",
            "rep",
        )
        order_by = "-happened_on"

    def row_url(self, record: Insight) -> str:
        """Return the insight's page."""
        return tenant_url(current_tenant(), "activities:insight", pk=record.pk)

    def row_about(self, record: Insight) -> str:
        """Return the partner."""
        return f"partner={record.partner_id}"

    def render_outcome(self, record: Insight) -> SafeString:
        """Return the outcome as a tinted word."""
        return components.status(record.get_outcome_display(), OUTCOMES[Outcome(record.outcome)])

    def render_reasons(self, record: Insight) -> str:
        """Return the differentiators named."""
        return self.export_reasons(record) or "–"

    def export_reasons(self, record: Insight) -> str:
        """Return them, or nothing."""
        return ", ".join(row.name for row in record.reasons)

    def render_note(self, value: str) -> str:
        """Return the first words of the note."""
        return value if len(value) <= 80 else f"{value[:79].rstrip()}…"
