"""Orders of programs end on the path of every import, and each is told what became of it."""

from decimal import Decimal

import pytest

from orders.book.models import Order
from orders.doors.rest.service import source_for, take_orders
from orders.rejects.models import RejectedLine
from orders.runs.models import ImportRun
from orders.sources.models import OrderSource
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source


def an_order(number, amount="10", **more):
    return {"number": number, "placed_at": "2026-05-03", "amount": amount} | more


def taken(*orders, source=None):
    outcomes = take_orders(source or source_for(None), list(orders))
    return [(outcome.number, outcome.status) for outcome in outcomes]


def test_default_source_is_made_once_and_is_one_of_programs(in_mercy):
    assert source_for(None) == source_for(None) == source_for("API")
    assert OrderSource.objects.get().kind == "rest"


@pytest.mark.parametrize("name", ["Nowhere", "a\0b"])
def test_source_that_is_not_there_is_refused(in_mercy, name):
    with pytest.raises(Refused) as caught:
        source_for(name)
    assert (caught.value.field, caught.value.code) == ("source", "unknown_source")
    assert not OrderSource.objects.exists()


def test_each_order_is_told_what_became_of_it_in_the_order_sent(in_mercy):
    assert taken(an_order("1"), an_order("2")) == [("1", "created"), ("2", "created")]
    assert taken(an_order("2"), an_order("1", "12"), an_order("", "1"), an_order("3")) == [
        ("2", "unchanged"), ("1", "corrected"), ("", "rejected"), ("3", "created"),
    ]  # fmt: skip
    assert Order.objects.get(number="1").amount == Decimal(12)


def test_later_version_in_one_batch_stands(in_mercy):
    assert taken(an_order("1", "1"), an_order("2"), an_order("1", "2")) == [
        ("1", "superseded"), ("2", "created"), ("1", "created"),
    ]  # fmt: skip
    assert Order.objects.get(number="1").amount == Decimal(2)


def test_rejected_orders_are_answered_and_not_kept(in_mercy):
    assert taken(an_order("1", "x")) == [("1", "rejected")]
    assert not RejectedLine.objects.exists() and not ImportRun.objects.exists()


def test_order_is_rejected_as_a_whole_and_every_line_is_judged(in_mercy):
    lines = [{"amount": 1}, {"amount": "x"}, {"quantity": 2}]
    (outcome,) = take_orders(source_for(None), [{"number": "1", "placed_at": "soon", "lines": lines}])
    assert {error.field for error in outcome.errors} == {"placed_at", "lines[1].amount"}
    assert not Order.objects.exists()


def test_order_too_large_for_any_field_is_rejected_alone(in_mercy):
    lines = [{"quantity": 999_999_999, "unit_price": 999_999_999_999}]
    first, second = take_orders(
        source_for(None), [{"number": "1", "placed_at": "2026-05-03", "lines": lines}, an_order("2")]
    )
    assert [(error.field, error.code) for error in first.errors] == [("amount", "number_too_large")]
    assert second.status == "created"


def test_json_is_read_as_json_whatever_the_source_says_of_files(in_mercy):
    source = make_source(decimal_mark=",", date_formats=["%d.%m.%Y"], create_partners=True)
    assert taken(an_order("1", "2.50", code="77"), source=source) == [("1", "created")]
    order = Order.objects.get()
    assert (order.amount, order.partner.name) == (Decimal("2.5"), "77")


def test_same_order_by_file_and_by_program_is_one(in_mercy):
    source = make_source()
    import_rows(source, "1,2026-05-03,77,A,1,10")
    (outcome,) = take_orders(source, [an_order("1", "12", code="77")])
    assert (outcome.status, outcome.id) == ("corrected", Order.objects.get().pk)


def test_an_order_is_told_of_by_the_number_that_orders_have(in_mercy):
    """Sent as 1001.0 it is order 1001: created, known by its id, and the same order as 1001 of the same batch."""
    first = take_orders(source_for(None), [an_order("1001.0")])[0]
    assert (first.number, first.status, first.id) == (
        "1001.0",
        "created",
        Order.objects.get(number="1001").pk,
    )
    assert taken(an_order("1001", "7"), an_order(" 1001.00 ", "8")) == [
        ("1001", "superseded"),
        ("1001.00", "corrected"),
    ]
    assert taken(an_order("A\u200b1"), an_order("A1")) == [("A\u200b1", "superseded"), ("A1", "created")]
    assert Order.objects.get(number="1001").amount == 8


def test_a_number_that_no_text_can_hold_is_rejected_alone(in_mercy):
    assert taken(an_order("1\x00"), an_order("2")) == [("1\x00", "rejected"), ("2", "created")]
