"""A file that another reading fits better stops before anything is written, with counts and the choice."""

from decimal import Decimal

import pytest

from orders.book.models import Order
from orders.doors.files.inputs import FileInput
from orders.proof.check import accepted_spec, check_accepted, doubts_of
from orders.rejects import service as rejecting
from orders.rejects.models import RejectedLine
from orders.runs.execution import execute
from orders.runs.service import open_run
from orders.sources.service import save_source
from tests.orders.factories import COLUMNS, csv_text, make_source

SWAPPED = csv_text("1,05/03/2026,77,A,1,10", "2,05/14/2026,77,A,1,10", "3,05/15/2026,77,A,1,10")


@pytest.fixture
def given(tmp_path):
    def write(text, name="may.csv"):
        path = tmp_path / name
        path.write_text(text)
        return FileInput(path, name)

    return write


def run(source, *inputs, accepted=()):
    opened = open_run(source, [(file.name, file.size) for file in inputs], accepted=accepted)
    return execute(opened.pk, inputs)


def test_dates_in_the_other_order_never_go_in_half(in_mercy, given):
    source = make_source(date_formats=["%d/%m/%Y"])
    file = given(SWAPPED)
    stopped = run(source, file)
    assert (stopped.state, Order.objects.count()) == ("failed", 0)
    assert stopped.message == (
        "Nothing was written. In may.csv 2 of 3 cells of Date (order date) cannot be read as the source says, first in line"
        " 3: “05/14/2026”. Month first (11/23/2026) fits 3. To go on: --accept date=month-first or --accept date=as-source."
    )
    done = run(source, file, accepted=["date=month-first"])
    assert (done.state, done.counts["lines"]["stored"]) == ("done", 3)
    assert {f"{order.placed_at:%Y-%m}" for order in Order.objects.all()} == {"2026-05"}
    source.refresh_from_db()
    assert source.rules.date_formats == ("%d/%m/%Y",)


def test_one_slip_does_not_stop_a_file_that_fits(in_mercy, given):
    rows = [f"{n},{n + 12}/05/2026,77,A,1,10" for n in range(1, 10)]
    done = run(make_source(date_formats=["%d/%m/%Y"]), given(csv_text(*rows, "99,05/14/2026,77,A,1,1")))
    assert (done.state, done.counts["rejected_by_reason"]) == ("done", {"date_unreadable": 1})


def test_the_source_may_be_kept_all_the_same(in_mercy, given):
    done = run(make_source(date_formats=["%d/%m/%Y"]), given(SWAPPED), accepted=["date=as-source"])
    assert (done.counts["lines"]["stored"], done.counts["lines"]["rejected"]) == (1, 2)


def test_the_other_decimal_mark_never_goes_in_half(in_mercy, given):
    text = csv_text(
        "1;2026-05-03;77;A;1;1.234", "2;2026-05-03;77;A;1;5,00", header="No;Date;Code;Item;Qty;Price"
    )
    source, file = make_source(delimiter=";"), given(text)
    stopped = run(source, file)
    assert "A decimal comma fits 2." in stopped.message and "--accept unit_price=comma" in stopped.message
    assert Order.objects.count() == 0
    assert run(source, file, accepted=["unit_price=comma"]).state == "done"
    assert sorted(str(order.amount) for order in Order.objects.all()) == ["1234.0000", "5.0000"]


def test_words_for_states_that_the_source_does_not_name_stop_it(in_mercy, given):
    source = make_source(columns=COLUMNS | {"state": "St"}, states={"ok": "completed"})
    header = "No,Date,Code,Item,Qty,Price,St"
    file = given(
        csv_text(
            "1,2026-05-03,7,A,1,1,ERL", "2,2026-05-03,7,A,1,1,ERL", "3,2026-05-03,7,A,1,1,ok", header=header
        )
    )
    assert "The source does not name: ERL (2)." in run(source, file).message
    run(source, file, accepted=["state:ERL=cancelled"])
    assert {order.number: order.state for order in Order.objects.all()} == {
        "1": "cancelled", "2": "cancelled", "3": "completed",
    }  # fmt: skip


def test_each_file_of_a_run_is_proved_alone(in_mercy, given):
    good = given(csv_text(*(f"{n},{n}/05/2026,77,A,1,10" for n in range(13, 20))), "a.csv")
    stopped = run(make_source(date_formats=["%d/%m/%Y"]), good, given(SWAPPED, "b.csv"))
    assert "In b.csv 2 of 3" in stopped.message and "a.csv" not in stopped.message
    assert Order.objects.count() == 0


def test_a_file_that_fits_as_well_either_way_is_no_doubt(in_mercy, given):
    spec = make_source(date_formats=["%d/%m/%Y"]).rules
    file = given(csv_text("1,05/03/2026,77,A,1,10"))
    assert doubts_of(file, spec) == []
    assert accepted_spec(spec, ["date=as-source"], [file]) == spec


@pytest.mark.parametrize(
    ("part", "why"),
    [("date=sideways", "no reading of date"), ("when=day-first", "names no field"), ("state:X=gone", "no reading of state:X"), ("x", "names no field")],
)  # fmt: skip
def test_what_cannot_be_accepted_is_said(part, why):
    assert why in check_accepted([part])


def test_two_orders_of_days_in_one_column_never_go_in_half(in_mercy, given):
    """Rows that fit both ways stand among those: whichever reading is taken, some of them are wrong."""
    month_first = [f"{n},05/{n + 12}/2026,77,A,1,10" for n in range(1, 9)] + ["20,05/06/2026,77,A,1,10"]
    day_first = [f"{n},{n}/06/2026,77,A,1,10" for n in range(30, 31)] + [
        "31,29/06/2026,77,A,1,10",
        "32,07/06/2026,77,A,1,1",
    ]
    source, file = make_source(date_formats=["%m/%d/%Y"]), given(csv_text(*month_first, *day_first))
    stopped = run(source, file)
    assert (stopped.state, Order.objects.count()) == ("failed", 0)
    assert (
        "8 fit only month first (first in line 2), 2 only day first (first in line 11), and 2 fit both"
        in stopped.message
    )
    assert stopped.message.endswith("To go on: --accept date=as-source.")
    assert run(source, file, accepted=["date=as-source"]).counts["lines"]["rejected"] == 2


def test_two_decimal_marks_in_one_column_never_go_in_half(in_mercy, given):
    rows = [f"{n};2026-05-03;77;A;1;{n}.50" for n in range(1, 9)] + ["20;2026-05-03;77;A;1;1,234"]
    rows += [f"{n};2026-05-03;77;A;1;{n},50" for n in range(30, 32)]
    source, file = make_source(delimiter=";"), given(csv_text(*rows, header="No;Date;Code;Item;Qty;Price"))
    stopped = run(source, file)
    assert (stopped.state, Order.objects.count()) == ("failed", 0)
    assert "8 fit only a decimal point" in stopped.message and "1 fit both" in stopped.message


def test_a_correction_is_read_as_the_file_was(in_mercy, given):
    """What was accepted for one file alone holds for the rows that were rejected from it, and for them for ever."""
    source = make_source(date_formats=["%d/%m/%Y"], decimal_mark=",")
    rows = [f"{n};05/{n}/2026;77;A;1;1,5" for n in range(13, 20)] + ["1;05/04/2026;77;A;1;1x5"]
    text = csv_text(*rows, header="No;Date;Code;Item;Qty;Price").replace(";", "|")
    source = save_source(source, name="Orders", spec={**source.spec, "delimiter": "|"})
    first = run(source, given(text), accepted=["date=month-first"])
    assert (first.state, first.counts["rejected_by_reason"]) == ("done", {"not_a_number": 1})
    line = RejectedLine.objects.get()
    order = rejecting.correct(line.pk, line.raw | {"unit_price": "1,234"})
    assert (f"{order.placed_at:%Y-%m-%d}", order.amount) == ("2026-05-04", Decimal("1.2340"))
    again = run(source, given(text.replace("19|05/19", "19|05/20")), accepted=["date=month-first"])
    assert again.counts["lines"]["rejected"] == 0
    order.refresh_from_db()
    assert (f"{order.placed_at:%Y-%m-%d}", order.amount) == ("2026-05-04", Decimal("1.2340"))


def test_rows_of_imports_that_were_read_differently_are_corrected_apart(in_mercy, given):
    source = make_source(date_formats=["%d/%m/%Y"])
    swapped = [f"{n},05/{n}/2026,77,A,1,1" for n in range(13, 20)] + ["1,05/04/2026,77,A,1,x"]
    run(source, given(csv_text(*swapped)), accepted=["date=month-first"])
    run(source, given(csv_text("2,05/04/2026,77,A,1,x"), "b.csv"))
    content = rejecting.as_file(source, RejectedLine.objects.all()).replace(b"A,1,x", b"A,1,7")
    assert "read in different ways" in run(source, given(content.decode("utf-8-sig"), "r.csv")).message
    for done in (1, 2):
        some = RejectedLine.objects.filter(state="open", number=str(done))
        file = rejecting.as_file(source, some).replace(b"A,1,x", b"A,1,7").decode("utf-8-sig")
        assert run(source, given(file, "r.csv")).state == "done"
    days = {order.number: f"{order.placed_at:%m-%d}" for order in Order.objects.filter(number__in="12")}
    assert days == {"1": "05-04", "2": "04-05"}
