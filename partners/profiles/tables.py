"""Columns of the partner list."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.utils.safestring import SafeString

from partners import marks
from partners.directory.models import Partner
from partners.profiles.export import BESIDE, standing_of
from partners.standing.rules import whole
from prm.tenancy.models import Tenant
from prm.ui import tables as ui


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
    css = "prm-col-desk prm-num"
    path = "share_told"


class _Headroom(_LastWithout, ui.MoneyColumn):
    css = "prm-col-desk prm-num"
    path = "headroom_told"


class _LastOrder(_LastWithout, ui.DayColumn):
    path = "standing__last_order_on"


class PartnerTable(ui.ListTable):
    """Level, tier, share and score side by side; `spark_months` is attached to a page's records."""

    name = ui.NameColumn(second="second_word", order_by=("name", "pk"))
    tier = _Tier(priority=1)
    level = _Level(accessor="standing__level", priority=3)
    score = _Score(accessor="standing__score", priority=1)
    revenue = _Revenue(accessor="standing__revenue_12m", verbose_name="Revenue, 12 m")
    months = ui.SparkColumn(accessor="spark_months", verbose_name="Orders, 12 m", orderable=False)
    share = _Share(accessor="share_told", priority=3, verbose_name="Share")
    headroom = _Headroom(accessor="headroom_told", verbose_name="Headroom", short=True, priority=3)
    last_order = _LastOrder(
        accessor="standing__last_order_on", verbose_name="Last order", css="prm-col-desk", priority=4
    )
    rep = ui.AvatarColumn(accessor="rep__user", verbose_name="Rep", order_by=("rep__user__name", "name"))

    class Meta(ui.ListTable.Meta):
        sequence = (
            "name", "tier", "level", "score", "revenue", "months", "share", "headroom", "last_order", "rep",
        )  # fmt: skip
        order_by = "-revenue"

    def __init__(self, *args: Any, tenant: Tenant | None = None, **kwargs: Any) -> None:
        super().__init__(*args, tenant=tenant, **kwargs)
        if tenant is not None:
            self.columns["name"].column.verbose_name = tenant.partner_noun.capitalize()

    @property
    def beside(self) -> Sequence[ui.Beside]:
        """What a spreadsheet has besides the columns of the page."""
        return BESIDE

    def export_score(self, record: Partner) -> int | None:
        """Return the score as the page shows it."""
        standing = standing_of(record)
        return None if standing is None or standing.score is None else whole(standing.score)

    def row_url(self, record: Partner) -> str:
        """Return the partner page."""
        return record.get_absolute_url()

    def row_about(self, record: Partner) -> str:
        """Return the partner."""
        return f"partner={record.pk}"
