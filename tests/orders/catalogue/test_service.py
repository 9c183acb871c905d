"""A product may be another one: lists and revenue count both as one, and it is taken back as it was."""

from datetime import date
from decimal import Decimal

import pytest

from orders.book.filters import OrderFilter
from orders.book.models import Order, OrderLine
from orders.book.queries import revenue_by_product
from orders.catalogue import service
from orders.catalogue.models import Product
from orders.catalogue.queries import alike, families, lookalikes
from orders.shares.service import Part, share_order
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source
from tests.orders.pages import url
from tests.partners.factories import make_partner

MAY = date(2026, 5, 1)
ROWS = (
    "1,2026-05-03,77,85123A,2,10",
    "1,2026-05-03,77,85123a,1,5",
    "2,2026-05-04,77,B,1,7",
    "3,2026-05-04,78,85123a,1,1",
)


@pytest.fixture
def products(in_mercy):
    import_rows(make_source(create_partners=True), *ROWS)
    return {product.code: product for product in Product.objects.all()}


def merged():
    return {
        p.code: p.merged_into.code
        for p in Product.objects.exclude(merged_into=None).select_related("merged_into")
    }


def lines():
    return list(OrderLine.objects.filter(order__source__name="Orders").values_list("order", "product"))


def revenue(name="77"):
    partner = Partner.objects.get(name=name)
    return {str(row.product): row.revenue for row in revenue_by_product(partner.pk, first=MAY, last=MAY)}


def test_codes_that_differ_in_capitals_look_like_one_and_count_as_one_when_merged(products):
    assert [[one.code for one in group] for group in lookalikes()] == [["85123A", "85123a"]]
    before = lines()
    assert revenue() == {"85123A": 20, "B": 7, "85123a": 5}
    service.merge_product(products["85123a"].pk, into=products["85123A"].pk)
    assert (revenue(), revenue("78"), lookalikes()) == ({"85123A": 25, "B": 7}, {"85123A": 1}, [])
    assert sum(revenue().values()) == PartnerMonth.objects.get(partner__name="77").revenue
    found = OrderFilter({"product": products["85123A"].pk}, queryset=Order.objects.order_by("number")).qs
    assert [order.number for order in found] == ["1", "3"]
    import_rows(make_source("Other"), "9,2026-05-03,,85123a,1,1")
    service.unmerge_product(products["85123a"].pk)
    assert (revenue(), lines()) == (
        {"85123A": 20, "B": 7, "85123a": 5},
        before,
    )


def test_what_was_merged_with_another_goes_back_with_it(products):
    a, b, c = (products[code] for code in ("85123a", "85123A", "B"))
    service.merge_product(a.pk, into=b.pk)
    service.merge_product(b.pk, into=c.pk)
    assert merged() == {"85123a": "B", "85123A": "B"}
    assert set(alike(a.pk)) == {a.pk, b.pk, c.pk}
    service.unmerge_product(b.pk)
    assert merged() == {"85123a": "85123A"}
    with pytest.raises(Refused, match="already"):
        service.merge_product(b.pk, into=a.pk)
    service.unmerge_product(a.pk)
    with pytest.raises(Refused, match="of its own"):
        service.unmerge_product(a.pk)
    with pytest.raises(Refused, match="already"):
        service.merge_product(a.pk, into=a.pk)


def test_families_are_named_once(products):
    assert service.set_family([products["B"].pk, products["85123A"].pk], "  Heart   scans ") == 2
    assert families() == ["Heart scans"]


def test_revenue_of_shared_orders_is_the_partners_part_and_what_does_not_count_is_left_out(in_mercy):
    source = make_source(create_partners=True, cancellations={"number_prefixes": ["C"]})
    import_rows(source, "1,2026-05-03,77,A,2,10", "C2,2026-05-03,77,A,1,4")
    order, other = Order.objects.get(number="1"), make_partner("Practice")
    share_order(order.pk, [Part(order.partner_id, Decimal(75)), Part(other.pk, Decimal(25))])
    assert (revenue(), revenue("Practice")) == ({"A": 11}, {"A": 5})


def test_pages_and_programs_merge_and_take_back(alice, scope, mercy):
    with scope():
        import_rows(make_source(create_partners=True), *ROWS)
        small, large = Product.objects.get(code="85123a"), Product.objects.get(code="85123A")
        partner = Partner.objects.get(name="77")
    page = " ".join(alice.get(url("products")).content.decode().split())
    assert "Look like one" in page and "Yes, one product" in page
    assert (
        "No product has this code"
        in alice.post(url("product-merge", pk=small.pk), {"into": "?"}).content.decode()
    )
    assert alice.post(url("product-merge", pk=small.pk), {"into": "85123A"}).status_code == 302
    assert "85123a" in alice.get(url("product", pk=large.pk)).content.decode()
    assert "Take that back" in alice.get(url("product", pk=small.pk)).content.decode()
    file = alice.get(url("products") + "?q=85123a&export=csv")
    assert b"is 85123A" in b"".join(file.streaming_content)
    assert alice.get(url("partner-products", pk=partner.pk)).status_code == 200
    assert alice.post(url("product-unmerge", pk=small.pk)).status_code == 302
    assert alice.post(url("product-family", pk=small.pk), {"family": "Lights"}).status_code == 302
    there = "/api/v1/mercy/products/"
    listed = alice.get(f"{there}?family=lights").json()["results"]
    assert [row["code"] for row in listed] == ["85123a"]
    answer = alice.post(f"{there}{small.pk}/merge/", {"into": str(large.pk)}, content_type="application/json")
    assert answer.json()["aliases"] == ["85123a"]
    assert alice.post(f"{there}{small.pk}/unmerge/").json()["merged_into"] is None
    answer = alice.patch(f"{there}{small.pk}/", {"family": "Lamps"}, content_type="application/json")
    assert answer.json()["family"] == "Lamps"
