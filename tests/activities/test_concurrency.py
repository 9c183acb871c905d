"""Two requests at once with real transactions: one visit, one name, no lost budget."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from activities.market.budgets.models import BudgetUpdate, Opportunity
from activities.market.budgets.service import update_budget
from activities.market.competition.models import Insight
from activities.market.names.models import Competitor
from activities.visits.models import Visit
from activities.visits.service import log_visit
from prm.tenancy.context import tenant_scope
from tests.activities import factories as make
from tests.conftest import make_house

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(transactional_db):
    return make_house("mercy", ("alice", "bob", "mary"))


def at_once(tenant, call, times=4):
    """Run ``call`` in so many threads, each in a transaction of its own, all starting together."""
    barrier = Barrier(times)

    def run(number):
        try:
            with tenant_scope(tenant):
                barrier.wait(timeout=20)
                return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_a_visit_sent_four_times_at_once_is_one_visit(house):
    with tenant_scope(house.tenant):
        elena = make.partner()
    visit_id = uuid4()
    logged = at_once(
        house.tenant,
        lambda n: log_visit(
            partner=elena,
            rep=house.rep,
            details=make.visit_input(),
            insight=make.insight_input(),
            visit_id=visit_id,
        ),
    )
    assert sorted(one.created for one in logged) == [False, False, False, True]
    with tenant_scope(house.tenant):
        assert (Visit.objects.count(), Insight.objects.count()) == (1, 1)


def test_a_new_competitor_typed_four_times_at_once_is_one(house):
    with tenant_scope(house.tenant):
        elena = make.partner()
    at_once(house.tenant, lambda n: make.insight(elena, house.rep, competitor=("Summit", "SUMMIT")[n % 2]))
    with tenant_scope(house.tenant):
        assert (Competitor.objects.count(), Insight.objects.count()) == (1, 4)


def test_budget_updates_at_once_follow_one_another(house):
    with tenant_scope(house.tenant):
        echo = make.opportunity(make.partner(), amount=100)
    at_once(house.tenant, lambda n: update_budget(opportunity=echo, by=None, amount=Decimal(200 + n)))
    with tenant_scope(house.tenant):
        rows = list(BudgetUpdate.objects.exclude(old_amount=None).order_by("at"))
        old, new = {row.old_amount for row in rows}, {row.new_amount for row in rows}
        now = Opportunity.objects.get().amount
    # A chain: every old amount but the first is somebody's new amount, and the last one stands.
    assert len(rows) == len(old) == 4
    assert new - old == {now}
    assert old - new == {Decimal(100)}
