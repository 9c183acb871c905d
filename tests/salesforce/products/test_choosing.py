"""Lines as products as a choice: by page and API, the dry run of it, what the page says afterwards."""

import pytest
from django.urls import reverse

from orders.book.models import Order
from prm.core.errors import Refused
from prm.salesforce.fieldmap import looking, service
from prm.salesforce.linesets.models import LineSet
from tests.salesforce.products.conftest import ORDER, choose, order_of, put_lines


def looked():
    return next(each for each in looking.look(service.drafted()) if each.mapping.key == ORDER)


def test_the_dry_run_says_which_orders_go_with_products_and_which_are_missing(shop, partner):
    there, new = order_of(partner, ("A", "1", "10")), order_of(partner, ("B", "1", "2"), number="E2")
    shop.link.settle()
    put_lines(new, ("B", "1", "3"))
    order_of(partner, ("Z", "1", "5"), number="E3")
    order_of(partner, ("C", "1", "5"), number="E4")
    shop.link.forget()
    service.load({"objects": {ORDER: {"lines": {"on": True}, "scope": {"months": 600}}}})
    outcome = service.try_draft()
    (counts,) = [one for one in outcome.objects if one.here == "orders with products"]
    assert (counts.same, counts.change, counts.create, counts.refused) == (1, 1, 1, 1)
    (why,) = [one for one in outcome.refusals if one.code == "PRODUCTS"]
    assert why.quote.startswith("Z has no entry in the standard price book.") and why.names == ["Lab E3"]
    service.load({"objects": {ORDER: {"lines": {"on": True, "creates": True}}}})
    outcome = service.try_draft()
    products = {one.here: one.create for one in outcome.objects}
    assert (products["orders with products"], products["products"]) == (2, 1)
    assert "Product2.PRM_Id__c" in outcome.missing
    assert shop.link.writes() == [] and Order.objects.filter(pk=there.pk).exists()


def test_the_page_says_what_stays_there_when_it_is_turned_off(shop, partner):
    order_of(partner, ("A", "1", "10"))
    shop.link.settle()
    assert looked().lines == "in the standard price book; products that are missing are not made"
    choose(on=False)
    assert looked().lines == "no"
    assert "1 order has products in Salesforce. They stay" in looked().troubles[0].words
    LineSet.objects.all().delete()
    assert looked().troubles == ()


def test_only_what_has_lines_takes_the_choice(connected):
    with pytest.raises(Refused, match="have no lines"):
        service.load({"objects": {"partners.partner": {"lines": {"on": True}}}})
    with pytest.raises(Refused, match="creates"):
        service.load({"objects": {ORDER: {"lines": {"creates": "perhaps"}}}})


def test_the_form_and_the_api_choose_it(mercy, client_for):
    client = client_for(mercy.administrator)
    page = reverse("salesforce:mapping-scope", kwargs={"tenant": "mercy"}) + f"?object={ORDER}"
    shown = client.get(page).content.decode()
    assert "Lines go as products" in shown and "Price book" in shown
    body = {"which": "some", "months": "", "lines": "on", "lines_book": " Partners ", "lines_create": ""}
    assert client.post(page, body).status_code == 302
    answer = client.get("/api/v1/mercy/salesforce/mapping/").json()
    assert answer["document"]["objects"][ORDER] == {"lines": {"on": True, "book": "Partners"}}
    (order,) = [each for each in answer["objects"] if each["mapping"] == ORDER]
    assert order["lines"] == "in price book “Partners”; products that are missing are not made"
