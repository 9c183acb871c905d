"""Reads for the queue, the partner's own page and the timeline."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from orders.book.models import Order
from orders.book.queries import consequence, months_of_code, order_weeks, own_months, own_orders, products_of
from partners.directory.models import Partner
from partners.directory.service import create_partner
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import


@pytest.fixture
def today(clock_at):
    clock_at(datetime(2026, 6, 15, 12, tzinfo=UTC))


@pytest.fixture
def source(in_mercy, today):
    return make_source(
        columns=COLUMNS | {"state": "St"}, states={"": "completed"}, cancellations={"number_prefixes": ["C"]}
    )


def bring(source, *rows):
    run_import(source, csv_text(*rows, header="No,Date,Code,Item,Qty,Price,St"))


@pytest.fixture
def partner(in_mercy, today):
    return create_partner(name="Dr. Roe", kind="physician", codes=[("", "77")])


def test_consequence_of_a_code_is_the_revenue_of_twelve_months_with_its_orders(source, partner):
    bring(
        source, "1,2026-05-03,77,A,1,100,", "2,2026-05-03,88,A,1,30,", "3,2025-07-01,88,A,1,5,",
        "4,2025-06-30,88,A,1,1000,", "5,2026-05-04,88,A,1,7,cancelled",
    )  # fmt: skip
    found = consequence(partner.pk, "88")
    assert (found.before, found.after) == (Decimal(100), Decimal(135))


def test_months_of_a_code_are_the_last_twelve_oldest_first(source):
    bring(
        source,
        "1,2026-06-01,88,A,1,1,",
        "2,2026-06-02,88,A,1,1,",
        "3,2025-07-01,88,A,1,1,",
        "4,2025-06-01,88,A,1,1,",
    )
    assert months_of_code("88") == [1, *[0] * 10, 2]


def test_own_months_are_by_state_and_leave_reversals_out(source, partner):
    bring(
        source, "1,2026-06-01,77,A,1,1,completed", "2,2026-06-02,77,A,1,1,scheduled", "3,2026-06-03,77,A,1,1,cancelled",
        "4,2026-05-03,77,A,1,1,received", "C5,2026-06-03,77,A,1,1,completed", "6,2026-06-03,99,A,1,1,completed",
    )  # fmt: skip
    months = own_months(partner.pk)
    assert [month.month for month in months][::11] == [date(2025, 7, 1), date(2026, 6, 1)]
    june = months[-1]
    assert (june.completed, june.scheduled, june.received, june.cancelled, june.total) == (1, 1, 0, 1, 3)
    assert months[-2].received == months[-2].total == 1
    assert sum(month.total for month in months) == 4


def test_own_orders_are_latest_first_and_carry_no_money(source, partner):
    bring(
        source,
        "1,2026-05-03,77,A,1,1,",
        "2,2026-06-03,77,A,1,1,",
        "C3,2026-06-04,77,A,1,1,",
        "4,2026-06-05,99,A,1,1,",
    )
    orders = list(own_orders(partner.pk))
    assert [order.number for order in orders] == ["2", "1"]
    assert {"amount", "units", "currency"} <= orders[0].get_deferred_fields()


def test_products_of_orders_are_their_first_ones_in_one_query(in_mercy, today, django_assert_num_queries):
    import_rows(make_source(), "1,2026-05-03,,A,1,1", "1,2026-05-03,,B,1,1", "2,2026-05-03,,,1,1")
    orders = list(Order.objects.order_by("number"))
    with django_assert_num_queries(1):
        found = products_of(orders)
    assert [found[order.pk] for order in orders] == ["A", ""]


def test_weeks_are_those_of_the_tenants_calendar(source, partner):
    # Monday 1 June 02:00 UTC is still Sunday in New York.
    bring(
        source, "1,2026-06-01T02:00Z,77,A,1,1,", "2,2026-06-01,77,A,1,2,", "3,2026-06-02,77,A,1,4,cancelled"
    )
    weeks = [(week["week"].date(), week["orders"], week["amount"]) for week in order_weeks(partner)]
    assert weeks == [(date(2026, 6, 1), 1, Decimal(2)), (date(2026, 5, 25), 1, Decimal(1))]


def test_partner_without_orders_has_empty_months_and_no_weeks(in_mercy, today):
    nobody = Partner.objects.create(name="Nobody", kind="physician")
    assert [month.total for month in own_months(nobody.pk)] == [0] * 12
    assert not own_orders(nobody.pk).exists() and not order_weeks(nobody).exists()
