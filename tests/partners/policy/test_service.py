"""Versions: drafted, put in force on a day, and never changed under a decision."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from partners.directory.models import Partner
from partners.kinds.queries import regulated_keys
from partners.policy import queries, service
from partners.policy.models import StandingPolicy
from partners.standing.models import Standing
from partners.standing.service import recompute_standings
from prm.core.calendar import add_months, month_start, today
from prm.core.errors import Refused
from tests.partners.factories import make_month, make_partner

DAY = timedelta(days=1)


@pytest.fixture
def unconfirmed(in_mercy):
    StandingPolicy.objects.all().delete()
    service.begin_policy()
    return in_mercy


def with_orders(tenant, revenue=12_000):
    partner = make_partner()
    make_month(partner, add_months(month_start(today(tenant)), -1), revenue=revenue)
    return partner


def test_no_tier_before_somebody_confirms(unconfirmed):
    partner = with_orders(unconfirmed.tenant)
    recompute_standings()
    standing = Standing.objects.get()
    assert (standing.level, standing.tier_proposal, Partner.objects.get().tier) == ("new", "", "")
    revenue = next(part for part in standing.components if part["key"] == "revenue")
    assert (revenue["points"], revenue["facts"]) == (None, {"unconfirmed": True})
    service.set_policy(by=unconfirmed.manager, reason="As proposed")
    recompute_standings()
    partner.refresh_from_db()
    assert partner.tier == "high"
    policy = queries.policy_in_force()
    assert (policy.version, policy.is_confirmed, policy.reason) == (2, True, "As proposed")


def test_draft_changes_nothing_until_it_is_put_in_force(in_mercy):
    service.draft_policy(by=in_mercy.manager, high_from=Decimal(500), medium_from=Decimal(100))
    made = service.draft_policy(by=in_mercy.manager, high_from=Decimal(700), medium_from=Decimal(100))
    assert (made.version, queries.policy_in_force().version) == (2, 1)
    service.confirm_draft(by=in_mercy.manager, reason="Smaller firms")
    now = queries.policy_in_force()
    assert (now.version, now.high_from, now.reason, now.signed_by) == (
        2,
        700,
        "Smaller firms",
        in_mercy.manager,
    )
    assert queries.draft() is None
    with pytest.raises(Refused, match="no draft"):
        service.confirm_draft()


def test_version_of_a_later_day_waits_for_it(in_mercy, clock_at):
    on = today(in_mercy.tenant) + 10 * DAY
    agreed = service.set_policy(high_from=Decimal(900), medium_from=Decimal(90), valid_from=on)
    assert (agreed.state, service.begin_due()) == ("draft", None)
    clock_at(agreed.agreed_at + 11 * DAY)
    begun = service.begin_due()
    assert (begun.state, begun.valid_from, begun.high_from) == ("in_force", on, 900)
    assert queries.policy_on(on - DAY).version == 1
    assert queries.policy_on(on).version == 2


def test_policy_is_not_dated_before_a_decision(in_mercy):
    day = today(in_mercy.tenant)
    StandingPolicy.objects.update(valid_from=day - 300 * DAY)
    with_orders(in_mercy.tenant)
    recompute_standings()
    with pytest.raises(Refused, match="was decided on") as refused:
        service.set_policy(valid_from=day - DAY, lapse_months=7)
    assert (refused.value.field, refused.value.code) == ("valid_from", "decided")
    service.set_policy(lapse_months=7)
    with pytest.raises(Refused, match="Version 2 holds since"):
        service.set_policy(valid_from=day - DAY, lapse_months=8)


def test_version_under_decisions_stays_as_it_is(in_mercy):
    policy = queries.policy_in_force()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        StandingPolicy.objects.filter(pk=policy.pk).update(high_from=1_000_000)
    StandingPolicy.objects.filter(pk=policy.pk).update(reason="words may be added")


@pytest.mark.parametrize(
    ("figures", "field"),
    [
        ({"weights": {"revenue": 0, "trend": 0, "share": 0, "frequency": 0}}, None),
        ({"weights": {"charm": 5}}, "weights"),
        ({"weights": {"revenue": "much"}}, "weights"),
        ({"high_from": Decimal(10) ** 15}, "high_from"),
        ({"basis": "percentile"}, "high_pct"),
        ({"basis": "percentile", "high_pct": 50, "medium_pct": 20}, "high_pct"),
        ({"basis": "astrology"}, "basis"),
        ({"usual_visits": {"high": [2, 1]}}, "usual_visits"),
    ],
)
def test_figures_that_cannot_be_are_refused_at_their_field(in_mercy, figures, field):
    if field is None:
        figures = {"weights": dict.fromkeys(service.usual_weights(), 0)}
        field = "weights"
    with pytest.raises(Refused) as refused:
        service.set_policy(**figures)
    assert refused.value.field == field


def test_regulated_kinds_of_a_version_are_those_of_the_list(in_mercy):
    service.set_policy(regulated_kinds=["dealer"])
    assert regulated_keys() == ["dealer"] == queries.policy_in_force().regulated_kinds
