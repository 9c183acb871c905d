"""Amounts in an organisation with several currencies: the order's own, both ways, and what the organisation has not."""

from datetime import date
from decimal import Decimal

import pytest

from activities.market.budgets.models import Opportunity
from orders.book.models import Order
from orders.rates.service import set_rate
from orders.reconciliation import queries
from orders.reconciliation import service as reconciliation
from orders.reconciliation.models import ReconciledDay
from orders.reconciliation.telling import presentation
from partners.directory.service import create_partner
from prm.company.settings import service as company
from prm.salesforce.counting.rules import Tally, tallies
from prm.salesforce.counting.service import count_there
from prm.salesforce.engine.models import Outbox, SyncProblem
from prm.salesforce.mapping import registry
from prm.salesforce.shapes.models import ObjectShape
from tests.activities import factories as make
from tests.orders.factories import make_source
from tests.salesforce.test_apps import make_order

AMOUNT = ("Amount", "CurrencyIsoCode")
NOVEMBER = date(2026, 11, 30)


def turn_on(link, *currencies):
    link.org.features.turn({"currencies": list(currencies)})
    ObjectShape.objects.update(looked_at=None)
    registry.forget()


@pytest.fixture
def several(connected):
    turn_on(connected, "USD", "EUR")
    connected.settle()
    connected.forget()
    return connected


@pytest.fixture
def partner(connected):
    return create_partner(name="Dr. Chow", kind="physician")


def make_euro(partner, number="E1", **values):
    return make_order(
        partner,
        number,
        **{
            "currency": "EUR",
            "amount": Decimal(100),
            "counted": Decimal(110),
            "rate": Decimal("1.1"),
            **values,
        },
    )


def there(link, record, sobject="Opportunity", names=AMOUNT):
    row = link.there.one(sobject, record.pk, *names)
    return tuple(row[name] for name in names)


def change_currency(currency, rate):
    company.change_company(currency=currency, rate=rate, agreed=True)
    registry.forget()


def words(record):
    return {one.field: one.message for one in SyncProblem.objects.filter(record_id=record.pk)}


def test_with_one_currency_the_amount_that_counts_goes(connected, partner):
    euro, dollar = make_euro(partner), make_order(partner, "D1", counted=Decimal("139.125"))
    connected.settle()
    # Without a rate an order in another currency counts nothing yet.
    assert connected.there.one("Opportunity", euro.pk, "Amount")["Amount"] == (
        euro.counted and float(euro.counted)
    )
    assert connected.there.one("Opportunity", dollar.pk, "Amount")["Amount"] == 139.13
    assert registry.mapping("orders.order").column("CurrencyIsoCode") is None


def test_with_several_the_order_goes_in_its_own(several, partner):
    euro, dollar = make_euro(partner), make_order(partner, "D1", counted=Decimal("139.125"))
    several.settle()
    assert there(several, euro) == (100, "EUR")
    assert there(several, dollar) == (139.13, "USD")
    Order.objects.filter(pk=euro.pk).update(amount=Decimal(120), counted=Decimal(132))
    several.settle()
    assert there(several, euro) == (120, "EUR")
    several.forget()
    several.settle()
    assert several.writes() == []
    assert several.problems() == []


def test_an_amount_goes_with_its_currency_whatever_was_made_of_it_there(several, partner):
    order = make_euro(partner)
    several.settle()
    several.there.edit("Opportunity", order.pk, CurrencyIsoCode="USD")
    several.settle()
    Order.objects.filter(pk=order.pk).update(amount=Decimal(120))
    several.settle()
    assert there(several, order) == (120, "EUR")


def test_a_currency_that_the_organisation_has_not_holds_its_record_in_words(several, partner):
    order, other = make_euro(partner, currency="SEK"), make_euro(partner, "E2")
    several.settle()
    assert several.there.count("Opportunity") == 1
    assert there(several, other) == (100, "EUR")
    assert (
        "SEK is no active currency of the organisation (there are USD, EUR)"
        in words(order)["CurrencyIsoCode"]
    )
    turn_on(several, "USD", "EUR", "SEK")
    Outbox.objects.update(not_before=None)
    several.settle()
    several.settle()
    assert there(several, order) == (100, "SEK")
    assert words(order) == {}


def test_a_currency_put_away_since_we_looked_is_refused_and_leaves_no_amount_behind(several, partner):
    several.org.features.turn({"currencies": ["USD"]})
    order = make_euro(partner)
    several.settle()
    assert several.there.count("Opportunity") == 0
    (problem,) = SyncProblem.objects.filter(record_id=order.pk)
    assert problem.code == "INVALID_CURRENCY_ISO"


def test_an_order_that_moves_to_a_currency_that_is_not_there_keeps_what_stands_there(several, partner):
    order = make_euro(partner)
    several.settle()
    Order.objects.filter(pk=order.pk).update(currency="SEK", amount=Decimal(1000), state="cancelled")
    several.settle()
    assert there(several, order) == (100, "EUR")
    assert several.there.one("Opportunity", order.pk, "StageName")["StageName"] == "Closed Lost"
    assert set(words(order)) == {"CurrencyIsoCode"}


def test_turning_it_on_there_sends_own_amounts_once(connected, partner):
    order = make_euro(partner)
    connected.settle()
    turn_on(connected, "USD", "EUR")
    connected.settle()
    assert there(connected, order) == (100, "EUR")
    connected.forget()
    connected.settle()
    assert connected.writes() == []


def test_opportunities_are_in_the_companys_currency_and_no_other_comes_back(several, partner):
    deal = make.opportunity(partner, amount=Decimal(500))
    several.settle()
    assert there(several, deal) == (500, "USD")
    several.there.edit("Opportunity", deal.pk, Amount=600)
    several.settle()
    assert Opportunity.objects.get(pk=deal.pk).amount == 600
    several.there.edit("Opportunity", deal.pk, Amount=700, CurrencyIsoCode="EUR", Name="Renamed")
    several.settle()
    kept = Opportunity.objects.get(pk=deal.pk)
    assert (kept.amount, kept.name) == (600, "Renamed")
    assert "it stands in EUR there and in USD here" in words(deal)["Amount"]


def test_counting_and_reconciliation_agree_by_currency(several, partner):
    make_source(name="Lab")
    set_rate("EUR", since=date(2026, 1, 1), rate=Decimal("1.1"))
    make_euro(partner)
    make_order(partner, "D1", amount=Decimal(50), counted=Decimal(50))
    several.settle()
    counted = count_there("orders.order", first=NOVEMBER, last=NOVEMBER)
    assert (counted.message, counted.differing, counted.unexplained) == ("", 0, [])
    Order.objects.filter(number="E1").update(rate=Decimal("1.1"), places=2, waits="")
    reconciliation.refresh(NOVEMBER, NOVEMBER)
    totals = queries.totals(ReconciledDay.objects.all())
    assert {one.currency: (one.there_orders, one.counted) for one in totals} == {
        "USD": (1, Decimal(50)), "EUR": (1, Decimal(110)),
    }  # fmt: skip
    assert all(one.there_amount == one.counted for one in totals)
    # The same sum in another currency is another sum.
    several.there.edit("Opportunity", Order.objects.get(number="E1").pk, CurrencyIsoCode="USD")
    assert count_there("orders.order", first=NOVEMBER, last=NOVEMBER).differing == 1


def test_tallies_keep_currencies_apart():
    rows = [
        (NOVEMBER, "EUR", 1, Decimal(1)),
        (NOVEMBER, "USD", 1, Decimal(2)),
        (NOVEMBER, "EUR", 1, Decimal(3)),
    ]
    one = tallies(rows)[NOVEMBER]
    assert one == Tally((("EUR", 2, Decimal("4.00")), ("USD", 1, Decimal("2.00"))))
    assert not one.agrees(Tally.of(3, Decimal(6), "USD"))


def test_what_nobody_here_knows_of_is_told_by_currency(several, partner, mercy, client_for):
    make_source(name="Lab")
    make_order(partner, "D1", amount=Decimal(50), counted=Decimal(50))
    several.settle()
    for number, (currency, amount) in enumerate([("EUR", 5), ("USD", 7), ("EUR", 4)]):
        body = {
            "Name": "Theirs", "StageName": "Closed Won", "CloseDate": "2026-11-30", "Amount": amount,
            "CurrencyIsoCode": currency, "PRM_Id__c": f"0190f0f0-0000-7000-8000-00000000000{number}",
        }  # fmt: skip
        several.there.call("POST", "sobjects/Opportunity", json=body)
    assert count_there("orders.order", first=NOVEMBER, last=NOVEMBER).unexplained == [NOVEMBER]
    reconciliation.refresh(NOVEMBER, NOVEMBER)
    assert queries.counted_there()[NOVEMBER].unknown == (("EUR", 2, Decimal(9)), ("USD", 1, Decimal(7)))
    (day,) = presentation.report(ReconciledDay.objects.all())["days"]
    assert day["unknown_there"] == [
        {"currency": "EUR", "records": 2, "amount": "9.00"}, {"currency": "USD", "records": 1, "amount": "7.00"},
    ]  # fmt: skip
    page = client_for(mercy.administrator).get(
        f"/t/mercy/orders/reconciliation/?month=2026-11&open={day['id']}"
    )
    words_shown = " ".join(page.content.decode().split())
    assert "2 there over €9.00 and 1 there over $7.00 that nobody here knows of." in words_shown


def test_another_currency_of_the_company_reaches_what_rests_on_it(connected, mercy, partner):
    deal = make.opportunity(partner, amount=Decimal(500))
    heard = make.insight(partner, mercy.rep, amount=Decimal(200))
    connected.settle()
    change_currency("EUR", Decimal(2))
    connected.settle()
    row = connected.there.one("PRM_Insight__c", heard.pk, "PRM_Amount__c")
    assert row["PRM_Amount__c"] == 400
    # It keeps its own: an organisation with one currency would take it for that.
    assert connected.there.one("Opportunity", deal.pk, "Amount")["Amount"] == 500
    assert "in USD here and the company counts in EUR" in words(deal)["Amount"]
    connected.there.edit("Opportunity", deal.pk, Amount=600, Name="Renamed")
    connected.settle()
    kept = Opportunity.objects.get(pk=deal.pk)
    assert (kept.amount, kept.name) == (500, "Renamed")
    # Back again, and it is compared as before.
    change_currency("USD", Decimal("0.5"))
    connected.settle()
    assert "Amount" not in words(deal)
    assert connected.there.one("PRM_Insight__c", heard.pk, "PRM_Amount__c")["PRM_Amount__c"] == 200


def test_with_several_currencies_an_opportunity_keeps_its_own(several, mercy, partner):
    deal = make.opportunity(partner, amount=Decimal(500))
    heard = make.insight(partner, mercy.rep)
    several.settle()
    several.forget()
    change_currency("EUR", Decimal(2))
    several.settle()
    assert there(several, deal) == (500, "USD")
    assert there(several, heard, "PRM_Insight__c", ("CurrencyIsoCode",)) == ("EUR",)
