"""Columns of the lists."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities.models import Insight, Opportunity
from activities.states import OpportunityState, Outcome
from prm.tenancy.context import current_tenant
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import ago, money, signed

STATES = {OpportunityState.OPEN: "run", OpportunityState.WON: "good", OpportunityState.LOST: "neutral"}
OUTCOMES = {Outcome.WON: "good", Outcome.LOST: "bad", Outcome.OBSERVED: "neutral"}


def page(name: str, pk: object) -> str:
    """Return the address of a page of this app in the tenant in scope."""
    return reverse(f"activities:{name}", kwargs={"tenant": current_tenant().slug, "pk": pk})


class OpportunityTable(ui.ListTable):
    """What is expected, of whom, how much, by when, and what changed last."""

    name = ui.NameColumn(second="partner__name", verbose_name="Opportunity")
    amount = ui.MoneyColumn(currency="currency", verbose_name="Expected")
    change = ui.Column(
        empty_values=(), orderable=False, verbose_name="Last change", css="prm-col-desk prm-num"
    )
    close_date = ui.DayColumn(verbose_name="By")
    stage = ui.Column(verbose_name="Stage")
    state = ui.Column(verbose_name="State")
    owner = ui.AvatarColumn(accessor="owner__user", order_by="owner__user__name", verbose_name="Owner")

    class Meta(ui.ListTable.Meta):
        sequence = ("name", "amount", "change", "close_date", "stage", "state", "owner")
        order_by = "close_date"

    def row_url(self, record: Opportunity) -> str:
        """The opportunity's page."""
        return page("opportunity", record.pk)

    def render_stage(self, record: Opportunity) -> str:
        """The stage in words; a closed one has none."""
        return record.get_stage_display() if record.is_open else "–"

    def render_state(self, record: Opportunity) -> SafeString:
        """The state as a tinted word."""
        return components.status(record.get_state_display(), STATES[OpportunityState(record.state)])

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


class InsightTable(ui.ListTable):
    """Who got it, at whom, because of what."""

    competitor = ui.NameColumn(second="partner__name", verbose_name="Competitor", order_by="competitor__name")
    outcome = ui.Column(verbose_name="What happened")
    reasons = ui.Column(empty_values=(), orderable=False, verbose_name="Because of")
    note = ui.Column(css="prm-col-desk", orderable=False, verbose_name="Note")
    amount = ui.MoneyColumn(verbose_name="At stake")
    happened_on = ui.DayColumn(verbose_name="When")
    rep = ui.AvatarColumn(accessor="rep__user", order_by="rep__user__name", verbose_name="Rep")

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("competitor", "outcome", "reasons", "note", "amount", "happened_on", "rep")
        order_by = "-happened_on"

    def row_url(self, record: Insight) -> str:
        """The insight's page."""
        return page("insight", record.pk)

    def render_outcome(self, record: Insight) -> SafeString:
        """The outcome as a tinted word."""
        return components.status(record.get_outcome_display(), OUTCOMES[Outcome(record.outcome)])

    def render_reasons(self, record: Insight) -> str:
        """The differentiators named."""
        return ", ".join(row.differentiator.name for row in record.differentiators.all()) or "–"

    def render_note(self, value: str) -> str:
        """The first words of the note."""
        return value if len(value) <= 80 else f"{value[:79].rstrip()}…"
