"""The list of orders and the page of one."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from orders.book.models import Order
from partners.directory.models import Partner
from tests.html import shows
from tests.orders.factories import import_rows, make_order, make_source
from tests.orders.pages import url, words


def test_order_list_and_page(bob, scope):
    with scope():
        import_rows(make_source(create_partners=True), "M-1,2026-05-03,77,A,2,10", "M-2,2026-05-03,,A,1,1")
        order = Order.objects.get(number="M-1")
    listed = bob.get(url("list")).content.decode()
    assert "M-1" in listed and '<span class="prm-warn">unattributed</span>' in listed
    assert "M-2" not in words(bob.get(url("list"), {"tied": "true"}))
    page = words(bob.get(url("detail", pk=order.pk)))
    assert "$20.00" in page and "Referral code" in page


@pytest.mark.parametrize("path", ["/t/mercy/orders/", "/api/v1/mercy/orders/"])
def test_days_of_the_order_filters_are_the_tenants_own(mercy, scope, bob, path):
    with scope():
        order = make_order(make_source(), "LATE-1")
        # Already the 11th in UTC, still the 10th in New York, where this tenant lives.
        late = datetime(2026, 5, 10, 23, 30, tzinfo=ZoneInfo("America/New_York"))
        Order.objects.filter(pk=order.pk).update(placed_at=late)

    def found(**days):
        return "LATE-1" in bob.get(path, days).content.decode()

    assert found(placed_from="2026-05-10", placed_to="2026-05-10")
    assert not found(placed_from="2026-05-11")
    assert not found(placed_to="2026-05-09")
    assert found(placed_to="9999-12-31")


def test_the_order_list_names_the_partner_it_is_filtered_by(mercy, scope, bob):
    with scope():
        make_order(make_source(create_partners=True), "M-1", code="77")
        partner = Partner.objects.get()
    html = bob.get("/t/mercy/orders/", {"partner": str(partner.pk)}).content.decode()
    assert shows(html, f"</span> {partner.name}<a")
    assert f'type="hidden" name="partner" value="{partner.pk}"' in html


def test_an_empty_order_list_leads_to_the_import(mercy, bob, client_for):
    assert 'href="/t/mercy/orders/imports/add/"' in bob.get("/t/mercy/orders/").content.decode()
