"""The steps of a merge one by one: what each finds, decides and writes."""

from datetime import date
from decimal import Decimal

import pytest

from orders.book.models import IgnoredCode, Order, OrderLine
from orders.catalogue.models import Product
from orders.ingest.merging.attribute import attribute, create_partners, find_codes
from orders.ingest.merging.batch import Batch
from orders.ingest.merging.compare import Compared, compare, compare_good, sum_up
from orders.ingest.merging.merge import merge, outcomes
from partners.directory.models import Partner, ReferralCode
from partners.directory.service import create_partner
from partners.standing.models import PartnerMonth
from tests.orders.factories import import_rows, make_source
from tests.orders.ingest.staged import put, rows, staged


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True, cancellations={"number_prefixes": ["C"]})


def stage_orders(source, *numbers, **cells):
    with staged(source) as stage:
        for number in numbers:
            put(stage, number, **cells)


def test_staged_orders_are_new_known_or_different(source):
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-03,77,A,1,10")
    with staged(source) as stage:
        put(stage, "1")
        put(stage, "2", quantity="2")
        put(stage, "3")
    compared = compare(Batch.of(source))
    assert compared == Compared(1, 1, 1, 0, 2, 1, 0)
    assert outcomes() == {"1": "unchanged", "2": "corrected", "3": "created"}
    assert compared.changes


def test_orders_of_another_source_are_not_those_held(source):
    import_rows(make_source("Other"), "1,2026-05-03,77,A,1,10")
    stage_orders(source, "1")
    assert compare(Batch.of(source)).created == 1


def test_last_file_of_a_run_stands_and_earlier_versions_are_superseded(source):
    with staged(source) as stage:
        put(stage, "1", file_no=1, quantity="1")
        put(stage, "1", file_no=2, quantity="2")
        put(stage, "1", file_no=2, quantity="3", line_no=2)
    compared = compare(Batch.of(source))
    assert (compared.created, compared.superseded, compared.lines_stored, compared.lines_superseded) == (
        1,
        1,
        2,
        1,
    )


def test_nothing_new_is_nothing_to_write(source):
    import_rows(source, "1,2026-05-03,77,A,1,10")
    stage_orders(source, "1")
    merged = merge(Batch.of(source))
    assert not merged.compared.changes and not merged.wrote


def test_added_lines_always_change_the_order_they_are_added_to(source):
    import_rows(source, "1,2026-05-03,77,A,1,10")
    stage_orders(source, "1")
    assert compare(Batch.of(source, append=True)).corrected == 1


def test_sums_are_those_of_the_lines_and_reversals_count_negative(source):
    with staged(source) as stage:
        put(stage, "1", quantity="2")
        put(stage, "1", unit_price="0.5", line_no=2)
        put(stage, "C2", quantity="3")
    compare(batch := Batch.of(source))
    sum_up(batch)
    found = rows(
        "SELECT b.number, s.amount, s.units, s.turn, s.turn_units FROM prm_sum s JOIN prm_block b USING (block)"
    )
    assert sorted(found) == [
        ("1", Decimal("20.5"), Decimal(3), 1, 1),
        ("C2", Decimal(-30), Decimal(-3), -1, -1),
    ]


def test_orders_that_no_field_can_hold_are_taken_out_with_all_their_lines(source):
    with staged(source) as stage:
        put(stage, "1", quantity="999999999", unit_price="999999999999")
        put(stage, "1", line_no=2)
        put(stage, "2")
    left, refused = compare_good(Batch.of(source))
    assert refused == {"number_too_large": 2}
    assert (left.created, left.lines_stored, left.superseded, left.lines_superseded) == (1, 1, 0, 0)
    assert rows("SELECT count(*) FROM prm_reject WHERE reason = 'number_too_large'") == [(2,)]


def test_codes_are_looked_up_once_each_whoever_wrote_them(source):
    partner = create_partner(name="Dr. Roe", kind="physician", codes=[("", "77.0")])
    with staged(source) as stage:
        put(stage, "1", code="77")
        put(stage, "2", code="77.00")
        put(stage, "3", code="78")
        put(stage, "4", code="")
    compare(Batch.of(source))
    find_codes(Batch.of(source))
    assert rows("SELECT normal, partner_id FROM prm_code ORDER BY normal") == [
        ("77", partner.pk),
        ("78", None),
    ]


def test_partners_are_made_of_unknown_codes_in_the_order_they_came(source):
    IgnoredCode.objects.create(normal="80")
    with staged(source) as stage:
        for number, code in enumerate(["79", "78", "80"], start=1):
            put(stage, str(number), code=code)
    batch = Batch.of(source)
    compare(batch)
    find_codes(Batch.of(source))
    assert create_partners(batch) == ["79", "78"]
    assert set(Partner.objects.values_list("name", flat=True)) == {"79", "78"}
    assert rows("SELECT normal FROM prm_code WHERE partner_id IS NULL") == [("80",)]
    assert create_partners(batch) == []


def test_no_partner_is_made_where_the_source_does_not_say_so(in_mercy):
    source = make_source()
    stage_orders(source, "1")
    batch = Batch.of(source)
    compare(batch)
    find_codes(Batch.of(source))
    assert create_partners(batch) == []
    assert not ReferralCode.objects.exists()


def test_orders_to_be_written_are_complete_and_those_without_a_partner_are_counted(source):
    import_rows(source, "1,2026-05-03,77,A,1,10")
    with staged(source) as stage:
        put(stage, "1", quantity="-1")
        put(stage, "2", date="2026-06-01T02:00:00Z", code="99")
    batch = Batch.of(source)
    compare(batch)
    find_codes(Batch.of(source))
    sum_up(batch)
    attributed = attribute(batch)
    assert (attributed.cancelled, attributed.unattributed_orders, attributed.unattributed_codes) == (1, 1, 1)
    # 1 June 02:00 UTC is still May in New York, where mercy is.
    assert rows("SELECT number, state, month FROM prm_change ORDER BY number") == [
        ("1", "cancelled", date(2026, 5, 1)), ("2", "completed", date(2026, 5, 1)),
    ]  # fmt: skip


def test_last_name_of_a_product_counts_and_none_is_no_name(in_mercy):
    source = make_source(columns={
        "number": "No", "date": "Date", "product_code": "Item", "product_name": "Name", "amount": "Amount",
    })  # fmt: skip
    names = ["Echo", "Echocardiogram", ""]
    with staged(source) as stage:
        for number, name in enumerate(names, start=1):
            put(stage, str(number), product_name=name)
    merge(Batch.of(source))
    assert Product.objects.get().name == "Echocardiogram"


def test_added_lines_follow_those_held_and_add_up(source):
    import_rows(source, "1,2026-05-03,77,A,1,10", "1,2026-05-03,77,B,1,5")
    stage_orders(source, "1", quantity="4")
    merge(Batch.of(source, append=True))
    order = Order.objects.get()
    assert (order.amount, order.units, order.revision) == (Decimal(55), Decimal(6), 2)
    assert list(OrderLine.objects.order_by("ordinal").values_list("ordinal", "amount")) == [
        (1, Decimal(10)), (2, Decimal(5)), (3, Decimal(40)),
    ]  # fmt: skip
    assert PartnerMonth.objects.get().revenue == Decimal(55)


def test_correction_replaces_lines_and_both_months_are_true(source):
    import_rows(source, "1,2026-05-03,77,A,1,10", "1,2026-05-03,77,B,1,5")
    stage_orders(source, "1", date="2026-06-03", code="78")
    merge(Batch.of(source))
    assert OrderLine.objects.count() == 1
    assert [(m.partner.name, m.month.month) for m in PartnerMonth.objects.select_related("partner")] == [
        ("78", 6)
    ]


def test_steps_are_told_as_they_begin(source):
    steps = []
    stage_orders(source, "1")
    merge(Batch.of(source, on_step=steps.append))
    assert steps == ["compare", "tie", "write", "months"]
    steps.clear()
    stage_orders(source, "1")
    merge(Batch.of(source, on_step=steps.append))
    assert steps == ["compare"]
