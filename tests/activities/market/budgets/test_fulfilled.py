"""Orders that fulfilled a won opportunity hinder taking back the run that brought them."""

import pytest

from activities.market.budgets import queries
from activities.market.budgets.models import OpportunityOrder
from activities.market.budgets.service import close_opportunity, tie_orders
from orders.book.models import Order
from orders.runs import service, undo
from partners.directory.models import Partner
from prm.core.errors import Refused
from tests.activities import factories as make
from tests.orders.factories import import_rows, make_source


@pytest.fixture
def run(in_mercy):
    return import_rows(make_source(create_partners=True), "1,2026-05-03,77,A,1,5", "2,2026-05-03,77,A,1,7")


@pytest.fixture
def won(run):
    return close_opportunity(
        opportunity=make.opportunity(Partner.objects.get(), name="Echo lab"), state="won"
    )


def test_a_run_whose_orders_fulfilled_something_says_what(run, won):
    tie_orders(opportunity=won, orders=list(Order.objects.all()))
    with pytest.raises(Refused, match="2 orders tied to the won opportunity “Echo lab”") as caught:
        service.take_back(run.pk)
    assert caught.value.code == "something_depends_on_it"
    (found,) = undo.hindrances_of(run)
    assert str(won.pk) in found.url
    tie_orders(opportunity=won, orders=[])
    assert service.take_back(run.pk).state == "taken_back"


def test_an_order_that_stays_hinders_nothing(run, won):
    """A later run changed it: taking that one back sets the order back and leaves it there."""
    tie_orders(opportunity=won, orders=[Order.objects.get(number="1")])
    later = import_rows(run.source, "1,2026-05-03,77,A,1,6")
    assert service.take_back(later.pk).state == "taken_back"
    assert OpportunityOrder.objects.count() == 1


def test_many_are_counted_after_the_first_ones(run, won, monkeypatch):
    monkeypatch.setattr(queries, "MOST_NAMED", 1)
    first, second = Order.objects.order_by("number")
    other = close_opportunity(opportunity=make.opportunity(won.partner, name="MRI"), state="won")
    tie_orders(opportunity=won, orders=[first])
    tie_orders(opportunity=other, orders=[second])
    texts = [one.text for one in queries.fulfilled_by(Order.objects.all())]
    assert texts == [
        "1 order tied to the won opportunity “Echo lab”",
        "1 more won opportunities with such orders",
    ]
