"""Imports end to end, on the real database: accounting, corrections, reversals, partner-months."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from orders.book.models import IgnoredCode, Order, OrderLine
from orders.catalogue.models import Product
from orders.rejects.models import RejectedLine
from partners.directory.models import Partner, ReferralCode
from partners.standing.models import PartnerMonth
from prm.core.ids import uuid7
from tests.orders.factories import csv_text, import_rows, make_source, run_import

MAY = date(2026, 5, 1)


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


def lines(run):
    return {name: count for name, count in run.counts["lines"].items() if count}


def months():
    return {
        (m.partner.name, m.month): (m.orders, m.revenue)
        for m in PartnerMonth.objects.select_related("partner")
    }


def test_first_import_stores_orders_lines_products_partners_and_months(source):
    run = import_rows(
        source,
        "1,2026-05-03 09:00,77.0,A,2,10.50",
        "1,2026-05-03 09:00,77.0,B,1,4",
        "2,2026-05-04,78,A,1,10.50",
    )
    assert run.state == "done"
    assert lines(run) == {"read": 3, "stored": 3}
    assert run.counts["orders"]["created"] == 2
    assert run.counts["partners"] == {"created": 2, "waiting_tied": 0}
    order = Order.objects.get(number="1")
    assert (order.amount, order.units, order.code, order.state) == (
        Decimal(25),
        Decimal(3),
        "77",
        "completed",
    )
    assert [(x.ordinal, x.product.code, x.amount) for x in order.lines.select_related("product")] == [
        (1, "A", Decimal(21)),
        (2, "B", Decimal(4)),
    ]
    assert months() == {("77", MAY): (1, Decimal(25)), ("78", MAY): (1, Decimal("10.5"))}
    assert set(Product.objects.values_list("code", flat=True)) == {"A", "B"}


def test_same_code_as_float_and_integer_is_one_partner(source):
    import_rows(source, "1,2026-05-03,17850.0,A,1,10", "2,2026-05-03,17850,A,1,10")
    assert [c.normal for c in ReferralCode.objects.all()] == ["17850"]
    assert months() == {("17850", MAY): (2, Decimal(20))}


def test_exact_repeats_inside_an_order_count_once(source):
    run = import_rows(
        source,
        "1,2026-05-03,77,A,2,10",
        "1,2026-05-03,77,A,2,10",
        "1,2026-05-03,77,A,2,11",
        "2,2026-05-03,77,A,2,10",
    )
    assert lines(run) == {"read": 4, "stored": 3, "repeated": 1}
    assert Order.objects.get(number="1").amount == Decimal(42)


def test_repeats_are_kept_when_the_source_says_so(in_mercy):
    source = make_source(drop_exact_repeats=False)
    run = import_rows(source, "1,2026-05-03,77,A,2,10", "1,2026-05-03,77,A,2,10")
    assert lines(run) == {"read": 2, "stored": 2}
    assert Order.objects.get().amount == Decimal(40)
    assert lines(import_rows(source, "1,2026-05-03,77,A,2,10", "1,2026-05-03,77,A,2,10")) == {
        "read": 2,
        "unchanged": 2,
    }
    again = import_rows(source, "1,2026-05-03,77,A,2,10")
    assert again.counts["orders"]["corrected"] == 1


def test_scattered_lines_of_an_order_come_together(source):
    rows = [
        "1,2026-05-03,77,A,1,10",
        "2,2026-05-03,78,A,1,10",
        "1,2026-05-03,77,B,1,5",
        "1,2026-05-03,77,A,1,10",
    ]
    run = import_rows(source, *rows)
    assert lines(run) == {"read": 4, "stored": 3, "repeated": 1}
    assert Order.objects.get(number="1").amount == Decimal(15)
    assert lines(import_rows(source, *sorted(rows))) == {"read": 4, "unchanged": 3, "repeated": 1}


def _row_versions():
    """Every row of every table the import writes, with the transaction that wrote it."""
    tables = [Order, OrderLine, Product, Partner, ReferralCode, PartnerMonth, RejectedLine]
    found = {}
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {model._meta.db_table} ORDER BY ctid")
            found[model.__name__] = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM orders_orderevent")
        found["events"] = cursor.fetchone()
        cursor.execute("SELECT to_regclass('salesforce_outbox') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT id, xmin::text, version FROM salesforce_outbox ORDER BY id")
            found["outbox"] = cursor.fetchall()
    return found


def test_same_file_again_writes_nothing(source):
    text = csv_text(
        "1,2026-05-03,77,A,2,10", "1,2026-05-03,77,A,2,10", "C2,2026-05-03,,B,-1,4", "3,bad,77,A,1,1"
    )
    run_import(source, text)
    before = _row_versions()
    run = run_import(source, text)
    assert lines(run) == {"read": 4, "unchanged": 2, "repeated": 1, "rejected": 1}
    assert run.counts["wrote"] is False
    assert run.message == "Nothing in it was new: nothing was written."
    assert _row_versions() == before
    assert len(before["Order"]) == 2 and len(before["RejectedLine"]) == 1


def test_changed_order_replaces_lines_amount_and_months_of_both_sides(source):
    import_rows(source, "1,2026-05-03,77,A,2,10", "1,2026-05-03,77,B,1,5", "2,2026-05-09,77,A,1,1")
    order_id = Order.objects.get(number="1").pk
    run = import_rows(source, "1,2026-06-01,78,A,3,10")
    order = Order.objects.get(number="1")
    assert (order.pk, order.amount, order.revision, order.partner.name) == (order_id, Decimal(30), 2, "78")
    assert run.counts["orders"] == {
        "created": 0,
        "corrected": 1,
        "cancelled": 0,
        "unchanged": 0,
        "superseded": 0,
    }
    assert [line.quantity for line in order.lines.all()] == [Decimal(3)]
    assert months() == {("77", MAY): (1, Decimal(1)), ("78", date(2026, 6, 1)): (1, Decimal(30))}


def test_line_missing_in_a_later_file_corrects_the_order(source):
    import_rows(source, "1,2026-05-03,77,A,2,10", "1,2026-05-03,77,B,1,5")
    import_rows(source, "1,2026-05-03,77,A,2,10")
    assert Order.objects.get().amount == Decimal(20)
    assert months() == {("77", MAY): (1, Decimal(20))}


def test_later_file_of_one_run_wins_as_a_whole(source):
    run = run_import(
        source,
        csv_text("1,2026-05-03,77,A,2,10", "1,2026-05-03,77,B,1,5", "2,2026-05-03,77,A,1,1"),
        csv_text("1,2026-05-03,77,C,1,7"),
    )
    assert lines(run) == {"read": 4, "stored": 2, "superseded": 2}
    assert Order.objects.get(number="1").amount == Decimal(7)
    assert months() == {("77", MAY): (2, Decimal(8))}


def test_cancellation_document_counts_negative_and_is_no_order(in_mercy):
    source = make_source(create_partners=True, cancellations={"number_prefixes": ["C"]})
    run = import_rows(source, "1,2026-05-03,77,A,5,10", "C1,2026-05-04,77,A,2,10", "C2,2026-06-04,77,A,-1,10")
    assert Order.objects.get(number="C1").amount == Decimal(-20)
    assert Order.objects.get(number="C1").is_reversal
    assert run.counts["orders"]["cancelled"] == 2
    assert months() == {("77", MAY): (1, Decimal(30)), ("77", date(2026, 6, 1)): (0, Decimal(-10))}
    june = PartnerMonth.objects.get(month=date(2026, 6, 1))
    assert (june.first_on, june.last_on) == (None, None)


def test_held_order_sent_with_negative_amounts_only_is_cancelled(source):
    import_rows(source, "1,2026-05-03,77,A,5,10", "2,2026-05-03,77,A,1,10")
    run = import_rows(source, "1,2026-05-03,77,A,-5,10")
    assert Order.objects.get(number="1").state == "cancelled"
    assert run.counts["orders"]["cancelled"] == 1
    assert months() == {("77", MAY): (1, Decimal(10))}
    assert lines(import_rows(source, "1,2026-05-03,77,A,-5,10")) == {"read": 1, "unchanged": 1}


def test_order_and_its_reversal_in_one_run_cancel_out(source):
    run_import(source, csv_text("1,2026-05-03,77,A,5,10"), csv_text("1,2026-05-04,77,A,-5,10"))
    assert Order.objects.get().state == "cancelled"
    assert months() == {}


def test_state_column_decides_what_counts(in_mercy):
    columns = {"number": "No", "date": "Date", "code": "Code", "amount": "Amount", "state": "St"}
    source = make_source(create_partners=True, columns=columns, states={"X": "cancelled", "S": "scheduled"})
    header = "No,Date,Code,Amount,St"
    run_import(source, csv_text("1,2026-05-03,77,50,S", "2,2026-05-03,77,60,X", header=header))
    assert dict(Order.objects.values_list("number", "state")) == {"1": "scheduled", "2": "cancelled"}
    assert months() == {("77", MAY): (1, Decimal(50))}
    run_import(source, csv_text("1,2026-05-03,77,50,X", header=header))
    assert months() == {}


def test_month_is_the_tenants_own(source):
    # 1 June 02:00 UTC is still May in New York, where mercy is.
    import_rows(source, "1,2026-06-01T02:00:00+00:00,77,A,1,10")
    assert list(months()) == [("77", MAY)]
    assert PartnerMonth.objects.get().first_on == date(2026, 5, 31)


def test_unknown_code_waits_when_partners_are_not_to_be_made(in_mercy):
    source = make_source()
    run = import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-03,,A,1,10")
    assert run.counts["unattributed"] == {"orders": 2, "lines": 2, "codes": 1}
    assert not Partner.objects.exists() and not PartnerMonth.objects.exists()
    assert Order.objects.unattributed().count() == 2


def test_ignored_code_makes_no_partner(source):
    IgnoredCode.objects.create(normal="77")
    import_rows(source, "1,2026-05-03,77,A,1,10")
    assert not Partner.objects.exists()
    assert not Order.objects.unattributed().exists()


def test_partner_is_named_as_the_file_names_it(in_mercy):
    columns = {"number": "No", "date": "Date", "code": "Code", "amount": "Amount", "partner_name": "Name"}
    source = make_source(
        create_partners=True, columns=columns, partner_kind="agent", code_scheme="agent number"
    )
    header = "No,Date,Code,Amount,Name"
    run_import(source, csv_text("1,2026-05-03,77,50,", "2,2026-05-03,77,60,Okafor Agency", header=header))
    partner = Partner.objects.get()
    assert (partner.name, partner.kind, partner.codes.get().scheme) == (
        "Okafor Agency",
        "agent",
        "agent number",
    )


def test_rejected_lines_do_not_stop_the_rest(source):
    run = import_rows(
        source,
        "1,2026-05-03,77,A,2,10",
        "1,2026-05-03,77,B,two,10",
        ",2026-05-03,77,A,1,1",
        "2,31/31/2026,77,A,1,1",
        "3,1899-05-03,77,A,1,1",
        "4,3026-05-03,77,A,1,1",
        "5,2026-05-03,77,A,1",
        "6,2026-05-03,77,A,1,",
        "1,2026-05-03,99,B,1,1",
    )
    assert lines(run) == {"read": 9, "stored": 1, "rejected": 8}
    assert run.counts["rejected_by_reason"] == {
        "amount_missing": 1,
        "date_out_of_range": 2,
        "date_unreadable": 1,
        "not_a_number": 1,
        "number_missing": 1,
        "two_codes": 1,
        "wrong_columns": 1,
    }
    kept = {line.line_no: (line.reason, line.column) for line in RejectedLine.objects.all()}
    assert kept[3] == ("not_a_number", "Qty")
    assert kept[10] == ("two_codes", "Code")
    assert RejectedLine.objects.get(line_no=3).raw["quantity"] == "two"
    assert Order.objects.get().amount == Decimal(20)


def test_unmapped_columns_are_never_kept(source):
    header = "No,Date,Code,Item,Qty,Price,Patient"
    run_import(source, csv_text("1,2026-05-03,77,A,x,1,Jane Roe", header=header))
    assert "Jane Roe" not in str(RejectedLine.objects.get().raw)


def test_amounts_no_field_can_hold_are_rejected_alone(source):
    run = import_rows(source, "1,2026-05-03,77,A,999999999,999999999999", "2,2026-05-03,77,A,1,1")
    assert lines(run) == {"read": 2, "stored": 1, "rejected": 1}
    assert run.counts["rejected_by_reason"] == {"number_too_large": 1}
    assert [o.number for o in Order.objects.all()] == ["2"]


def test_broken_file_leaves_nothing_behind_and_says_where(source):
    run = run_import(
        source, csv_text("1,2026-05-03,77,A,1,1"), "No,Date,Code,Item,Qty,Price\n2,2026-05-03,77"
    )
    assert run.state == "failed"
    assert run.message.startswith("orders2.csv, line 2: The file is cut off in the middle of its last line")
    assert not Order.objects.exists() and not Partner.objects.exists()


def test_orders_of_another_tenant_are_not_touched(source, anchor):
    from prm.tenancy.context import tenant_scope

    import_rows(source, "1,2026-05-03,77,A,1,10")
    with tenant_scope(anchor.tenant):
        other = make_source(create_partners=True)
        import_rows(other, "1,2026-05-03,77,A,1,99")
        assert months() == {("77", MAY): (1, Decimal(99))}
    assert months() == {("77", MAY): (1, Decimal(10))}


def test_line_cannot_refer_to_another_tenants_order(source, anchor):
    from django.db import IntegrityError

    from prm.tenancy.context import tenant_scope

    import_rows(source, "1,2026-05-03,77,A,1,10")
    line = OrderLine.objects.get()
    with tenant_scope(anchor.tenant), pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.create(
            order_id=line.order_id, ordinal=9, quantity=1, amount=1, placed_at=line.placed_at
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderLine.objects.create(order_id=uuid7(), ordinal=9, quantity=1, amount=1, placed_at=line.placed_at)


def test_order_with_lines_cannot_be_deleted_from_under_them(source):
    from django.db import IntegrityError

    import_rows(source, "1,2026-05-03,77,A,1,10")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_order")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_product")


def test_lines_that_were_left_out_and_are_needed_are_read_again(source, monkeypatch):
    """As when another run takes another version of an order while this one is read."""
    import_rows(source, "1,2026-05-03,77,A,1,10", "2,2026-05-03,77,A,1,5")
    monkeypatch.setattr("orders.ingest.service.held_versions", lambda *_: set)
    run = import_rows(source, "1,2026-05-03,77,A,2,10", "2,2026-05-03,77,A,1,5")
    assert lines(run) == {"read": 2, "stored": 1, "unchanged": 1}
    assert months() == {("77", MAY): (2, Decimal(25))}
    assert OrderLine.objects.count() == 2


def test_orders_and_months_refer_to_what_their_tenant_has(source, anchor):
    """As foreign keys do, checked once per statement: when written, changed, and when a parent goes."""
    import_rows(source, "1,2026-05-03,77,A,1,10")
    other = uuid7()
    for statement in (
        "UPDATE orders_order SET partner_id = %s",
        "UPDATE orders_order SET source_id = %s",
        "UPDATE orders_order SET run_id = %s",
        "UPDATE partners_partnermonth SET partner_id = %s",
        "DELETE FROM partners_partner WHERE id <> %s",
        "DELETE FROM orders_importrun WHERE id <> %s",
        "UPDATE partners_partner SET id = %s",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [other])
    assert Order.objects.get().partner.name == "77"
