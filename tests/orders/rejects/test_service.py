"""What becomes of rejected lines: corrected, tried again, dismissed, exported; remembered by their content."""

import csv
from decimal import Decimal
from io import StringIO

import pytest

from orders.book.models import Order
from orders.rejects import service
from orders.rejects.models import RejectedLine
from orders.rejects.states import RejectState
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from prm.tenancy.work.service import is_about
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import

STATES = {"columns": COLUMNS | {"state": "St"}}
WITH_STATE = "No,Date,Code,Item,Qty,Price,St"


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


def only_line():
    return RejectedLine.objects.get()


def test_groups_name_each_reason_with_what_to_do_most_first(source, django_assert_num_queries):
    run = import_rows(
        source, "1,bad,77,A,1,1", "2,2026-05-03,77,A,x,1", "3,worse,77,A,1,1", "4,2026-05-03,77,A,1,"
    )
    with django_assert_num_queries(2):
        groups = run.rejected_lines.open().by_reason()
    assert [(group.title, group.count) for group in groups] == [
        ("Date unreadable", 2),
        ("Amount missing", 1),
        ("Not a number", 1),
    ]
    assert groups[0].example.line_no == 2
    assert groups[1].advice == "Fill in the amount, or a price and a quantity."


def test_groups_leave_settled_lines_out(source):
    run = import_rows(source, "1,bad,77,A,1,1")
    service.dismiss(RejectedLine.objects.all())
    assert run.rejected_lines.open().by_reason() == []


def test_corrected_line_joins_its_order_and_counts_in_the_month(source):
    import_rows(source, "1,2026-05-03,77,A,1,10", "1,2026-05-03,77,B,two,10")
    order = service.correct(only_line().pk, only_line().raw | {"quantity": "2"})
    assert order.amount == Decimal(30)
    assert PartnerMonth.objects.get().revenue == Decimal(30)
    assert (only_line().state, only_line().corrected["quantity"]) == (RejectState.CORRECTED, "2")


def test_correction_is_applied_again_when_the_same_content_is_sent_again(source):
    rows = ["1,2026-05-03,77,A,1,10", "1,2026-05-03,77,B,two,10"]
    import_rows(source, *rows)
    service.correct(only_line().pk, only_line().raw | {"quantity": "2"})
    run = import_rows(source, *rows, "2,2026-05-03,77,A,1,1")
    assert (run.counts["lines"]["rejected"], Order.objects.get(number="1").amount) == (0, Decimal(30))
    assert RejectedLine.objects.count() == 1


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ({"quantity": "2x"}, "quantity", "not_a_number"),
        ({"date": ""}, "date", "date_missing"),
        ({"number": " "}, "number", "number_missing"),
        ({"quantity": "", "unit_price": ""}, "unit_price", "amount_missing"),
    ],
)
def test_correction_that_is_still_wrong_is_refused_at_its_field(source, cells, field, code):
    import_rows(source, "1,2026-05-03,77,A,two,10")
    with pytest.raises(Refused) as caught:
        service.correct(only_line().pk, only_line().raw | cells)
    assert (caught.value.field, caught.value.code) == (field, code)
    assert (only_line().state, Order.objects.count()) == (RejectState.OPEN, 0)


def test_correction_may_not_give_an_order_a_second_code(source):
    import_rows(source, "1,2026-05-03,77,A,1,10", "1,2026-05-03,78,B,1,10")
    with pytest.raises(Refused, match="Order 1 is held with the code 77; this line says 78") as caught:
        service.correct(only_line().pk, only_line().raw)
    assert (caught.value.field, caught.value.code) == ("code", "two_codes")


def test_settled_line_cannot_be_corrected_again(source):
    import_rows(source, "1,2026-05-03,77,A,two,10")
    line = only_line()
    service.correct(line.pk, line.raw | {"quantity": "2"})
    with pytest.raises(Refused, match="settled already"):
        service.correct(line.pk, line.raw | {"quantity": "3"})
    assert Order.objects.get().amount == Decimal(20)


def test_retry_takes_what_the_source_now_understands_and_counts_the_rest(in_mercy):
    source = make_source(**STATES)
    rows = ["1,2026-05-03,77,A,2,10,Z", "2,2026-05-03,77,A,2,10,Q"]
    run_import(source, csv_text(*rows, header=WITH_STATE), accepted=["state=as-source"])
    assert service.retry(RejectedLine.objects.all()) == (0, 2)
    source.spec["states"] = {"z": "scheduled"}
    source.save()
    assert service.retry(RejectedLine.objects.all()) == (1, 1)
    assert Order.objects.get().state == "scheduled"


def test_dismissed_lines_come_back_when_reopened_and_stay_away_when_sent_again(source):
    rows = ["1,2026-05-03,77,A,two,10"]
    import_rows(source, *rows)
    assert service.dismiss(RejectedLine.objects.all()) == 1
    assert only_line().settled_at is not None
    import_rows(source, *rows)
    assert only_line().state == RejectState.DISMISSED
    assert service.reopen(RejectedLine.objects.all()) == 1
    assert (only_line().state, only_line().settled_at) == (RejectState.OPEN, None)


def test_export_has_the_cells_as_written_and_runs_no_formula(source):
    import_rows(source, "=1+1,2026-05-03,77,A,two,-10")
    content = service.as_file(source, RejectedLine.objects.all()).decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(content))
    assert "(not_a_number), row 2 of orders1.csv" in row["Rejected because"]
    assert (row["No"], row["Qty"], row["Price"]) == ("'=1+1", "two", "-10")


def test_correction_beyond_what_can_be_held_is_refused_and_changes_nothing(source):
    import_rows(source, "1,2026-05-03,77,A,two,999999999999")
    with pytest.raises(Refused, match="The amount is too large") as caught:
        service.correct(only_line().pk, only_line().raw | {"quantity": "999999999"})
    assert (caught.value.field, caught.value.code) == ("amount", "number_too_large")
    assert only_line().state == RejectState.OPEN


def test_many_lines_are_tried_again_in_chunks_in_the_background(in_mercy, monkeypatch):
    source = make_source(create_partners=True)
    rows = [*(f"{n},2026/05/03,77,A,1,10" for n in range(4)), "5,never,77,A,1,10"]
    run = run_import(source, csv_text(*rows), accepted=["date=as-source"])
    source.spec = {**source.spec, "date_formats": ["%Y/%m/%d"]}
    source.save()
    monkeypatch.setattr(service, "RETRIED_AT_ONCE", 2)
    reason = only_reason()
    service.ask_retry(run.pk, reason)
    assert is_about("orders.retry_rejects", {"run_id": str(run.pk)})
    assert service.retry_all(run.pk, reason) == (4, 1)
    assert service.retry_all(run.pk, reason) == (0, 1)
    assert Order.objects.count() == 4


def only_reason():
    (reason,) = set(RejectedLine.objects.values_list("reason", flat=True))
    return reason


def test_retry_of_what_cannot_be_held_counts_as_not_stored(in_mercy):
    source = make_source(**STATES)
    run_import(
        source,
        csv_text("1,2026-05-03,77,A,999999999,999999999999,Z", header=WITH_STATE),
        accepted=["state=as-source"],
    )
    source.spec["states"] = {"z": "completed"}
    source.save()
    assert service.retry(RejectedLine.objects.all()) == (0, 1)
    assert (only_line().state, Order.objects.count()) == (RejectState.OPEN, 0)


def test_a_state_that_a_correction_leaves_blank_is_blank_and_not_completed(in_mercy):
    source = make_source(create_partners=True, states={"done": "completed", "void": "cancelled"}, **STATES)
    run_import(source, csv_text("1,bad,77,A,1,10,Void", header=WITH_STATE))
    with pytest.raises(Refused) as refused:
        service.correct(only_line().pk, only_line().raw | {"date": "2026-05-03", "state": ""})
    assert refused.value.field == "state"
    assert not Order.objects.exists()
