"""Columns of the partner list."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from partners import marks
from partners.alarms.words import alarm_words
from partners.directory.models import Partner
from partners.profiles import columns
from partners.profiles.columns import USUAL
from partners.profiles.export import BESIDE, standing_of, watch_of
from partners.standing.rules import whole
from prm.tenancy.context import first_up, said_of_orders
from prm.tenancy.models import Tenant
from prm.ui import tables as ui
from prm.ui.components import EMPTY
from prm.ui.export.cells import Cell
from prm.ui.formatting import money_short, percent, percent_range, signed

# So many orders in six months are too few to call a trend.
FEWEST_ORDERS: Final = 6


class _LastWithout:
    """Sorts by a path of the standing; partners without a value come last in both directions."""

    path: str = ""

    def order(self, queryset: QuerySet[Partner], is_descending: bool) -> tuple[QuerySet[Partner], bool]:
        """Order by the path, then by name."""
        by = F(self.path)
        first = by.desc(nulls_last=True) if is_descending else by.asc(nulls_last=True)
        return queryset.order_by(first, "name", "pk"), True


class _Tier(ui.Column):
    """The tables library hands over the label of a choice; the piece wants its value."""

    empty_values = ()

    def render(self, record: Partner) -> SafeString:
        """Draw bars and word of the tier in force."""
        return marks.tier(record.tier)


class _Level(_LastWithout, ui.Column):
    path = "standing__level"

    def render(self, record: Partner) -> SafeString:
        """Draw circle and word of the level."""
        return marks.level(record.standing.level)


class _Score(_LastWithout, ui.Column):
    """Number and change against last month; on a phone with the bar's place free for words."""

    css = "prm-col-meta prm-num"
    path = "standing__score"

    def render(self, record: Partner) -> SafeString:
        """Return the score, and what it has changed by."""
        return marks.score(record.standing.score, record.standing.score_change, bar=False)


class _Revenue(_LastWithout, ui.MoneyColumn):
    path = "standing__revenue_12m"


class _Share(_LastWithout, ui.PercentColumn):
    """Our part of what they order, with its range."""

    css = "prm-col-desk prm-num"
    path = "share_told"

    def render(self, value: Decimal | None, record: Partner) -> SafeString:  # type: ignore[override]  # with the row
        """Return the middle, and the range beside it."""
        standing = record.standing
        return format_html(
            '{} <small class="prm-quiet prm-share-range">{}</small>',
            percent(value),
            percent_range(standing.share_low, standing.share_high),
        )


class _Headroom(_LastWithout, ui.MoneyColumn):
    """Money on the table a year: its range, sorted by the middle."""

    css = "prm-col-desk prm-num"
    path = "headroom_told"

    def render(self, value: Decimal | None, record: Partner, table: ui.ListTable) -> str:  # type: ignore[override]  # the row's own
        """Return both ends."""
        standing = record.standing
        low, high = (
            money_short(end, table.tenant) for end in (standing.headroom_low, standing.headroom_high)
        )
        return low if low == high else f"{low}–{high}"


class _LastOrder(_LastWithout, ui.DayColumn):
    path = "standing__last_order_on"


class _Tags(_LastWithout, ui.Column):
    """The tags of a partner, each a word of its own; also on a phone."""

    css = "prm-col-meta"
    path = "tag_words"

    def render(self, value: str) -> SafeString:
        """Return each tag on its own ground."""
        words = ((word,) for word in value.split(", "))
        return format_html_join("", '<span class="prm-tag-word">{}</span>', words)


class _Trend(ui.Column):
    """Orders of the last three whole months against the three before; nothing where they are too few to tell."""

    css = "prm-col-desk prm-num"

    def render(self, record: Partner) -> SafeString:
        """Return the change in per cent."""
        before, recent = record.trend  # type: ignore[attr-defined]  # attached to a page's records
        if before + recent < FEWEST_ORDERS or not before:
            return EMPTY
        return format_html("{}%", signed(Decimal(100 * (recent - before)) / before))

    def export_heads(self, bound: object, table: ui.ListTable) -> list[str]:
        """Leave it out: the figures of the months are on the partner's page."""
        return []

    def export(self, record: object, bound: object, table: ui.ListTable) -> list[Cell]:
        return []


class _Alarm(_LastWithout, ui.Column):
    """What has changed of the orders, where an alarm stands; sorted by the money of it."""

    css = "prm-col-desk"
    path = "watch__a_year"
    empty_values = ()

    def render(self, record: Partner) -> SafeString | str:
        """Say it in words."""
        watch = watch_of(record)
        return alarm_words(watch) if watch is not None and watch.direction else EMPTY


class PartnerTable(ui.ListTable):
    """Level, tier, share and score side by side; `spark_months` and `trend` are attached to a page's records."""

    select = ui.CheckColumn(worth="standing__revenue_12m")
    name = ui.NameColumn(second="second_word", order_by=("name", "pk"))
    tier = _Tier(priority=1)
    level = _Level(accessor="standing__level", priority=3)
    score = _Score(accessor="standing__score", priority=1)
    revenue = _Revenue(accessor="standing__revenue_12m", verbose_name="Revenue, 12 m")
    months = ui.SparkColumn(
        accessor="spark_months", verbose_name=said_of_orders("{Orders}, 12 m"), orderable=False
    )
    share = _Share(accessor="share_told", priority=3, verbose_name="Share")
    headroom = _Headroom(accessor="headroom_told", verbose_name="Headroom", short=True, priority=3)
    last_order = _LastOrder(
        accessor="standing__last_order_on",
        verbose_name=said_of_orders("Last {order}"),
        css="prm-col-desk",
        priority=4,
    )
    rep = ui.AvatarColumn(accessor="rep__user", verbose_name="Rep", order_by=("rep__user__name", "name"))

    trend = _Trend(empty_values=(), verbose_name="Trend, 3 m", orderable=False, priority=3)
    alarm = _Alarm(verbose_name="Slipping or rising", priority=3)
    kind = ui.Column(accessor="get_kind_display", order_by=("kind", "name"), priority=3)
    organisation = ui.Column(order_by=("organisation__name", "name"), priority=3)
    tags = _Tags(accessor="tag_words", priority=3, verbose_name="Tags")
    city = ui.Column(priority=3)
    region = ui.Column(priority=3)
    country = ui.Column(accessor="get_country_display", order_by=("country", "name"), priority=3)
    tier_since = ui.DayColumn(verbose_name="Tier since", priority=3)
    proposal = ui.Column(
        accessor="standing__get_tier_proposal_display",
        verbose_name="Proposed",
        order_by="standing__tier_proposal",
        priority=3,
    )

    class Meta(ui.ListTable.Meta):
        order_by = "-revenue"

    def __init__(self, *args: Any, tenant: Tenant | None = None, **kwargs: Any) -> None:
        for name, value in self.showing(USUAL, selectable=False).items():
            kwargs.setdefault(name, value)
        super().__init__(*args, tenant=tenant, **kwargs)
        if tenant is not None:
            words = {
                "name": tenant.partner_noun.capitalize(),
                "months": f"{first_up(tenant.order_noun_plural)}, 12 m",
                "last_order": f"Last {tenant.order_noun}",
            }
            for name in words.keys() & set(self.columns.names()):
                self.columns[name].column.verbose_name = words[name]

    @classmethod
    def showing(cls, keys: Sequence[str], *, selectable: bool) -> "dict[str, Any]":
        """Return the arguments with which a table shows these columns, behind the name."""
        shown = [*(["select"] if selectable else []), "name", *keys]
        return {
            "sequence": shown,
            "exclude": [name for name in cls.base_columns if name not in shown],
            "extra_columns": [(column.key, column.make()) for column in columns.of_others(keys)],
        }

    @property
    def beside(self) -> Sequence[ui.Beside]:
        """What a spreadsheet has besides the columns of the page."""
        shown = {str(bound.header) for bound in self.columns}
        return [(str(head), cell) for head, cell in BESIDE if head not in shown]

    def export_score(self, record: Partner) -> int | None:
        """Return the score as the page shows it."""
        standing = standing_of(record)
        return None if standing is None or standing.score is None else whole(standing.score)

    def row_url(self, record: Partner) -> str:
        """Return the partner page."""
        return record.get_absolute_url()

    def row_about(self, record: Partner) -> str:
        """Return the partner, where no box of the row does."""
        return "" if "select" in self.columns.names() else f"partner={record.pk}"
