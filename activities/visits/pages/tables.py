"""Columns of the list of visits."""

from typing import ClassVar

from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities.rights import may_change
from activities.visits.models import Visit
from activities.visits.states import Channel
from prm.core.urls import tenant_url
from prm.tenancy.context import current_tenant, first_up
from prm.tenancy.models import Tenant
from prm.ui import tables as ui


class VisitTable(ui.ListTable):
    """Visits with whom they were, by whom, what for and what was promised."""

    partner = ui.NameColumn(accessor="partner", order_by=("partner__name", "pk"))
    happened_at = ui.DayColumn(verbose_name="When", priority=1, order_by=("happened_at", "pk"))
    channel = ui.Column(verbose_name="How")
    purpose = ui.Column(verbose_name="Purpose", empty_values=())
    rep = ui.Column(accessor="rep", verbose_name="Rep", order_by=("rep__user__name", "pk"), priority=2)
    met = ui.Column(accessor="met", verbose_name="Whom met", css="prm-col-desk", priority=4)
    next_step = ui.Column(verbose_name="Next step", css="prm-col-desk", priority=3)

    class Meta(ui.ListTable.Meta):
        sequence: ClassVar = ("partner", "happened_at", "channel", "purpose", "rep", "met", "next_step")
        order_by = "-happened_at"

    def __init__(self, *args: object, tenant: Tenant | None = None, **kwargs: object) -> None:
        super().__init__(*args, tenant=tenant, **kwargs)  # type: ignore[arg-type]  # as django-tables2 has it
        if tenant is not None:
            self.columns["partner"].column.verbose_name = first_up(tenant.partner_noun)

    def row_url(self, record: Visit) -> str:
        """Return the visit's own page to whoever may change it, else the page of whom it was with."""
        if may_change(record.rep_id):
            return tenant_url(current_tenant(), "activities:visit", pk=record.pk)
        return f"{record.partner.get_absolute_url()}#visit-{record.pk}"

    def render_channel(self, record: Visit) -> str:
        """Return the word of the channel."""
        return str(Channel(record.channel).label)

    def render_purpose(self, record: Visit) -> str:
        """Return the purpose, the rep's own words where they wrote some."""
        return record.purpose_other or record.purpose_words

    def render_rep(self, record: Visit) -> str:
        """Return the name of the rep."""
        return str(record.rep.user)

    def render_next_step(self, record: Visit) -> SafeString | str:
        """Return the promise, struck through once it is kept."""
        if record.next_step_done_at is None:
            return record.next_step
        return format_html("<s>{}</s>", record.next_step)

    def export_rep(self, record: Visit) -> str:
        """Return the name of the rep."""
        return str(record.rep.user)

    def export_partner(self, record: Visit) -> str:
        """Return the name of the partner."""
        return str(record.partner.name)

    def export_channel(self, record: Visit) -> str:
        """Return the word that the page shows."""
        return self.render_channel(record)

    def export_purpose(self, record: Visit) -> str:
        """Return the words that the page shows."""
        return self.render_purpose(record)

    def export_met(self, record: Visit) -> str:
        """Return the name of the contact."""
        return record.met.name if record.met else ""

    def export_next_step(self, record: Visit) -> str:
        """Return the promise."""
        return record.next_step
