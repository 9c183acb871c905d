"""Orders from two files: joined by number, and every row that does not fit is accounted for."""

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Count, Sum

from orders.book.models import Order
from orders.ingest.states import RejectReason
from orders.rejects import service as rejecting
from orders.rejects.models import RejectedLine
from partners.standing.models import PartnerMonth
from tests.orders.factories import make_source, run_import

HEADS = {"number": "Order", "date": "Day", "code": "Partner", "state": "Status", "amount": "Total"}
LINES = {"number": "Order", "product_code": "Item", "quantity": "Qty", "unit_price": "Price"}
SETTINGS = {
    "columns": LINES, "header_columns": HEADS, "date_formats": ["%Y%m%d"],
    "states": {"C": "completed", "X": "cancelled"},
}  # fmt: skip


def heads(*rows):
    return "\n".join(["Order,Day,Partner,Status,Total", *rows]) + "\n"


def lines(*rows):
    return "\n".join(["Order,Item,Qty,Price", *rows]) + "\n"


@pytest.fixture
def source(in_mercy):
    return make_source(**SETTINGS)


def rejected():
    return dict(RejectedLine.objects.order_by().values_list("reason").annotate(Count("pk")))


GOOD_HEADS = heads("0001,20260503,77,C,25", "0002,20260504,78,X,5")
GOOD_LINES = lines("0001,A,2,10", "0002,A,1,5", "0001,B,1,5")


@pytest.mark.parametrize("texts", [(GOOD_HEADS, GOOD_LINES), (GOOD_LINES, GOOD_HEADS)])
def test_lines_take_what_their_header_says_in_whichever_order_the_files_come(source, texts):
    run = run_import(source, *texts)
    assert list(Order.objects.order_by("number").values_list("number", "code", "amount", "state")) == [
        ("0001", "77", 25, "completed"), ("0002", "78", 5, "cancelled"),
    ]  # fmt: skip
    assert run.counts["lines"] | {"read": 5, "stored": 3, "headers": 2, "rejected": 0} == run.counts["lines"]
    assert [file["lines"] for file in run.files] == ([2, 3] if texts[0] is GOOD_HEADS else [3, 2])
    assert run_import(source, *texts).counts["wrote"] is False


def test_what_does_not_fit_together_is_rejected_row_by_row(source):
    run = run_import(
        source,
        heads(
            "1,20260503,77,C,10", "2,20260503,77,C,10", "2,20260503,78,C,10", "3,20260503,77,C,10",
            "4,20260503,77,C,10", "5,20260503,77,C,5", "5,20260503,77,C,5.00", ",20260503,77,C,5", "6,20260503",
        ),
        lines("1,A,1,10", "2,A,1,10", "3,A,1,9.90", "5,A,1,5", "9,A,1,1", ",A,1,1", "1,A"),
    )  # fmt: skip
    assert (
        run.counts["lines"] | {"read": 16, "stored": 2, "headers": 3, "rejected": 11} == run.counts["lines"]
    )
    assert rejected() == {
        "headers_differ": 3, "sum_differs": 2, "lines_missing": 1, "header_missing": 1, "number_missing": 2,
        "wrong_columns": 2,
    }  # fmt: skip
    assert set(Order.objects.values_list("number", flat=True)) == {"1", "5"}
    words = dict(RejectedLine.objects.order_by("line_no").values_list("reason", "message"))
    assert "Partner is '77' in line 3 and '78' in line 4" in words["headers_differ"]
    assert "come to 9.90; its header says 10.00" in words["sum_differs"]
    orphan = RejectedLine.objects.get(reason="header_missing")
    assert (orphan.file_no, orphan.line_no, orphan.raw["number"], orphan.number) == (2, 6, "9", "9")


def test_a_line_without_header_goes_in_when_a_person_says_what_it_would_say(source):
    run_import(source, heads("1,20260503,77,C,10"), lines("1,A,1,10", "9,A,1,4"))
    orphan = RejectedLine.objects.get()
    assert rejecting.retry(RejectedLine.objects.all()) == (0, 1)
    order = rejecting.correct(orphan.pk, orphan.raw | {"date": "20260506", "code": "77", "state": "C"})
    assert (order.number, order.amount) == ("9", 4)


def test_rows_rejected_for_others_are_not_tried_again_by_themselves(source):
    run_import(source, heads("1,20260503,77,C,10"), lines("1,A,1,9"))
    assert rejecting.retry(RejectedLine.objects.filter(reason=RejectReason.SUM_DIFFERS)) == (0, 2)
    assert not Order.objects.exists()


def test_both_files_are_needed_and_told_apart_by_their_headings_or_names(source, in_mercy):
    alone = run_import(source, GOOD_LINES)
    assert alone.state == "failed" and "the headers of the orders is not here" in alone.message
    assert "the lines of the orders is not here" in run_import(source, GOOD_HEADS).message
    assert "neither a file of lines" in run_import(source, "a,b\n1,2\n", GOOD_HEADS).message
    same = "Order,Day,Partner,Status,Total,Item,Qty,Price\n1,20260503,77,C,10,A,1,10\n"
    assert "Say in the source how the files of headers are called" in run_import(source, same, same).message
    named = make_source("Named", **SETTINGS, header_files="head*.csv")
    run = run_import(named, same, same, names=["Heads.csv", "lines.csv"])
    assert (run.state, run.counts["lines"]["stored"]) == ("done", 1)


# --- SAP's own exports, where they are at hand ----------------------------------------------------

SAP = {
    "columns": {"number": "SALESORDERID", "product_code": "PRODUCTID", "quantity": "QUANTITY",
                "unit_price": "NETAMOUNT", "currency": "CURRENCY"},
    "header_columns": {"number": "SALESORDERID", "date": "CREATEDAT", "code": "PARTNERID",
                       "state": "LIFECYCLESTATUS", "amount": "NETAMOUNT"},
    "date_formats": ["%Y%m%d"], "create_partners": True, "partner_kind": "dealer",
    "states": {"C": "completed", "I": "scheduled", "X": "cancelled"},
}  # fmt: skip


def sap(name):
    path = next(
        (p / f"shared/data/{name}.zip" for p in Path(__file__).parents if (p / "shared/data").is_dir()), None
    )
    if path is None or not path.exists():
        pytest.skip(f"{name}.zip is not here")
    with zipfile.ZipFile(path) as archive:
        return [archive.read(f"{which}.csv") for which in ("SalesOrders", "SalesOrderItems")]


def test_sap_export_comes_to_its_control_sums(in_mercy):
    files = sap("sap_bikes_two_files")
    run = run_import(make_source(**SAP), *files)
    assert run.counts["lines"] | {"read": 2264, "stored": 1930, "headers": 334} == run.counts["lines"]
    every = Order.objects.aggregate(count=Count("pk"), net=Sum("amount"))
    assert every == {"count": 334, "net": Decimal("17879642.375")}
    months = PartnerMonth.objects.aggregate(count=Count("pk"), net=Sum("revenue"))
    assert months == {"count": 272, "net": Decimal("17675777.875")}


def test_contradictory_sap_export_is_fully_accounted_for_and_nothing_of_it_goes_in(in_mercy):
    files = sap("sap_orders_contradictory")
    run = run_import(make_source(**SAP | {"delimiter": ";", "decimal_mark": ","}), *files)
    assert run.counts["lines"]["read"] == 5166 + 17818
    assert (run.counts["lines"]["rejected"], run.counts["lines"]["stored"]) == (5166 + 17818, 0)
    assert not Order.objects.exists()
    assert run.counts["rejected_by_reason"]["header_missing"] == 4878
