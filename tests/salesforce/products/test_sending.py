"""The lines of orders as line items: the sum that results, changes, what is missing, faults, currencies."""

from decimal import Decimal

import pytest

from orders.book.models import Order
from orders.catalogue.models import Product
from prm.salesforce.engine.models import Outbox
from prm.salesforce.linesets.models import LineSet
from prm.salesforce.products.closing import Closing
from prm.salesforce.runs import run
from prm.salesforce.setup import service as setup_service
from tests.salesforce.products.conftest import choose, line_set, order_of, put_lines
from tests.salesforce.test_apps import make_order
from tests.salesforce.test_currencies import turn_on

AWKWARD = (
    ("A", "3", "100"),  # does not divide
    ("B", "-2", "-20"),
    ("C", "0", "-5.005"),  # a discount, in fractions of a cent
    ("A", "2.5", "10"),
    ("A", "1.125", "9"),  # more decimals than a quantity has there
    ("B", "1", "0.005"),
)


class Killed(BaseException):
    """Ends a run as a kill does: nothing catches it."""


def die(*_arguments):
    raise Killed


def quiet(shop):
    """Whether nothing is left to write, call after call."""
    shop.link.forget()
    shop.link.settle()
    return shop.link.writes() == [] and shop.link.dirty() == 0


def test_lines_are_line_items_and_their_sum_is_the_amount_to_the_cent(shop, partner):
    order = order_of(partner, *AWKWARD)
    shop.link.settle()
    assert shop.items(order) == [
        ("A", 2.5, 4), ("A", 1, 9), ("A", 1, 100), ("B", 2, -10), ("B", 1, 0), ("C", 1, -5),
    ]  # fmt: skip
    notes = shop.items(order, "ProductCode", "Description")
    assert [note for _code, note in notes if note] == ["Quantity 1.125", "Quantity 3", "Quantity 0"]
    assert shop.amount(order) == 94 == float(order.amount)
    assert shop.tell(order) == {} and shop.link.org.log.report()["written_more_than_once"] == {}
    assert quiet(shop)


def test_off_as_delivered_and_nothing_of_it_is_asked(connected, partner):
    order = order_of(partner, ("A", "1", "10"))
    connected.settle()
    assert connected.there.one("Opportunity", order.pk, "Amount")["Amount"] == 10
    assert not LineSet.objects.exists()
    asked = " ".join(str(entry) for entry in connected.entries())
    assert "OpportunityLineItem" not in asked and "Pricebook" not in asked


def test_lines_are_added_changed_and_removed_and_no_other_is_touched(shop, partner):
    order = order_of(partner, ("A", "1", "10"), ("B", "1", "20"), ("C", "1", "30"))
    shop.link.settle()
    before = dict(shop.items(order, "ProductCode", "Id"))
    put_lines(order, ("A", "1", "10"), ("C", "2", "50"), ("C", "1", "5"))
    shop.link.settle()
    assert shop.items(order) == [("A", 1, 10), ("C", 1, 5), ("C", 2, 25)]
    after = shop.items(order, "ProductCode", "Id")
    assert (("A", before["A"]) in after, ("C", before["C"]) in after) == (True, True)
    assert shop.amount(order) == 65
    # Another product for the same money is another version of the order, and moves no amount.
    put_lines(order, ("B", "1", "10"), ("C", "2", "50"), ("C", "1", "5"))
    shop.link.settle()
    assert [row[0] for row in shop.items(order)] == ["B", "C", "C"]
    assert shop.amount(order) == 65
    assert shop.tell(order) == {} and quiet(shop)


def test_a_cancelled_order_is_lost_with_its_products_and_comes_back(shop, partner):
    order = order_of(partner, ("A", "1", "10"), ("B", "1", "7", {"state": "cancelled"}))
    shop.link.settle()
    Order.objects.filter(pk=order.pk).update(state="cancelled")
    shop.link.settle()
    deal = shop.link.there.one("Opportunity", order.pk, "StageName", "Amount")
    assert (deal["StageName"], deal["Amount"], shop.items(order)) == ("Closed Lost", 10, [("A", 1, 10)])
    Order.objects.filter(pk=order.pk).update(state="completed")
    put_lines(order, ("A", "1", "10"), ("B", "1", "7"))
    shop.link.settle()
    deal = shop.link.there.one("Opportunity", order.pk, "StageName", "Amount")
    assert (deal["StageName"], deal["Amount"]) == ("Closed Won", 17)
    # Untied it leaves with its products, and tied again it is there with them.
    Order.objects.filter(pk=order.pk).update(partner=None)
    shop.link.settle()
    assert shop.link.there.count("OpportunityLineItem") == 0 == LineSet.objects.count()
    Order.objects.filter(pk=order.pk).update(partner=partner)
    shop.link.settle()
    assert (shop.amount(order), len(shop.items(order)), shop.tell(order)) == (17, 2, {})
    assert quiet(shop)


def test_an_order_of_500_lines_goes_within_few_calls(shop, partner):
    order = order_of(partner, *[("ABC"[place % 3], "1", f"{place}.01") for place in range(500)])
    report = shop.link.sync(pull=False)
    assert len(shop.items(order)) == 500
    assert shop.amount(order) == float(order.amount)
    assert report.pushed["orders.order.products"]["created"] == 500
    # Its partner 2, itself 2, price book 2, reading 1, writing 3, its sum 1; and that nothing is left to do.
    assert report.calls <= 13
    assert quiet(shop)


# --- what is not there -----------------------------------------------------------------------------


def test_an_order_with_a_missing_product_goes_with_its_amount_and_says_so(shop, partner):
    order, other = (
        order_of(partner, ("A", "1", "10"), ("Z", "1", "5")),
        order_of(partner, ("A", "1", "3"), number="E2"),
    )
    shop.link.settle()
    assert (shop.amount(order), shop.items(order)) == (15, [])
    assert shop.tell(order) == {
        "Products": "Z has no entry in the standard price book. It goes with its amount and without products."
    }
    assert shop.items(other) == [("A", 1, 3)]
    # A changed amount goes meanwhile; and when somebody has put the product there, its lines do.
    put_lines(order, ("A", "1", "10"), ("Z", "1", "6"))
    shop.link.settle()
    assert shop.amount(order) == 16
    shop.sell("z")
    LineSet.objects.update(not_before=None)
    shop.link.settle()
    assert shop.items(order) == [("A", 1, 10), ("z", 1, 6)]
    assert shop.tell(order) == {} and quiet(shop)


def test_a_line_that_is_added_and_has_no_product_there_takes_the_others_back(shop, partner):
    order = order_of(partner, ("A", "1", "10"))
    shop.link.settle()
    put_lines(order, ("A", "1", "10"), ("Z", "1", "5"))
    shop.link.settle()
    shop.link.settle()
    assert (shop.amount(order), shop.items(order)) == (15, [])
    put_lines(order, ("A", "2", "30"))
    shop.link.settle()
    assert (shop.amount(order), shop.items(order), shop.tell(order)) == (30, [("A", 2, 15)], {})


def test_products_that_are_ambiguous_or_put_away_are_not_guessed(shop, partner):
    shop.sell("A")
    shop.sell("P")
    entry = shop.link.there.query("SELECT Id FROM PricebookEntry WHERE ProductCode = 'P'")[0]["Id"]
    shop.link.there.call("PATCH", f"sobjects/PricebookEntry/{entry}", json={"IsActive": False})
    order = order_of(partner, ("A", "1", "1"), ("P", "1", "1"), ("", "1", "1"))
    shop.link.settle()
    assert shop.tell(order)["Products"].startswith("1 of its 3 lines name no product.")
    put_lines(order, ("A", "1", "1"), ("P", "1", "1"))
    shop.link.settle()
    assert shop.tell(order)["Products"].startswith(
        "2 products in the standard price book have the code a; P is not active in the standard price book."
    )
    # Where no line names a product there is nothing to miss.
    put_lines(order, ("", "1", "1"))
    shop.link.settle()
    assert shop.tell(order) == {} and shop.amount(order) == 1


def test_missing_products_are_made_where_that_is_wanted_and_those_there_are_adopted(shop, partner):
    shop.create("Pricebook2", Name="Partners", IsActive=True)
    known = shop.create("Product2", Name="Theirs", ProductCode="z-1", IsActive=True)
    choose(on=True, book="Partners", creates=True)
    shop.link.sync()
    assert setup_service.set_up().complete
    order = order_of(partner, ("Z-1", "1", "5"), ("NEW", "2", "8"), ("A", "1", "1"))
    # The answer to the first product is lost: it is looked for before it is made once more.
    shop.link.fault("lose_after", path="sobjects/Product2", times=1)
    shop.link.settle()
    shop.link.settle()
    assert shop.items(order) == [("A", 1, 1), ("NEW", 2, 4), ("z-1", 1, 5)]
    made = shop.link.there.query("SELECT Id, Name, PRM_Id__c FROM Product2 WHERE ProductCode = 'NEW'")
    assert [(row["Name"], row["PRM_Id__c"]) for row in made] == [
        ("Our NEW", str(Product.objects.get(code="NEW").pk))
    ]
    (theirs,) = shop.link.there.query("SELECT Id, Name, PRM_Id__c FROM Product2 WHERE ProductCode = 'z-1'")
    assert (theirs["Id"], theirs["Name"], theirs["PRM_Id__c"]) == (known, "Theirs", None)
    assert shop.amount(order) == 14 and quiet(shop)


def test_another_price_book_takes_the_products_along(shop, partner):
    order = order_of(partner, ("A", "1", "10"), ("B", "3", "10"))
    shop.link.settle()
    shop.create("Pricebook2", Name="Partners", IsActive=True)
    for code in "AB":
        product = shop.link.there.query(f"SELECT Id FROM Product2 WHERE ProductCode = '{code}'")[0]["Id"]
        shop.create(
            "PricebookEntry",
            Pricebook2Id=shop.book("Partners"),
            Product2Id=product,
            UnitPrice=2,
            IsActive=True,
        )
    choose(on=True, book="Partners")
    shop.link.settle()
    assert shop.items(order) == [("A", 1, 10), ("B", 1, 10)]
    assert shop.link.there.one("Opportunity", order.pk, "Pricebook2Id")["Pricebook2Id"] == shop.book(
        "Partners"
    )
    assert shop.amount(order) == 20 and shop.tell(order) == {} and quiet(shop)


def test_a_price_book_that_is_not_there_holds_products_only_and_says_so(shop, partner):
    choose(on=True, book="Nowhere")
    order = order_of(partner, ("A", "1", "10"))
    shop.link.settle()
    assert shop.amount(order) == 10
    assert shop.tell(order)["Products"].startswith(
        "Products wait: the price book “Nowhere” is not there in Salesforce"
    )
    assert quiet(shop)


def test_before_the_set_up_products_wait_and_everything_else_goes(connected, partner):
    choose(on=True)
    order = order_of(partner, ("A", "1", "10"))
    connected.settle()
    assert connected.there.one("Opportunity", order.pk, "Amount")["Amount"] == 10
    (problem,) = connected.problems()
    assert problem.field == "Products" and ("set-up" in problem.message or "no entry" in problem.message)


# --- what others do there ----------------------------------------------------------------------------


def test_products_of_somebody_else_are_left_and_said(shop, partner):
    order = order_of(partner, ("A", "1", "10"))
    shop.link.settle()
    deal = shop.link.there.one("Opportunity", order.pk)["Id"]
    entry = shop.link.there.query("SELECT Id FROM PricebookEntry WHERE ProductCode = 'B'")[0]["Id"]
    shop.create("OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry, Quantity=1, UnitPrice=2)
    put_lines(order, ("A", "1", "11"))
    shop.link.settle()
    assert len(shop.items(order)) == 2
    assert shop.tell(order) == {
        "Products": "Salesforce adds its products up to 13.00, and it is 11.00 here. 1 of the products on it are not ours: "
        "delete them there."
    }


def test_one_refused_line_takes_the_others_back_so_that_the_amount_is_whole(shop, partner):
    shop.link.fault(
        "validation",
        object="OpportunityLineItem",
        when={"Quantity": 7},
        message="No sevens.",
        times=0,
    )
    order = order_of(partner, ("A", "1", "10"), ("B", "7", "14"))
    shop.link.settle()
    shop.link.settle()
    assert (shop.amount(order), shop.items(order)) == (24, [])
    assert "B: FIELD_CUSTOM_VALIDATION_EXCEPTION: No sevens." in shop.tell(order)["Products"]


@pytest.mark.parametrize("path", ["OpportunityLineItem/PRM_Id__c", "composite"])
def test_a_lost_answer_doubles_nothing(shop, partner, path):
    order = order_of(partner, ("A", "1", "10"), ("B", "1", "20"))
    shop.link.sync(pull=False)
    put_lines(order, ("A", "1", "10"), ("B", "1", "21"), ("C", "1", "1"))
    shop.link.fault("lose_after", path=path, times=2)
    for _ in range(3):
        shop.link.sync()
    assert shop.items(order) == [("A", 1, 10), ("B", 1, 21), ("C", 1, 1)]
    assert shop.amount(order) == 32 and shop.tell(order) == {} and quiet(shop)


def test_a_worker_that_dies_before_the_answer_is_kept_goes_on_where_it_was(shop, partner, monkeypatch):
    order = order_of(partner, ("A", "1", "10"), ("B", "1", "20"))
    with monkeypatch.context() as broken:
        broken.setattr(Closing, "end", die)
        with pytest.raises(Killed):
            shop.link.sync()
    assert line_set(order).is_dirty and line_set(order).digest == ""
    put_lines(order, ("B", "1", "20"))
    shop.link.settle()
    assert (shop.items(order), shop.amount(order)) == ([("B", 1, 20)], 20)
    assert quiet(shop)


# --- money, the choice, the audit ----------------------------------------------------------------------


def test_in_one_currency_lines_are_converted_as_their_order_is(shop, partner):
    order = make_order(partner, "E1", currency="EUR", rate=Decimal("1.1"), places=2)
    put_lines(order, ("A", "1", "33.33"), ("B", "1", "33.33"), ("C", "1", "33.34"))
    shop.link.settle()
    assert shop.amount(order) == 110
    assert shop.items(order) == [("A", 1, 36.66), ("B", 1, 36.67), ("C", 1, 36.67)]
    Order.objects.filter(pk=order.pk).update(waits="rate")
    shop.link.settle()
    shop.link.settle()
    assert shop.items(order) == [] and shop.amount(order) is None


def test_in_several_currencies_a_moved_order_takes_its_products_along(shop, partner):
    turn_on(shop.link, "USD", "EUR")
    shop.sell("E", CurrencyIsoCode="EUR")
    euro = order_of(partner, ("E", "2", "9"), currency="EUR", rate=Decimal("1.1"), places=2)
    dollar = order_of(partner, ("A", "1", "5"), number="E2")
    shop.link.settle()
    row = shop.link.there.one("Opportunity", euro.pk, "Amount", "CurrencyIsoCode")
    assert (row["Amount"], row["CurrencyIsoCode"]) == (9, "EUR")
    assert shop.items(euro) == [("E", 2, 4.5)] and shop.items(dollar) == [("A", 1, 5)]
    put_lines(euro, ("A", "2", "12"), currency="USD", rate=None, places=None)
    shop.link.settle()
    shop.link.settle()
    row = shop.link.there.one("Opportunity", euro.pk, "Amount", "CurrencyIsoCode")
    assert (row["Amount"], row["CurrencyIsoCode"], shop.items(euro)) == (12, "USD", [("A", 2, 6)])
    assert shop.tell(euro) == {} and quiet(shop)
    put_lines(dollar, ("E", "1", "5"))
    shop.link.settle()
    assert "E has no entry in USD in the standard price book" in shop.tell(dollar)["Products"]


def test_turned_on_later_all_orders_get_their_products_and_turned_off_they_stay(shop, partner):
    choose(on=False)
    order = order_of(partner, ("A", "1", "10"))
    shop.link.settle()
    assert shop.items(order) == []
    choose(on=True)
    shop.link.settle()
    assert shop.items(order) == [("A", 1, 10)]
    version = choose(on=False)
    assert "products that are there stay, and an amount there stays their sum" in version.summary
    put_lines(order, ("A", "1", "12"))
    shop.link.settle()
    assert shop.items(order) == [("A", 1, 10)]
    assert "Amount" in shop.tell(order)


def test_the_audit_names_what_differs_and_the_repair_puts_it_right(shop, partner):
    order, other = (
        order_of(partner, ("A", "1", "10"), ("B", "1", "20")),
        order_of(partner, ("C", "1", "1"), number="E2"),
    )
    shop.link.settle()
    items = dict(shop.items(order, "ProductCode", "Id"))
    shop.link.there.call("PATCH", f"sobjects/OpportunityLineItem/{items['A']}", json={"Quantity": 4})
    shop.link.there.call("DELETE", f"sobjects/OpportunityLineItem/{items['B']}")
    found = shop.link.sync(push=False, pull=False, audit=True).audit["orders.order.products"]
    assert {name: found[name] for name in ("here", "same", "different", "missing_there", "only_there")} == {
        "here": 3, "same": 1, "different": 1, "missing_there": 1, "only_there": 0,
    }  # fmt: skip
    assert {one["title"]: one["fields"] for one in found["differences"]} == {
        "Lab E1: A": [{"field": "Quantity", "here": "1", "there": "4"}], "Lab E1: B": [],
    }  # fmt: skip
    assert len(shop.items(order)) == 1
    run.sync(run.Wish(audit=True, repair=True), pause=shop.link.pauses.append)
    assert shop.items(order) == [("A", 1, 10), ("B", 1, 20)]
    assert (shop.amount(order), shop.amount(other)) == (30, 1)
    assert not Outbox.objects.exists() and quiet(shop)
