"""Somebody works at a partner at the moment in which it is merged, on real connections."""

from decimal import Decimal

import pytest
from django.core.checks import run_checks

from activities.visits.models import Visit
from orders.book.models import Order
from partners.merges.models import PartnerMerge
from partners.merges.service import merge_partners, undo_merge
from partners.standing.models import PartnerMonth
from prm.tenancy.context import tenant_scope
from tests.activities import factories as activities
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner
from tests.partners.standing.test_concurrency import at_once, no_worker  # noqa: F401  (a fixture)


@pytest.fixture
def pair(transactional_db, mercy, no_worker):  # noqa: F811
    with tenant_scope(mercy.tenant):
        source = make_source()
        elena, eve = make_partner("Elena", codes=["E1"]), make_partner("Eve", codes=["E2"])
        import_rows(source, "1,2026-05-10,E1,A,1,10", "2,2026-05-10,E2,A,1,20")
    return mercy, source, elena, eve


def test_an_import_a_visit_and_a_merge_at_once_lose_nothing(pair):
    house, source, elena, eve = pair

    def scoped(work):
        def run():
            with tenant_scope(house.tenant):
                return work()

        return run

    rows = [f"{number},2026-05-11,E2,A,1,1" for number in range(10, 40)]
    at_once(
        scoped(lambda: merge_partners(elena.pk, merged_id=eve.pk)),
        scoped(lambda: import_rows(source, *rows)),
        scoped(lambda: activities.visit(eve, house.rep)),
        scoped(lambda: merge_partners(elena.pk, merged_id=eve.pk)),
    )
    with tenant_scope(house.tenant):
        merge = PartnerMerge.objects.get()  # twice at once is once
        assert {order.partner_id for order in Order.objects.all()} == {elena.pk}
        assert sum(month.revenue for month in PartnerMonth.objects.all()) == Decimal(60)
        assert Visit.objects.get().partner_id == elena.pk
        undo_merge(merge.pk)
        assert Order.objects.filter(partner=eve).count() == 31


def test_what_is_written_late_for_a_merged_partner_goes_to_the_end_of_the_chain(pair):
    house, _, elena, eve = pair
    with tenant_scope(house.tenant):
        third = make_partner("Third")
        merge_partners(elena.pk, merged_id=eve.pk)
        merge_partners(third.pk, merged_id=elena.pk)
        visit = Visit.objects.get(pk=activities.visit(eve, house.rep).pk)
        assert visit.partner_id == third.pk


def test_the_check_sees_a_trigger_that_is_missing(db, monkeypatch):
    found = {error.id for error in run_checks(databases=["default"], tags=["database"])}
    assert "partners.E002" not in found
    monkeypatch.setattr("partners.merges.triggers.NAME", "another")
    found = {error.id for error in run_checks(databases=["default"], tags=["database"])}
    assert "partners.E002" in found
