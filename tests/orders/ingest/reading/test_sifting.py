"""Rows left out are counted, never silent; totals that a file declares are held against it."""

import pytest

from orders.doors.files.inputs import FileInput
from orders.runs.preview import preview
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import

HEADER = "No,Date,Code,Item,Qty,Price,Status"


def statuses(*rows):
    return csv_text(*rows, header=HEADER)


TEXT = statuses(
    "1,2026-05-03,77,A,1,10,Shipped", "2,2026-05-03,77,A,1,5,draft ", "2,2026-05-03,77,B,1,5,",
    "3,2026-05-03,77,A,1,7,Test", "", "4,2026-05-03,77,A,1,1,",
)  # fmt: skip


def test_rows_left_out_are_counted_and_named(in_mercy):
    source = make_source(filters=[{"column": "STATUS", "leave": ["Draft", "test"]}])
    run = run_import(source, TEXT)
    assert run.counts["lines"] | {"read": 5, "stored": 2, "left_out": 3} == run.counts["lines"]
    assert run.counts["left_out_by"] == [["STATUS", "draft", 2], ["STATUS", "Test", 1]]
    assert set(source.orders.values_list("number", flat=True)) == {"1", "4"}


def test_only_rows_that_are_taken_go_in_and_preview_says_the_same(in_mercy, tmp_path):
    source = make_source(filters=[{"column": "Status", "take": ["Shipped"]}])
    path = tmp_path / "orders.csv"
    path.write_text(TEXT)
    shown = preview(source, [FileInput(path, path.name)])
    run = run_import(source, TEXT)
    assert (shown.rows_left_out, shown.importable) == (4, 1)
    assert (run.counts["lines"]["left_out"], run.counts["lines"]["stored"]) == (4, 1)


def test_filter_on_a_column_that_is_not_there_stops_the_import(in_mercy):
    run = run_import(make_source(filters=[{"column": "Kind", "take": ["x"]}]), TEXT)
    assert run.state == "failed" and "no column 'Kind', which a filter" in run.message


def totals(**names):
    return {"row": "Total", **names}


ROWS = ["1,2026-05-03,77,A,2,10", "1,2026-05-03,77,B,1,5", "2,2026-05-03,77,A,1,5"]


@pytest.mark.parametrize(
    ("declared", "wrong"),
    [
        ("TOTAL:,3,2,,,30.00", ""),
        ("total,4,2,,,30", "declares '4' as the number of lines, and 3 were read"),
        ("Total,3,3,,,30", "declares '3' as the number of orders, and 2 were read"),
        ("Total,3,2,,,31", "declares '31' as the amount, and 30 were read"),
        ("Total,3,2", "declares '' as the amount"),
        ("", "no row of totals"),
    ],
)
def test_declared_totals_are_compared_before_anything_is_written(in_mercy, declared, wrong):
    source = make_source(control_totals=totals(lines="Date", orders="Code", amount="Price"))
    run = import_rows(source, *ROWS, *filter(None, [declared]))
    if not wrong:
        assert (run.state, run.counts["lines"]["read"], run.counts["orders"]["created"]) == ("done", 3, 2)
        return
    assert (run.state, source.orders.count()) == ("failed", 0)
    assert wrong in run.message and "Nothing of it was taken" in run.message


def test_totals_count_what_is_rejected_and_say_what_cannot_be_read(in_mercy):
    source = make_source(control_totals=totals(lines="Date", amount="Price"))
    run = import_rows(source, *ROWS, "3,bad,77,A,1,5", "Total,4,,,,35")
    assert (run.state, run.counts["lines"]["rejected"]) == ("done", 1)
    worse = import_rows(source, *ROWS, "3,2026-05-03,77,A,1,five", "Total,4,,,,35")
    assert "The amounts of 1 rows cannot be read" in worse.message


def test_totals_may_count_credit_notes_off(in_mercy):
    source = make_source(control_totals=totals(amount="Price"), cancellations={"number_prefixes": ["C"]})
    assert import_rows(source, *ROWS, "C1,2026-05-03,77,A,1,5", "Total,,,,,25").state == "done"
    assert import_rows(source, *ROWS, "C1,2026-05-03,77,A,1,5", "Total,,,,,35").state == "done"


# --- rows without a number ------------------------------------------------------------------------

WITHOUT = {name: column for name, column in COLUMNS.items() if name != "number"}
PLAIN = "Date,Code,Item,Qty,Price,Row"
SALES = [
    "2026-05-03,77,A,1,10,1",
    "2026-05-03,77,A,1,10,2",
    "2026-05-03,78,A,1,10,3",
    "2026-05-03,78,A,1,10,3",
]


def test_rows_without_number_are_orders_that_are_known_again(in_mercy):
    source = make_source(columns=WITHOUT, mint_numbers=True)
    run = run_import(source, csv_text(*SALES, header=PLAIN))
    assert (run.counts["orders"]["created"], run.counts["lines"]["repeated"]) == (3, 1)
    first = {order.number: order.amount for order in source.orders.all()}
    assert all(number.startswith("M-") for number in first) and sum(first.values()) == 30
    again = run_import(source, csv_text(*reversed(SALES), header=PLAIN).replace("10,", "10.00,"))
    assert again.counts["wrote"] is False


def test_repeats_are_orders_of_their_own_where_the_source_says_so(in_mercy):
    source = make_source(columns=WITHOUT, mint_numbers=True, drop_exact_repeats=False)
    for _ in range(2):
        run = run_import(source, csv_text(*SALES, header=PLAIN))
    assert source.orders.count() == 4
    assert run.counts["wrote"] is False


def test_a_state_that_changes_corrects_the_order_of_a_row_without_number(in_mercy):
    source = make_source(columns=WITHOUT | {"state": "Row"}, mint_numbers=True)
    run_import(source, csv_text("2026-05-03,77,A,1,10,received", header=PLAIN))
    run_import(source, csv_text("2026-05-03,77,A,1,10,cancelled", header=PLAIN))
    assert [order.state for order in source.orders.all()] == ["cancelled"]


def test_a_row_without_number_that_was_corrected_stays_corrected(in_mercy):
    from orders.rejects import service as rejecting
    from orders.rejects.models import RejectedLine

    source = make_source(columns=WITHOUT, mint_numbers=True)
    text = csv_text("bad,77,A,1,10,1", header=PLAIN)
    run_import(source, text)
    line = RejectedLine.objects.get()
    rejecting.correct(line.pk, line.raw | {"date": "2026-05-03"})
    assert [order.amount for order in source.orders.all()] == [10]
    run_import(source, text)
    assert [order.amount for order in source.orders.all()] == [10]


def test_a_row_of_totals_that_would_be_passed_over_is_refused_with_the_source(in_mercy):
    from prm.core.schema import SchemaError

    with pytest.raises(SchemaError, match="Take 'Total' out of `totals`"):
        make_source(totals=["total"], control_totals=totals(amount="Price"))
