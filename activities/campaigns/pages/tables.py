"""Columns of a campaign's members."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from activities.campaigns.planning.models import Member
from activities.campaigns.states import Group, Reach, Why
from prm.tenancy.context import current_tenant
from prm.ui import components
from prm.ui import tables as ui
from prm.ui.formatting import day, plural

SEEN = {Why.SCANNER: "scanner only", Why.WISH: "not counted, by wish"}


class MemberTable(ui.ListTable):
    """Who is in which group, and what is known of them, at least."""

    name = ui.NameColumn(accessor="partner__name", second="contact__name", verbose_name="Member")
    group = ui.Column(verbose_name="Group", empty_values=())
    reached = ui.Column(
        empty_values=(), orderable=False, verbose_name="Reached", priority=2, css="prm-col-desk"
    )
    opened = ui.Column(
        empty_values=(),
        order_by=("opened_on",),
        verbose_name="Opened, at least",
        priority=2,
        css="prm-col-desk",
    )
    came = ui.Column(empty_values=(), order_by=("came_on",), verbose_name="Came, at least")
    orders = ui.Column(empty_values=(), verbose_name="Ordered", priority=1)
    rep = ui.AvatarColumn(
        accessor="partner__rep__user", order_by="partner__rep__user__name", verbose_name="Rep"
    )

    class Meta(ui.ListTable.Meta):
        sequence = ("name", "group", "reached", "opened", "came", "orders", "rep")
        order_by = "name"

    def row_url(self, record: Member) -> str:
        """Return the partner's page."""
        return str(record.partner.get_absolute_url())

    def _is_shown(self, record: Member) -> bool:
        return record.wave.drawn_at is not None

    def render_group(self, record: Member) -> str:
        """Return the group once coins are shown."""
        if not self._is_shown(record):
            return "coin not shown yet"
        return Group(record.group).label

    def render_reached(self, record: Member) -> str:
        """Return when it was sent, or why it did not arrive."""
        if record.group == Group.HELD or not self._is_shown(record):
            return "–"
        if record.reach:
            return f"{Reach(record.reach).label}{f', {day(record.reach_on)}' if record.reach_on else ''}"
        return day(record.wave.sent_on) if record.wave.sent_on else "not sent yet"

    def render_opened(self, record: Member) -> str:
        """Return the first day on which a letter or a link was opened."""
        if record.opened_on:
            return day(record.opened_on)
        if record.group == Group.HELD:
            return "–"
        return SEEN.get(Why(record.filtered), "not seen") if record.filtered else "not seen"

    def render_orders(self, record: Member) -> SafeString | str:
        """Return how much the partner ordered in the weeks that count: of those held out as well."""
        if not self._is_shown(record) or record.wave.sent_on is None:
            return components.EMPTY
        tenant = current_tenant()
        if not record.orders:
            return f"no {tenant.order_noun_plural}"
        return format_html(
            "<strong>{}</strong>", plural(record.orders, tenant.order_noun, tenant.order_noun_plural)
        )

    def export_orders(self, record: Member) -> int | None:
        """Return the number, nothing before anything was sent."""
        return record.orders if self._is_shown(record) and record.wave.sent_on else None

    def render_came(self, record: Member) -> str:
        """Return pages and attendance."""
        parts = []
        if record.pages:
            parts.append(plural(record.pages, "page", "pages"))
        if record.attended_at:
            parts.append("event")
        if parts and record.last_on and not record.attended_at:
            parts.append(day(record.last_on))
        if parts:
            return ", ".join(parts)
        return "–" if record.group == Group.HELD else "not seen"
