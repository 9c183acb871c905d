"""Another time zone or currency: days stay days, moments stay moments, and sums are true afterwards."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.basis import sql
from orders.book.models import Order, OrderLine
from orders.ingest.statement import create
from orders.ingest.temporary import TOUCHED
from orders.rates.models import ExchangeRate
from orders.rates.service import set_rate
from partners.standing.models import PartnerMonth
from prm.company.settings import service
from prm.core.calendar import local_date
from prm.tenancy.models import Tenant
from tests.orders.factories import import_rows, make_source
from tests.orders.ingest.test_sql import numbered_with
from tests.partners.factories import make_partner

ZONES = ("America/New_York", "Europe/London", "Asia/Tokyo", "Pacific/Auckland", "UTC", "America/Los_Angeles")


@pytest.mark.parametrize("name", sql.STATEMENTS)
def test_statement_is_prepared_by_the_real_database(in_mercy, name):
    create(TOUCHED)
    text, types = numbered_with(sql.STATEMENTS[name].sql, sql.PARAMETERS)
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE one ({', '.join(types)}) AS {text}")
        cursor.execute("DEALLOCATE one")


def months():
    return {(row.month, row.orders, row.revenue) for row in PartnerMonth.objects.all()}


def test_an_order_that_came_with_a_day_keeps_it_wherever_the_company_is(in_mercy):
    make_partner(codes=["77"])
    import_rows(make_source(), "1,2026-05-01,77,A,1,100", "2,2026-05-31,77,A,1,50")
    before = months()
    for zone in ("Asia/Tokyo", "America/Los_Angeles"):
        service.change_company(timezone=zone, agreed=True)
        tenant = Tenant.objects.get(pk=in_mercy.tenant.pk)
        days = {order.number: local_date(tenant, order.placed_at) for order in Order.objects.all()}
        assert days == {"1": date(2026, 5, 1), "2": date(2026, 5, 31)}
        assert months() == before
        assert {line.placed_at for line in OrderLine.objects.all()} == {
            order.placed_at for order in Order.objects.all()
        }


def test_an_order_with_a_time_keeps_its_moment_and_may_count_in_another_month(in_mercy):
    make_partner(codes=["77"])
    source = make_source(date_formats=["%Y-%m-%d %H:%M"], timezone="UTC")
    import_rows(source, "1,2026-06-01 02:30,77,A,1,100")
    assert {row[0] for row in months()} == {date(2026, 5, 1)}
    service.change_company(timezone="Europe/London", agreed=True)
    order = Order.objects.get()
    assert order.placed_at == datetime(2026, 6, 1, 2, 30, tzinfo=UTC)
    assert order.month == date(2026, 6, 1)
    assert months() == {(date(2026, 6, 1), 1, Decimal(100))}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3), data=st.data())
def test_there_and_back_is_where_it_was(in_mercy, path, data):
    Order.objects.all().delete()
    source = make_source(f"Orders {data.draw(st.uuids())}", date_formats=["%Y-%m-%d"])
    days = data.draw(st.lists(st.dates(date(2025, 1, 1), date(2026, 6, 30)), min_size=1, max_size=4))
    import_rows(source, *[f"{n},{day},77,A,1,10" for n, day in enumerate(days)])
    start = Tenant.objects.get(pk=in_mercy.tenant.pk).timezone
    placed = dict(Order.objects.values_list("number", "placed_at"))
    for zone in [*path, start]:
        service.change_company(timezone=zone, agreed=True)
    assert dict(Order.objects.values_list("number", "placed_at")) == placed


def test_a_day_begins_at_midnight_of_the_new_zone(in_mercy):
    import_rows(make_source(), "1,2026-05-01,77,A,1,100")
    service.change_company(timezone="Asia/Tokyo", agreed=True)
    assert Order.objects.get().placed_at.astimezone(ZoneInfo("Asia/Tokyo")).time() == time()


def test_another_currency_counts_every_order_or_says_that_it_waits(in_mercy):
    make_partner(codes=["77"])
    for number, currency, amount in ((1, "USD", 100), (2, "EUR", 40), (3, "GBP", 10)):
        import_rows(make_source(currency, currency=currency), f"{number},2026-05-03,77,A,1,{amount}")
    set_rate("GBP", since=date(2026, 1, 1), rate=Decimal(2))
    set_rate("EUR", since=date(2026, 1, 1), rate=Decimal("1.1"))
    assert PartnerMonth.objects.get().revenue == Decimal(164)
    service.change_company(currency="EUR", rate=Decimal("0.9"), agreed=True)
    counted = {order.number: (order.counted, order.waits) for order in Order.objects.all()}
    assert counted == {"1": (Decimal(90), ""), "2": (Decimal(40), ""), "3": (None, "no_rate")}
    assert PartnerMonth.objects.get().revenue == Decimal(130)
    assert ExchangeRate.objects.get(currency="USD").since == date(2026, 5, 3)
    set_rate("GBP", since=date(2026, 1, 1), rate=Decimal("1.2"))
    assert PartnerMonth.objects.get().revenue == Decimal(142)


def test_back_to_the_currency_of_before_the_sums_are_those_of_before(in_mercy):
    make_partner(codes=["77"])
    import_rows(make_source(currency="USD"), "1,2026-05-03,77,A,1,100")
    import_rows(make_source("Other", currency="EUR"), "2,2026-05-03,77,A,1,40")
    set_rate("EUR", since=date(2026, 1, 1), rate=Decimal("1.1"))
    service.change_company(currency="EUR", rate=Decimal("0.9"), agreed=True)
    service.change_company(currency="USD", rate=Decimal("1.1"), agreed=True)
    assert PartnerMonth.objects.get().revenue == Decimal(144)


def test_a_currency_with_other_decimals_rounds_to_its_own(in_mercy):
    make_partner(codes=["77"])
    import_rows(make_source(currency="USD"), "1,2026-05-03,77,A,1,10.01")
    service.change_company(currency="JPY", rate=Decimal("150.3"), agreed=True)
    assert PartnerMonth.objects.get().revenue == Decimal(1505)
