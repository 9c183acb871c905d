"""The filters of the order list find what people type."""

from uuid import uuid4

import pytest

from orders.book.filters import OrderFilter, OrderPageFilter
from orders.book.models import Order
from partners.directory.models import Partner
from partners.directory.service import create_partner
from tests.orders.factories import import_rows, make_source


@pytest.fixture
def orders(in_mercy):
    partner = create_partner(name="Dr. Tomás Herrera", kind="physician", codes=[("", "77")])
    import_rows(make_source(), "M-1,2026-05-03,77,A,1,10", "M-2,2026-05-04,88,A,1,1", "X-3,2026-05-05,,A,1,1")
    return partner


def found(filterset=OrderFilter, **typed):
    chosen = filterset(typed, queryset=Order.objects.all())
    assert chosen.is_valid(), chosen.errors
    return sorted(chosen.qs.values_list("number", flat=True))


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("M-", ["M-1", "M-2"]),
        (" X-3 ", ["X-3"]),
        ("88", ["M-2"]),
        ("herrera", ["M-1"]),
        ("77", ["M-1"]),
        ("nobody", []),
    ],
)
def test_one_search_finds_numbers_codes_and_names(orders, typed, numbers):
    assert found(q=typed) == found(OrderPageFilter, q=typed) == numbers


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ({"code": "77.0"}, ["M-1"]),
        ({"number": "M-1"}, ["M-1"]),
        ({"tied": "true"}, ["M-1"]),
        ({"tied": "false"}, ["M-2", "X-3"]),
        ({"placed_from": "2026-05-04", "placed_to": "2026-05-04"}, ["M-2"]),
        ({"state": "cancelled"}, []),
        ({"changed_since": "2020-01-01T00:00:00Z"}, ["M-1", "M-2", "X-3"]),
    ],
)
def test_single_filters(orders, typed, numbers):
    assert found(**typed) == numbers


def test_partner_is_found_by_id_and_named_on_the_chip(orders):
    assert found(partner=str(orders.pk)) == ["M-1"]
    words = OrderPageFilter({}, queryset=Order.objects.all()).chip_words
    assert words("partner", orders.pk) == "Dr. Tomás Herrera"
    assert words("partner", uuid4()) == "unknown"
    assert words("q", "M-1") is None


def test_state_that_is_none_is_refused(orders):
    assert not OrderFilter({"state": "lost"}, queryset=Order.objects.all()).is_valid()


def test_source_of_another_tenant_cannot_be_chosen(orders, anchor):
    from prm.tenancy.context import tenant_scope

    with tenant_scope(anchor.tenant):
        theirs = make_source("Theirs")
    assert not OrderFilter({"source": theirs.pk}, queryset=Order.objects.all()).is_valid()
    assert Partner.objects.count() == 1
