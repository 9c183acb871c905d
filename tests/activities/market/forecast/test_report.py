"""The forecast reads what was entered when, counts money once, and asks for what nobody touched."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from activities.market.budgets import service
from activities.market.budgets.models import Opportunity, OpportunityOrder
from activities.market.budgets.products.queries import Part
from activities.market.budgets.products.service import split_opportunity
from activities.market.budgets.queries import asked_of, may_fulfil, stale, tied_counts, untied
from activities.market.forecast import queries
from activities.market.forecast.report import Asked, facts, forecast
from orders.book.models import Order
from orders.catalogue.models import Product
from orders.runs import undo
from orders.runs.service import take_back
from prm.core.errors import Refused
from tests.activities import factories as make
from tests.activities.pages import url
from tests.orders.factories import import_rows, make_source
from tests.partners.factories import make_partner

NOW = datetime(2026, 11, 23, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now(clock_at):
    clock_at(NOW)


@pytest.fixture
def elena(in_mercy):
    return make_partner(rep=in_mercy.rep, codes=["77"])


def closed(partner, rep, *, state="won", amount=1_000, days_ago=30, opened=200):
    made = make.opportunity(partner, rep, amount=amount, days=-days_ago, at=NOW - timedelta(days=opened))
    return service.close_opportunity(opportunity=made, state=state, at=NOW - timedelta(days=days_ago))


def refused(call, field, code):
    with pytest.raises(Refused) as error:
        call()
    assert (error.value.field, error.value.code) == (field, code)
    return error.value.message


def test_fewer_than_15_closed_budgets_give_sums_only(in_mercy, elena):
    closed(elena, in_mercy.rep)
    make.opportunity(elena, in_mercy.rep, amount=5_000, days=30, stage="proposal")
    found = forecast()
    assert (found.next_range, found.closed) == (None, 1)
    assert (found.next_budgets, found.next_weighted) == (5_000, 3_750)
    assert facts(found)["too_few"] is True


def test_a_range_for_the_next_three_months_and_each_month_rep_partner_and_tier(in_mercy, elena):
    for n in range(20):
        closed(elena, in_mercy.rep, state="won" if n % 2 else "lost")
    for _ in range(10):
        make.opportunity(elena, in_mercy.rep, amount=1_000, days=30)
    found = forecast()
    assert found.next_budgets == 10_000
    assert 0 < found.next_range.low < found.next_range.middle < found.next_range.high <= 10_000
    assert 3_000 < found.next_range.middle < 7_000
    assert [one.first.isoformat() for one in found.months][:1] == ["2026-06-01"]
    assert len(found.months) == 12
    for by, name in (("rep", str(in_mercy.rep.user)), ("partner", elena.name), ("tier", "No tier")):
        (part,) = forecast(by).parts
        assert (part.name, part.count, part.budgets) == (name, 10, 10_000)
    with pytest.raises(Refused):
        forecast("weather")


def test_what_was_expected_is_what_stood_three_months_before(in_mercy, elena):
    made = make.opportunity(elena, in_mercy.rep, amount=1_000, at=NOW - timedelta(days=300))
    service.update_budget(opportunity=made, by=None, amount=Decimal(400), at=NOW - timedelta(days=20))
    service.close_opportunity(opportunity=made, state="won", at=NOW - timedelta(days=10))
    (one,) = queries.budgets(NOW)
    assert (one.judged[0], one.came) == (1_000, 400)
    everybody, own = queries.accuracies([one], NOW - timedelta(days=365))
    assert (everybody.part, own[in_mercy.rep.pk].closed) == (0.4, 1)


def test_a_won_opportunity_counts_by_its_orders_where_it_is_tied_to_some(in_mercy, elena):
    import_rows(make_source(), "1,2026-11-03,77,A,1,300", "2,2026-11-04,77,A,1,50")
    made = closed(elena, in_mercy.rep)
    assert tied_counts(NOW - timedelta(days=365)) == (1, 0, 0, 0)
    assert service.tie_orders(opportunity=made, orders=list(may_fulfil(made))) == 2
    (one,) = queries.budgets(NOW)
    assert one.came == 350
    assert tied_counts(NOW - timedelta(days=365)) == (1, 1, 2, 350)
    assert untied(NOW - timedelta(days=365)) == []


def test_an_order_fulfils_one_opportunity_so_that_its_money_counts_once(in_mercy, elena):
    import_rows(make_source(), "1,2026-11-03,77,A,1,300")
    first, second = closed(elena, in_mercy.rep), closed(elena, in_mercy.rep)
    order = Order.objects.get()
    service.tie_orders(opportunity=first, orders=[order])
    words = refused(lambda: service.tie_orders(opportunity=second, orders=[order]), "orders", "tied")
    assert words == "Order 1 is tied to another opportunity and counts there."
    assert list(may_fulfil(second)) == []
    refused(lambda: service.reopen_opportunity(opportunity=first), None, "in_use")
    service.tie_orders(opportunity=first, orders=[])
    assert not OpportunityOrder.objects.exists()
    service.reopen_opportunity(opportunity=first)
    refused(lambda: service.tie_orders(opportunity=first, orders=[order]), "orders", "not_won")


def test_an_order_that_goes_is_tied_no_more_and_the_amount_counts_again(in_mercy, elena):
    """Taking its import back asks first; whatever else lets it go leaves no tie behind."""
    run = import_rows(make_source(), "1,2026-11-03,77,A,1,300")
    made = closed(elena, in_mercy.rep)
    service.tie_orders(opportunity=made, orders=[Order.objects.get()])
    with pytest.raises(Refused, match="1 order tied to the won opportunity"):
        take_back(run.pk)
    undo.undo(run)
    assert not Order.objects.exists() and not OpportunityOrder.objects.exists()
    (one,) = queries.budgets(NOW)
    assert one.came == 1_000


def test_an_opportunity_is_not_won_twice(in_mercy, elena):
    made = closed(elena, in_mercy.rep, days_ago=5)
    words = refused(lambda: service.close_opportunity(opportunity=made, state="won"), "state", "closed")
    assert words == "“Echo lab, Q1” is won already."
    made.refresh_from_db()
    assert made.closed_at == NOW - timedelta(days=5)


def test_an_amount_in_another_currency_is_refused_in_clear_words_and_nothing_is_stored(in_mercy, elena):
    words = refused(lambda: make.opportunity(elena, currency="CHF"), "currency", "currency")
    assert words == "Budgets are kept in USD; convert CHF first."
    assert not Opportunity.objects.exists()


def test_other_currencies_stand_in_their_own_line(in_mercy, elena):
    make.opportunity(elena, amount=5_000)
    kept = make.opportunity(elena, amount=700)
    Opportunity.objects.filter(pk=kept.pk).update(currency="CHF")
    found = forecast()
    assert found.other_currencies == [("CHF", 700, 1)]


def test_what_nobody_touched_for_60_days_is_asked_for_once_until_it_is_answered(in_mercy, elena):
    old = make.opportunity(elena, in_mercy.rep, at=NOW - timedelta(days=61))
    make.opportunity(elena, in_mercy.rep, at=NOW - timedelta(days=59))
    assert stale(NOW) == [old]
    assert service.ask_about(opportunities=stale(NOW)) == 1
    assert service.ask_about(opportunities=stale(NOW)) == 0
    assert asked_of(in_mercy.rep.pk) == [old]
    row = service.confirm_budget(opportunity=old, by=in_mercy.rep)
    assert (row.old_amount, row.old_close) == (row.new_amount, row.new_close)
    assert asked_of(in_mercy.rep.pk) == [] and stale(NOW) == []


def test_a_new_amount_answers_too(in_mercy, elena):
    old = make.opportunity(elena, in_mercy.rep, at=NOW - timedelta(days=61))
    service.ask_about(opportunities=[old])
    service.update_budget(opportunity=old, by=in_mercy.rep, amount=Decimal(1))
    assert asked_of(in_mercy.rep.pk) == []


def test_the_page_asks_and_today_shows_the_question(mercy, manager, rep):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(mercy.tenant):
        old = make.opportunity(make.partner(rep=mercy.rep), mercy.rep, at=NOW - timedelta(days=80))
    page = manager.get(url("forecast")).content.decode()
    assert "1 budget untouched for 60 days" in page and "Ask 1 rep" in page
    assert "No forecast yet: 0 of 15 closed budgets." in page
    assert "Ask 1 rep" not in rep.get(url("forecast")).content.decode()
    assert rep.post(url("budgets-ask")).status_code == 403
    manager.post(url("budgets-ask"))
    assert "Still right?" in rep.get(url("today")).content.decode()
    assert "Still right" in rep.get(url("opportunity", pk=old.pk)).content.decode()
    rep.post(url("budget-confirm", pk=old.pk))
    assert "Still right?" not in rep.get(url("today")).content.decode()


def test_the_page_shows_range_months_and_people(mercy, manager):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(mercy.tenant):
        elena = make.partner(rep=mercy.rep)
        for n in range(20):
            closed(elena, mercy.rep, state="won" if n % 2 else "lost")
        make.opportunity(elena, mercy.rep, amount=1_000, days=30)
    for by in ("rep", "partner", "tier"):
        page = manager.get(url("forecast", query=f"?by={by}")).content.decode()
        assert "December to February will probably bring" in page
        assert "About as everybody" in page and "Tie Echo lab, Q1" in page


def test_of_a_budget_for_several_products_its_part_is_expected_for_each(in_mercy, elena):
    echo, scan = (Product.objects.create(code=code) for code in ("E1", "M1"))
    deal = make.opportunity(elena, in_mercy.rep, amount=1_000, days=30)
    split_opportunity(opportunity=deal, parts=[Part(echo, Decimal(750)), Part(scan, Decimal(250))])
    make.opportunity(elena, in_mercy.rep, name="Other", amount=60, days=30, product=echo)
    for product, sum_ in ((echo, 810), (scan, 250)):
        assert forecast(asked=Asked(products=frozenset({product.pk}))).next_budgets == sum_
    assert forecast().next_budgets == 1_060
