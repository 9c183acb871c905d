"""Orders in other currencies: converted by the rate of their day, waiting without one, never added up as they are."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection

from orders.book.models import Order
from orders.book.words import counted_words
from orders.rates import queries, service
from orders.rates import sql as rates_sql
from orders.rates.models import ExchangeRate
from orders.rates.reading import read_rates
from orders.sources.service import save_source
from partners.standing.models import PartnerMonth
from partners.standing.service import recompute_standings
from prm.core.errors import Refused
from prm.core.money import ISO_4217, currency_decimals
from tests.orders.factories import COLUMNS, csv_text, import_rows, run_import
from tests.orders.ingest.test_sql import numbered_with

HEADER = "No,Date,Code,Item,Qty,Price,Cur"


@pytest.fixture
def source(in_mercy):
    return save_source(
        None, name="Shop", spec={"columns": COLUMNS | {"currency": "Cur"}, "create_partners": True}
    )


def bring(source, *rows):
    return run_import(source, csv_text(*rows, header=HEADER))


def month_of(code, month="2026-05-01"):
    held = PartnerMonth.objects.filter(partner__codes__normal=code, month=month).first()
    return held and (held.orders, held.revenue)


def order(number):
    return Order.objects.get(number=number)


def test_three_currencies_for_one_partner_are_never_added_up(source):
    bring(
        source, "1,2026-05-03,77,A,1,50,USD", "2,2026-05-03,77,A,1,100,EUR", "3,2026-05-03,77,A,1,1000000,JPY"
    )
    assert month_of("77") == (3, Decimal(50))
    assert {o.number: (o.currency, o.amount, o.counted, o.waits) for o in Order.objects.all()} == {
        "1": ("USD", 50, 50, ""),
        "2": ("EUR", 100, None, "no_rate"),
        "3": ("JPY", 1_000_000, None, "no_rate"),
    }


def test_source_in_another_currency_keeps_it_and_waits(in_mercy):
    source = save_source(
        None, name="Berlin", spec={"columns": COLUMNS, "currency": "EUR", "create_partners": True}
    )
    import_rows(source, "1,2026-05-03,77,A,1,100")
    assert (order("1").currency, month_of("77")) == ("EUR", (1, Decimal(0)))


def test_rate_that_is_added_counts_what_waited(source):
    bring(source, "1,2026-05-03,77,A,1,100,EUR", "2,2026-06-03,77,A,1,100,EUR", "3,2026-05-03,77,A,1,5,CHF")
    _, taken = service.set_rate("eur", since=date(2026, 4, 30), rate=Decimal("1.0842"))
    assert taken.converted == 2
    assert month_of("77") == (2, Decimal("108.42"))
    assert month_of("77", "2026-06-01") == (1, Decimal("108.42"))
    assert [(w.currency, w.month, w.orders, w.amount) for w in queries.waiting_months()] == [
        ("CHF", date(2026, 5, 1), 1, 5)
    ]


def test_order_counts_at_the_last_rate_on_or_before_its_day_in_the_tenants_zone(source):
    service.set_rate("EUR", since=date(2026, 5, 1), rate=Decimal("1.1"))
    service.set_rate("EUR", since=date(2026, 5, 4), rate=Decimal("1.2"))
    # Mercy is in New York: this is still 3 May there.
    bring(source, "1,2026-05-04T03:00:00Z,77,A,1,100,EUR", "2,2026-05-04T05:00:00Z,77,A,1,100,EUR")
    bring(source, "3,2026-04-30T12:00:00Z,77,A,1,100,EUR")
    assert [(order(n).counted, order(n).rate_on) for n in "123"] == [
        (110, date(2026, 5, 1)),
        (120, date(2026, 5, 4)),
        (None, None),
    ]


def test_rate_corrected_taken_back_or_set_between_converts_anew_only_what_it_concerns(source):
    first, _ = service.set_rate("EUR", since=date(2026, 5, 1), rate=Decimal("1.1"))
    bring(source, *(f"{day},2026-05-{day},77,A,1,100,EUR" for day in ("02", "10", "20")))
    assert month_of("77") == (3, 330)
    middle, taken = service.set_rate("EUR", since=date(2026, 5, 10), rate=Decimal("1.2"))
    assert taken.converted == 2 and month_of("77") == (3, 350)
    _, taken = service.change_rate(first.pk, rate=Decimal("1.0"))
    assert taken.converted == 1 and month_of("77") == (3, 340)
    _, moved = service.remove_rate(middle.pk)
    assert moved == 2 and month_of("77") == (3, 300)
    service.remove_rate(ExchangeRate.objects.get().pk)
    assert month_of("77") == (3, 0)
    assert {o.waits for o in Order.objects.all()} == {"no_rate"}


def test_same_rates_again_change_nothing(source):
    table = "currency;since;rate\nEUR;2026-05-01;1,0842\nJPY;2026-05-01;0,0067\n"
    bring(source, "1,2026-05-03,77,A,1,100,EUR")
    first, again = service.import_rates(table), service.import_rates(table)
    assert (first.created, first.converted) == (2, 1)
    assert (again.created, again.corrected, again.unchanged, again.converted) == (0, 0, 2, 0)


def test_rate_the_other_way_round_is_turned(source):
    rate, _ = service.set_rate("USD", into="EUR", since=date(2026, 5, 1), rate=Decimal("0.8"))
    assert (rate.currency, rate.into, rate.rate) == ("EUR", "USD", Decimal("1.25"))


def test_rate_older_than_the_tenant_allows_waits_and_says_so(source):
    service.set_rate("EUR", since=date(2026, 1, 1), rate=Decimal("1.1"))
    bring(source, "1,2026-01-05,77,A,1,100,EUR", "2,2026-05-05,77,A,1,100,EUR")
    assert service.set_oldest_days(31) == 1
    assert (order("1").counted, order("2").waits) == (110, "old_rate")
    bring(source, "3,2026-05-06,77,A,1,100,EUR")
    assert order("3").waits == "old_rate"
    assert service.set_oldest_days(None) == 2
    assert Order.objects.filter(waits="").count() == 3


def test_months_are_the_sums_of_the_rounded_orders_to_the_cent(source):
    service.set_rate("EUR", since=date(2026, 5, 1), rate=Decimal("1.08423"))
    bring(source, *(f"{n},2026-05-03,77,A,1,{n}.{n:02},EUR" for n in range(1, 40)))
    counted = [o.counted for o in Order.objects.all()]
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in counted)
    assert month_of("77") == (39, sum(counted))
    recompute_standings(as_of=date(2026, 5, 31))
    assert PartnerMonth.objects.get().partner.standing.revenue_12m == sum(counted)


@pytest.mark.parametrize(("currency", "places"), [("JPY", 0), ("KWD", 3), ("USD", 2), ("IQD", 3), ("ISK", 0)])
def test_rounding_is_to_the_smallest_unit_of_the_tenants_currency(mercy, currency, places):
    from prm.tenancy.context import tenant_scope
    from prm.tenancy.models import Tenant

    Tenant.objects.filter(pk=mercy.tenant.pk).update(currency=currency)
    mercy.tenant.refresh_from_db()
    with tenant_scope(mercy.tenant):
        source = save_source(None, name="S", spec={"columns": COLUMNS, "currency": "EUR"})
        service.set_rate("EUR", since=date(2026, 5, 1), rate=Decimal("1.23456789"))
        import_rows(source, "1,2026-05-03,77,A,1,1")
        assert currency_decimals(currency) == places
        assert order("1").counted == round(Decimal("1.23456789"), places)


def test_every_currency_has_minor_units():
    assert {currency_decimals(code) for code in ISO_4217} == {0, 2, 3}


def test_words_say_at_which_rate_of_which_day(source, in_mercy):
    service.set_rate("EUR", since=date(2025, 6, 30), rate=Decimal("1.0842"))
    bring(source, "1,2026-05-03,77,A,1,100,EUR", "2,2026-05-03,77,A,1,100,CHF", "3,2026-05-03,77,A,1,100,USD")
    said = [counted_words(order(n), in_mercy.tenant) for n in "123"]
    assert said == [
        "$108.42, converted at 1.0842 of 30 Jun 2025",
        "Counts as nothing yet: no rate for its currency yet",
        "",
    ]


def test_slices_end_with_everything_converted(source, monkeypatch):
    bring(source, *(f"{n},2026-05-03,77,A,1,10,EUR" for n in range(7)))
    monkeypatch.setattr(service, "SLICE", 3)
    service.set_rate("EUR", since=date(2026, 5, 1), rate=Decimal(2))
    service.convert_all()
    assert month_of("77") == (7, Decimal(140))
    assert service.convert_all() == 0


def test_order_corrected_into_another_currency_is_converted_anew(source):
    service.set_rate("EUR", since=date(2026, 5, 1), rate=Decimal(2))
    bring(source, "1,2026-05-03,77,A,1,10,USD")
    bring(source, "1,2026-05-03,77,A,1,10,EUR")
    assert (order("1").currency, order("1").counted, month_of("77")) == ("EUR", 20, (1, 20))
    bring(source, "1,2026-05-03,77,A,1,10,USD")
    assert (order("1").rate, order("1").counted) == (None, 10)


def test_two_currencies_in_one_order_are_not_one_sum(source):
    run = bring(source, "1,2026-05-03,77,A,1,10,USD", "1,2026-05-03,77,B,1,10,EUR")
    assert run.counts["rejected_by_reason"] == {"two_currencies": 1}
    assert order("1").amount == 10


def test_refund_in_another_currency_than_its_order_is_rejected(source):
    bring(source, "1,2026-05-03,77,A,1,100,USD")
    run = bring(source, "1,2026-05-04,77,A,-1,40,EUR")
    assert run.counts["rejected_by_reason"] == {"two_currencies": 1}
    assert order("1").amount == 100


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"currency": "USD"}, "own_currency"),
        ({"currency": "XQZ"}, "unknown_currency"),
        ({"currency": "EUR", "into": "GBP"}, "other_pair"),
        ({"currency": "EUR", "rate": Decimal(0)}, "range"),
        ({"currency": "EUR", "rate": Decimal("1e-13")}, "range"),
        ({"currency": "EUR", "since": date(9999, 1, 1)}, "range"),
    ],
)
def test_rate_that_is_none_is_refused(in_mercy, given, code):
    given = {"since": date(2026, 5, 1), "rate": Decimal(1)} | given
    with pytest.raises(Refused) as caught:
        service.set_rate(given.pop("currency"), **given)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "empty"),
        ("currency,rate\nEUR,1", "lacks the heading since"),
        ("currency,since,rate\n", "no rates"),
        ("currency,since,rate\nEUR,2026-05-01,x", "Line 2: The rate 'x'"),
        ("currency,since,rate\nEUR,2026-02-31,1", "February 2026 has 28 days"),
        ("currency,since,rate\nEUR,2026-05-01,1\nEUR,2026-05-01,2", "two rates"),
        ("currency,since,rate\nQQQ,2026-05-01,1", "no currency code"),
    ],
)
def test_table_that_is_wrong_anywhere_is_refused_as_a_whole(in_mercy, table, says):
    with pytest.raises(Refused, match=says):
        service.import_rates(table)
    assert not ExchangeRate.objects.exists()


def test_table_is_read_with_any_separator_and_decimal_mark():
    tables = [
        "currency,since,rate\nEUR,2026-05-01,1.0842",
        "\ufeffFrom;To;Date;Rate\nEUR;USD;2026-05-01;1,0842",
        "Currency\tDate\tRate\neur\t2026-05-01\t1.0842\n\n",
    ]
    assert {(row.currency, row.since, row.rate) for table in tables for row in read_rates(table)} == {
        ("EUR", date(2026, 5, 1), Decimal("1.0842"))
    }


@pytest.mark.parametrize("name", rates_sql.STATEMENTS)
def test_statement_is_prepared_by_the_real_database(in_mercy, name):
    from orders.ingest.statement import create
    from orders.ingest.temporary import TOUCHED

    create(TOUCHED)
    text, types = numbered_with(rates_sql.STATEMENTS[name].sql, rates_sql.PARAMETERS)
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE one ({', '.join(types)}) AS {text}")
        cursor.execute("DEALLOCATE one")
