"""Numbers of several parts, amounts of several columns, credit notes by their type."""

import pytest

from orders.book.models import Order
from orders.rejects.models import RejectedLine
from tests.orders.factories import make_source, run_import

COLUMNS = {"number": "No", "date": "Date", "quantity": "Qty", "unit_price": "Price"}


@pytest.fixture
def amount_of(in_mercy):
    """The amount of one order of one row, whose cells are given by field."""

    def amount(*, spec=None, **cells):
        columns = {"number": "number", "date": "date"} | {name: name for name in cells}
        source = make_source(f"S{Order.objects.count()}", columns=columns, **(spec or {}))
        text = (
            ",".join(["number", "date", *cells])
            + "\n"
            + ",".join(["1", "2026-05-03", *cells.values()])
            + "\n"
        )
        run = run_import(source, text)
        assert run.state == "done", run.message
        return source.orders.get().amount if source.orders.exists() else None

    return amount


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        ({"quantity": "3", "unit_price": "10", "discount_percent": "10%"}, 27),
        ({"quantity": "3", "unit_price": "10", "discount": "2.50"}, "27.50"),
        ({"quantity": "3", "unit_price": "10", "discount": "-2.50"}, "27.50"),
        ({"amount": "100", "tax": "19", "shipping": "5", "refund": "24"}, 100),
        ({"amount": "100", "refund": "-40"}, 60),
        ({"amount": "-100", "discount_percent": "10"}, -90),
        ({"amount": "-100", "discount": "10"}, -90),
        ({"amount": "100", "discount_percent": "", "tax": "", "discount": ""}, 100),
        ({"quantity": "3", "unit_price": "0.333333", "discount_percent": "33.333"}, "0.6667"),
    ],
)
def test_amount_is_made_of_its_parts(amount_of, cells, wanted):
    from decimal import Decimal

    assert amount_of(**cells) == Decimal(wanted)


def test_smallest_units_are_those_of_each_currency(amount_of):
    spec = {"minor_units": True}
    assert amount_of(spec=spec, amount="1250", tax="50") == 13
    assert str(amount_of(spec=spec, quantity="2", unit_price="125")) == "2.5000"
    assert amount_of(spec=spec, amount="1250", currency="JPY") == 1250
    assert str(amount_of(spec=spec, amount="1250", currency="KWD")) == "1.2500"


def test_more_than_everything_off_is_rejected(amount_of):
    assert amount_of(amount="5", discount_percent="120") is None
    assert RejectedLine.objects.get().field == "discount_percent"


def test_parts_of_a_number_make_one_and_stay_apart(in_mercy):
    columns = COLUMNS | {"number": "Branch", "number_2": "No", "number_3": "Year"}
    source = make_source(columns=columns)
    run = run_import(
        source,
        "Branch,No,Year,Date,Qty,Price\nN,1,26,2026-05-03,1,10\nN,12,6,2026-05-03,1,5\nN,1,26,2026-05-03,2,1\n"
        f"N|1,26,,2026-05-03,1,5\n{'x' * 60},12345,6,2026-05-03,1,5\n",
    )
    numbers = {order.number: order.amount for order in source.orders.all()}
    assert numbers == {"N|1|26": 12, "N|12|6": 5, "N%7C1|26|": 5}
    assert run.counts["rejected_by_reason"] == {"number_too_long": 1}


def test_credit_note_is_a_document_that_counts_negative_beside_its_order(in_mercy):
    source = make_source(columns=COLUMNS | {"type": "Type"}, cancellations={"types": ["Credit Note"]})
    header = "No,Type,Date,Qty,Price\n"
    rows = ["1,Invoice,2026-05-03,10,10", "1,CREDIT NOTE,2026-05-04,4,10", "CN7,credit note,2026-05-05,-1,8"]
    run_import(source, header + "\n".join(rows) + "\n")
    held = {order.number: (order.amount, order.is_reversal) for order in source.orders.all()}
    assert held == {"1": (100, False), "1 (credit)": (-40, True), "CN7 (credit)": (-8, True)}
    again = run_import(source, header + "\n".join(reversed(rows)) + "\n")
    assert again.counts["wrote"] is False


def test_rows_that_differ_in_a_part_alone_are_no_repeats(in_mercy):
    source = make_source(columns=COLUMNS | {"tax": "Tax", "shipping": "Ship"})
    run_import(source, "No,Date,Qty,Price,Tax,Ship\n1,2026-05-03,1,10,1,2\n1,2026-05-03,1,10,2,1\n")
    assert source.orders.get().amount == 26
