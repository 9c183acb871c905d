"""The figures behind Today, and news."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, F

from activities.market.budgets.models import BudgetUpdate
from activities.market.competition.models import Insight
from activities.market.competition.states import Outcome
from activities.plans.queries import PanelRow, start_of
from activities.today.rules import SlipFacts
from partners.reviews.models import TierReview
from partners.standing.models import PartnerMonth
from prm.core import calendar

INSIGHT_DAYS = 90


def slip_facts(slips: Collection[UUID], panel: Mapping[UUID, PanelRow], day: date) -> dict[UUID, SlipFacts]:
    """Return what may explain each slip: lost or heard-of cases of the last 90 days, visits (1 query)."""
    named: dict[UUID, tuple[str, int]] = {}
    rows = (
        Insight.objects.filter(
            partner_id__in=slips,
            outcome__in=(Outcome.LOST, Outcome.OBSERVED),
            happened_on__gt=day - timedelta(days=INSIGHT_DAYS),
        )
        .values_list("partner_id", "competitor__name")
        .annotate(times=Count("pk"))
        .order_by("partner_id", "times", "-competitor__name")
    )
    for pk, competitor, times in rows:
        named[pk] = (competitor, times)
    return {pk: _facts(panel[pk], *named.get(pk, ("", 0))) for pk in slips}


def _facts(row: PanelRow, competitor: str, times: int) -> SlipFacts:
    last_order = row.standing.last_order_on if row.standing else None
    return SlipFacts(
        insights=times,
        competitor=competitor,
        last_visit_on=row.last_visit_on,
        last_order_on=last_order,
        plan=row.plan,
    )


def recent_reviews(partner_ids: Collection[UUID], since: date) -> list[TierReview]:
    """Return signed tier decisions about these partners since a day, newest first (1 query)."""
    reviews = TierReview.objects.filter(partner_id__in=partner_ids, signed_at__gte=start_of(since))
    signed = reviews.exclude(decision=TierReview.Decision.INITIAL)
    return list(signed.select_related("partner").order_by("-signed_at")[:5])


def recent_raises(partner_ids: Collection[UUID], since: date) -> list[BudgetUpdate]:
    """Return raised budgets of these partners since a day, the largest raise first (1 query)."""
    raises = BudgetUpdate.objects.filter(
        opportunity__partner_id__in=partner_ids,
        at__gte=start_of(since),
        new_amount__gt=F("old_amount"),
        reverses=None,
        reversed_by=None,
    )
    change = F("new_amount") - F("old_amount")
    return list(raises.select_related("opportunity__partner").order_by(-change, "pk")[:3])


def recent_months(partner_ids: Collection[UUID], day: date) -> dict[date, int]:
    """Return the orders of these partners in the running and the last month (1 query)."""
    this = calendar.month_start(day)
    rows = PartnerMonth.objects.filter(
        partner_id__in=partner_ids, month__in=(this, calendar.add_months(this, -1))
    ).values_list("month", "orders")
    totals: dict[date, int] = defaultdict(int)
    for month, count in rows:
        totals[month] += count
    return dict(totals)
