"""A file that another reading fits better stops before anything is written, with counts and the choice."""

import pytest

from orders.book.models import Order
from orders.doors.files.inputs import FileInput
from orders.proof.check import accepted_spec, check_accepted, doubts_of
from orders.runs.execution import execute
from orders.runs.service import open_run
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
