"""Refunds and cancellations: taken off their order once, whichever file comes first and however often."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.book.models import Order, OrderLine
from orders.ingest.forecast import Asked, forecast
from orders.sources.service import save_source
from partners.standing.models import PartnerMonth
from tests.orders.factories import COLUMNS, csv_text, import_rows, run_import

STATES = {"columns": COLUMNS | {"state": "St"}}
STATE_HEADER = "No,Date,Code,Item,Qty,Price,St"


@pytest.fixture
def source(in_mercy):
    return a_source()


def a_source(**spec):
    return save_source(
        None,
        name="Orders",
        spec={"columns": COLUMNS, "create_partners": True, "cancellations": {"number_prefixes": ["C"]}}
        | spec,
    )


def held(number="1"):
    order = Order.objects.get(number=number)
    lines = sum((line.amount for line in order.lines.exclude(state="cancelled")), Decimal(0))
    assert lines == order.amount
    return order.amount, order.state


def month():
    found = PartnerMonth.objects.filter(month="2026-05-01").first()
    return found and (found.orders, found.revenue)


ORDER = "1,2026-05-03,77,A,1,100"
REFUND = "1,2026-05-09,77,A,-1,40"


@pytest.mark.parametrize("files", [[[ORDER], [REFUND]], [[REFUND], [ORDER]]])
@pytest.mark.parametrize("at_once", [True, False])
def test_refund_under_the_number_of_an_order_leaves_the_rest_whichever_comes_first(source, files, at_once):
    texts = [csv_text(*rows) for rows in files]
    for batch in [texts] if at_once else [[text] for text in texts]:
        run_import(source, *batch)
    assert held() == (60, "completed")
    assert month() == (1, 60)


def test_refund_before_its_order_counts_by_itself(source):
    import_rows(source, REFUND)
    assert (held(), Order.objects.get().is_reversal, month()) == ((-40, "completed"), True, (0, -40))


def test_refund_of_everything_cancels_and_keeps_the_state_that_was_sent(source):
    import_rows(source, ORDER)
    import_rows(source, "1,2026-05-09,77,A,-1,100")
    assert (held(), month()) == ((0, "cancelled"), None)
    # A later version of the order stands against the same refund.
    import_rows(source, "1,2026-05-03,77,A,1,130")
    assert (held(), month()) == ((30, "completed"), (1, 30))


def test_same_refund_again_in_any_file_is_taken_off_once(source):
    import_rows(source, ORDER, "2,2026-05-03,77,A,1,5")
    import_rows(source, REFUND, REFUND)
    again = import_rows(source, REFUND)
    assert (again.counts["wrote"], held()) == (False, (60, "completed"))
    run_import(source, csv_text(REFUND), csv_text(REFUND, "1,2026-05-10,77,A,-1,10"))
    assert held() == (50, "completed")


def test_two_refunds_that_only_an_unmapped_column_tells_apart_are_two(source):
    header = "No,Date,Code,Item,Qty,Price,Slip"
    import_rows(source, ORDER)
    run_import(source, csv_text(f"{REFUND},R1", f"{REFUND},R2", header=header))
    assert held() == (20, "completed")


@pytest.mark.parametrize("signs", [("-10", "2"), ("10", "-2")])
def test_cancellation_document_counts_negative_as_a_whole(source, signs):
    one, other = signs
    import_rows(source, f"C1,2026-05-03,77,A,1,{one}", f"C1,2026-05-03,77,B,1,{other}")
    assert held("C1") == (-8, "completed")
    assert month() == (0, -8)


def test_refund_with_lines_of_both_signs_takes_off_what_they_come_to(source):
    import_rows(source, ORDER)
    import_rows(source, "1,2026-05-09,77,A,1,-10", "1,2026-05-09,77,FEE,1,2")
    assert held() == (92, "completed")


def test_cancelled_line_of_an_order_that_stands_does_not_count(in_mercy):
    source = a_source(**STATES)
    run_import(
        source,
        csv_text(
            "1,2026-05-03,77,A,1,100,completed", "1,2026-05-03,77,B,1,30,cancelled", header=STATE_HEADER
        ),
    )
    assert (held(), month()) == ((100, "completed"), (1, 100))
    assert list(OrderLine.objects.order_by("ordinal").values_list("state", flat=True)) == ["", "cancelled"]


def test_preview_says_what_the_import_does(source):
    import_rows(source, ORDER)

    def fill(stage):
        line = stage.maker.line_of(
            {"number": "1", "date": "2026-05-09", "code": "77", "product_code": "A", "quantity": "-1",
             "unit_price": "40"}, 2
        )  # fmt: skip
        stage.grouper.add_one(line, 1)

    found = forecast(source, fill, asked=Asked(["1"]))
    assert (found.shares.corrected, found.shares.corrected_amount) == (1, -40)
    assert [(fate.held_amount, fate.amount) for fate in found.fates] == [(100, 60)]


def test_later_version_that_no_field_can_hold_does_not_delete_the_good_one(source):
    run = run_import(source, csv_text(ORDER), csv_text("1,2026-05-03,77,A,999999999,999999999999"))
    assert run.counts["rejected_by_reason"] == {"number_too_large": 1}
    assert held() == (100, "completed")
    import_rows(source, "1,2026-05-03,77,A,999999999,999999999999")
    assert held() == (100, "completed")


# Every order has one version; refunds differ in day, item or amount.
versions = st.builds(
    "{},2026-05-0{},77,{},1,{}".format,
    st.sampled_from("123"),
    st.sampled_from("34"),
    st.sampled_from("AB"),
    st.sampled_from(["100", "80", "7.25"]),
)
refunds = st.builds(
    "{},2026-05-1{},77,{},-1,{}".format,
    st.sampled_from("123"),
    st.sampled_from("56"),
    st.sampled_from("AB"),
    st.sampled_from(["40", "7.25", "100"]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(versions, max_size=3, unique_by=lambda row: row[0]), data=st.data(),
       backs=st.lists(st.lists(refunds, min_size=1, max_size=3), max_size=3))  # fmt: skip
def test_any_order_and_repetition_of_files_ends_the_same(in_mercy, orders, backs, data):
    files = [csv_text(row) for row in orders] + [csv_text(*rows) for rows in backs]
    again = data.draw(st.lists(st.sampled_from(files), max_size=2)) if files else []
    shuffled = data.draw(st.permutations(files + again))
    ends = []
    for one in (files, shuffled):
        with transaction.atomic():
            source = a_source()
            for text in one:
                run_import(source, text)
            found = {
                order.number: (order.amount, order.units, order.refunded, order.state, order.placed_at,
                               order.content_hash, order.lines.count())
                for order in Order.objects.all()
            }  # fmt: skip
            months = set(PartnerMonth.objects.values_list("month", "orders", "units", "revenue"))
            ends.append((found, months))
            transaction.set_rollback(True)
    assert ends[0] == ends[1]
