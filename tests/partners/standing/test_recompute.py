from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from partners.directory.models import Partner
from partners.policy.queries import policy_in_force
from partners.reviews.models import TierReview
from partners.standing import compute as standing_compute
from partners.standing import service as standing_service
from partners.standing.models import PartnerMonth, Standing, StandingMonth
from partners.standing.registry import Measure
from tests.partners.factories import make_estimate, make_month, make_months, make_partner

NOV = date(2026, 11, 1)
AS_OF = date(2026, 11, 23)


def standing(partner):
    return Standing.objects.get(partner=partner)


def recompute(*partners, as_of=AS_OF):
    return standing_service.recompute_standings([partner.pk for partner in partners] or None, as_of=as_of)


def test_a_partner_without_orders_is_a_prospect_without_tier(in_mercy):
    partner = make_partner()
    recompute(partner)
    found = standing(partner)
    assert (found.level, found.tier_proposal, found.revenue_12m) == ("prospect", "", 0)
    assert Partner.objects.get().tier == ""


def test_figures_of_a_regular_partner(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [500] * 14, orders=2)
    recompute(partner)
    found = standing(partner)
    assert found.level == "repeat"
    assert found.revenue_12m == Decimal(6000)
    assert found.revenue_total == Decimal(7000)
    assert found.orders_12m == 24
    assert (found.first_order_on, found.last_order_on) == (date(2025, 10, 1), NOV)


def test_revenue_is_exact_to_the_last_place(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, ["0.0001", "99999999999999.9998", "-0.0099"])
    recompute(partner)
    assert standing(partner).revenue_12m == Decimal("99999999999999.9900")


def test_the_first_tier_is_set_and_recorded_without_a_signature(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [1000] * 12)
    recompute(partner)
    partner.refresh_from_db()
    assert (partner.tier, partner.tier_since) == ("high", AS_OF)
    review = TierReview.objects.get()
    assert (review.decision, review.decided_tier, review.signed_by) == ("initial", "high", None)
    assert review.evidence["revenue"] == "12000.0000"


def test_later_changes_are_proposed_only(in_mercy):
    partner = make_partner()
    make_months(partner, date(2026, 3, 1), [300] * 3)
    recompute(partner, as_of=date(2026, 3, 31))
    make_months(partner, NOV, [2000] * 6)
    recompute(partner)
    partner.refresh_from_db()
    assert partner.tier == "low"
    assert standing(partner).tier_proposal == "high"
    assert standing(partner).proposal["rule"] == "raise"
    assert list(Partner.objects.awaiting_decision(AS_OF)) == [partner]


def test_a_young_month_lowers_nobody(in_mercy):
    """Twelve months of 850 are 10,200; on 2 November only eleven of them and an empty one are in."""
    partner = make_partner()
    make_months(partner, date(2026, 10, 1), [850] * 24)
    recompute(partner, as_of=date(2026, 4, 30))
    recompute(partner, as_of=date(2026, 11, 2))
    found = standing(partner)
    assert found.revenue_12m == Decimal(9350)
    assert found.tier_proposal == "high"
    assert found.proposal["to"] == "2026-10-01"


def test_reversals_alone_make_no_customer(in_mercy):
    partner = make_partner()
    make_month(partner, NOV, orders=0, revenue=-50)
    recompute(partner)
    assert (standing(partner).level, standing(partner).revenue_12m) == ("prospect", Decimal(-50))


def test_months_after_the_day_of_judgement_do_not_count(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [100] * 3)
    recompute(partner, as_of=date(2026, 10, 15))
    assert standing(partner).revenue_total == Decimal(200)


def test_share_and_headroom_come_from_the_latest_estimate_of_each_source(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [100] * 12)
    make_estimate(partner, 1, 2, 3, source="Claims", as_of=date(2025, 1, 1))
    make_estimate(partner, 2000, 2400, 2900, source="Claims", as_of=date(2026, 1, 1))
    recompute(partner)
    found = standing(partner)
    assert Decimal("0.3") < found.share_low < found.share < found.share_high < Decimal("0.75")
    assert 0 < found.headroom_low < found.headroom_high
    assert not found.share_doubtful


def test_an_estimate_below_our_own_count_tells_no_share(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [1000] * 12)
    make_estimate(partner, 2000, 2400, 2900)
    recompute(partner)
    found = standing(partner)
    assert found.share_doubtful
    assert found.headroom is None
    part = next(part for part in found.components if part["key"] == "share")
    assert part["points"] is None


def test_score_is_the_sum_of_its_points(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [700] * 24, orders=3)
    make_estimate(partner, 12_000, 14_000, 17_000)
    recompute(partner)
    found = standing(partner)
    assert (
        Decimal(str(sum(part["points"] or 0 for part in found.components))).quantize(Decimal("0.1"))
        == found.score
    )
    assert {"revenue", "trend", "share"} <= {part["key"] for part in found.components}


def test_nothing_changed_writes_nothing(in_mercy):
    partner, other = make_partner(), make_partner()
    make_months(partner, NOV, [700] * 24)
    recompute(as_of=AS_OF)
    before = list(Standing.objects.order_by("pk").values())
    assert recompute(as_of=AS_OF) == 0
    assert recompute(as_of=date(2026, 11, 24)) == 0
    assert list(Standing.objects.order_by("pk").values()) == before
    assert other.pk in {row["partner_id"] for row in before}


def test_only_the_partners_named_are_touched(in_mercy):
    partner, other = make_partner(), make_partner()
    recompute(partner)
    assert [row.partner_id for row in Standing.objects.all()] == [partner.pk]
    assert other.pk != partner.pk


def test_the_month_before_is_kept_and_compared_with(in_mercy):
    partner = make_partner()
    make_months(partner, date(2026, 10, 1), [100] * 12)
    recompute(partner)
    october = StandingMonth.objects.get(month=date(2026, 10, 1))
    make_month(partner, NOV, revenue=5000, orders=4)
    recompute(partner)
    found = standing(partner)
    assert found.score_month_ago == october.score
    assert found.score > october.score
    assert StandingMonth.objects.get(month=date(2026, 10, 1)).computed_at == october.computed_at


def test_a_late_order_of_last_month_makes_the_snapshot_anew(in_mercy):
    partner = make_partner()
    make_months(partner, date(2026, 9, 1), [100] * 6)
    recompute(partner)
    make_month(partner, date(2026, 10, 1), revenue=4000, orders=3)
    recompute(partner)
    october = StandingMonth.objects.get(month=date(2026, 10, 1))
    assert october.revenue_12m == Decimal(4600)
    assert standing(partner).score_month_ago == october.score


def test_an_order_that_moves_to_another_month_makes_the_snapshot_anew(in_mercy):
    """Within the twelve months nothing is more or less than before; the trend is another."""
    partner = make_partner()
    make_months(partner, date(2026, 10, 1), [100])
    moved = make_month(partner, date(2026, 5, 1), revenue=9000, orders=3)
    recompute(partner)
    before = StandingMonth.objects.get(month=date(2026, 10, 1))
    PartnerMonth.objects.filter(pk=moved.pk).delete()
    make_month(partner, date(2026, 9, 1), revenue=9000, orders=3)
    recompute(partner)
    october = StandingMonth.objects.get(month=date(2026, 10, 1))
    assert october.components != before.components
    assert standing(partner).score_month_ago == october.score


def test_a_snapshot_of_before_checksums_is_made_anew(in_mercy):
    partner = make_partner()
    make_months(partner, date(2026, 10, 1), [100] * 12)
    recompute(partner)
    StandingMonth.objects.update(months_mark=None, score=1)
    recompute(partner)
    assert StandingMonth.objects.get().score == standing(partner).score_month_ago != 1


def test_history_is_rebuilt_month_by_month(in_mercy, clock_at):
    from datetime import UTC, datetime

    clock_at(datetime(2026, 11, 23, 12, tzinfo=UTC))
    partner = make_partner()
    make_months(partner, NOV, [1000] * 20)
    standing_service.rebuild_history(months=3)
    assert [row.month for row in StandingMonth.objects.all()] == [
        date(2026, month, 1) for month in (7, 8, 9, 10)
    ]
    partner.refresh_from_db()
    assert partner.tier_since == date(2026, 8, 31)


def test_past_tiers_come_from_the_reviews(in_mercy):
    partner = make_partner()
    make_months(partner, NOV, [1000] * 30)
    recompute(partner, as_of=date(2026, 1, 31))
    policy = policy_in_force()
    TierReview.objects.create(
        partner=partner,
        from_tier="high",
        proposed_tier="low",
        decided_tier="low",
        decision="accept",
        effective_on=date(2026, 6, 1),
        tier_since=date(2026, 6, 1),
        policy_version=1,
    )
    Partner.objects.update(tier="low", tier_since=date(2026, 6, 1))
    then, now = (
        standing_compute.compute([partner.pk], day, policy)[0].tier for day in (date(2026, 5, 31), AS_OF)
    )
    assert (then, now) == ("high", "low")


def test_queries_do_not_grow_with_the_partners(in_mercy):
    policy_in_force()
    partners = [make_partner() for _ in range(3)]
    for partner in partners:
        make_months(partner, NOV, [100] * 6)
        make_estimate(partner, 2000, 2400, 2900)
    recompute(*partners)
    counts = []
    for some in (partners[:1], partners):
        make_month(partners[0], date(2025, len(counts) + 1, 1))
        with CaptureQueriesContext(connection) as queries:
            recompute(*some)
        counts.append(len(queries))
    assert counts[1] == counts[0]


def test_an_unknown_fraction_is_kept_with_its_facts(in_mercy, monkeypatch):
    from partners.standing import registry

    odd = registry.Component("odd", "Odd", 50, 99, lambda ctx: {}, lambda facts, tenant: "Cannot tell")
    monkeypatch.setitem(registry._registry, "odd", odd)
    partner = make_partner()
    make_months(partner, NOV, [100] * 6)
    recompute(partner)
    part = next(part for part in standing(partner).components if part["key"] == "odd")
    assert part == {"key": "odd", "weight": None, "points": None, "fraction": None, "facts": {}}
    assert Measure(None, {}).fraction is None


def test_other_tenants_partners_cannot_be_recomputed(mercy, anchor):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(anchor.tenant):
        theirs = make_partner()
    with tenant_scope(mercy.tenant):
        assert standing_service.recompute_standings([theirs.pk]) == 0
        assert not Standing.objects.exists()
    with tenant_scope(anchor.tenant):
        assert not Standing.objects.exists()


@pytest.mark.parametrize("count", [standing_service.LOCKED_SINGLY, standing_service.LOCKED_SINGLY + 1])
def test_few_partners_lock_themselves_and_many_the_tenant(in_mercy, count):
    from prm.core.ids import uuid7

    standing_service.lock_standings([uuid7() for _ in range(count)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            " AND mode = 'ExclusiveLock'"
        )
        assert cursor.fetchone()[0] == (count if count <= standing_service.LOCKED_SINGLY else 1)


def test_facts_with_anything_in_them_are_stored_as_they_are(in_mercy, monkeypatch):
    from partners.standing import registry

    facts = {"said": 'a\tb\n\\N "é" %s', "none": None}
    odd = registry.Component(
        "odd", "Odd", 50, 99, lambda ctx: {ctx.partner_ids[0]: Measure(0.5, facts)}, lambda facts, tenant: ""
    )
    monkeypatch.setitem(registry._registry, "odd", odd)
    partner = make_partner()
    recompute(partner)
    part = next(part for part in standing(partner).components if part["key"] == "odd")
    assert part["facts"] == facts
    assert recompute(partner) == 0
    changed = registry.Component(
        "odd", "Odd", 50, 99, lambda ctx: {ctx.partner_ids[0]: Measure(0.5, {})}, lambda facts, tenant: ""
    )
    monkeypatch.setitem(registry._registry, "odd", changed)
    assert recompute(partner) == 1
