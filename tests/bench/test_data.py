"""What the benches write by SQL of their own fits the tables as they are: a new column breaks a test, not a measurement."""

import pytest

from activities.market.budgets.models import BudgetUpdate
from activities.market.competition.models import Insight
from bench import competition, pages, standings
from orders.book.models import Order
from partners.directory.models import Partner
from prm.tenancy.context import tenant_scope


@pytest.fixture
def into_mercy(mercy, monkeypatch):
    """The benches fill mercy instead of a tenant of their own, and sweep nothing inside the test's transaction."""
    for bench in (competition, pages):
        monkeypatch.setattr(bench, "fresh_tenant", lambda: mercy.tenant.slug)
    monkeypatch.setattr(standings, "vacuum", lambda: None)
    return mercy


def test_partners_with_all_their_standing_is_computed_from(into_mercy):
    standings.make_data(into_mercy.tenant, 60)
    standings.restand(into_mercy.tenant)
    with tenant_scope(into_mercy.tenant):
        assert Partner.objects.filter(standing__isnull=False).count() >= 60
        assert BudgetUpdate.objects.count() > 0


def test_insights_for_the_board(into_mercy):
    competition._filled(200)
    with tenant_scope(into_mercy.tenant):
        assert Insight.objects.count() == 200
    assert competition._asked(into_mercy.tenant.slug, "product") > 0


def test_orders_for_the_pages(into_mercy):
    house = pages.furnish(300, 20)
    with tenant_scope(into_mercy.tenant):
        assert Order.objects.count() == 300
    assert house.order.partner_id == house.partner.pk
