"""Reads of the order book: what counts, what is open, what waits for a partner."""

import pytest

from orders.book.models import IgnoredCode, Order, OrderLine
from partners.directory.models import Partner
from tests.orders.factories import COLUMNS, csv_text, make_source, run_import


@pytest.fixture
def orders(in_mercy):
    """One order in each state, and a reversal, all with the unknown code 77."""
    source = make_source(columns=COLUMNS | {"state": "St"}, cancellations={"number_prefixes": ["C"]})
    states = ("received", "scheduled", "completed", "cancelled")
    rows = [f"{state},2026-05-03,77,A,1,10,{state}" for state in states]
    run_import(
        source, csv_text(*rows, "C1,2026-05-04,77,A,1,10,completed", header="No,Date,Code,Item,Qty,Price,St")
    )
    return Order.objects


def numbers(found):
    return set(found.values_list("number", flat=True))


def test_all_but_cancelled_orders_count_reversals_too(orders):
    assert numbers(orders.counted()) == {"received", "scheduled", "completed", "C1"}


def test_open_orders_are_those_whose_outcome_is_awaited(orders):
    assert numbers(orders.open()) == {"received", "scheduled"}


def test_orders_without_a_partner_wait_until_somebody_answers(orders):
    assert orders.unattributed().count() == 5
    Order.objects.filter(number="received").update(
        partner=Partner.objects.create(name="Roe", kind="physician")
    )
    Order.objects.filter(number="scheduled").update(is_ignored=True)
    assert numbers(orders.unattributed()) == {"completed", "cancelled", "C1"}
    IgnoredCode.objects.create(normal="77")
    assert not orders.unattributed().exists()


def test_ignored_code_of_another_tenant_ignores_nothing_here(orders, anchor):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(anchor.tenant):
        IgnoredCode.objects.create(normal="77")
    assert orders.unattributed().count() == 5


def test_names_come_with_the_orders_in_one_query(orders, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert {(order.source.name, order.partner) for order in orders.with_names()} == {("Orders", None)}


def test_order_reads_as_its_number_and_a_line_as_its_place(orders):
    order = orders.get(number="completed")
    assert str(order) == "completed"
    assert order.get_absolute_url() == f"/t/mercy/orders/{order.pk}/"
    assert str(OrderLine.objects.get(order=order)) == f"{order.pk} 1"
