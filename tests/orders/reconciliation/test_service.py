"""Source, portal and Salesforce as the database counts them, against an oracle that looks at each order."""

import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.book.models import Order
from orders.reconciliation import queries, service, sql
from orders.reconciliation.models import ReconciledDay, RejectedFigure
from orders.reconciliation.reading import TotalRow
from orders.reconciliation.rules import of_side
from orders.reconciliation.states import Cause, DayState, Origin, Side
from orders.rejects.models import RejectedLine
from prm.core.clock import now
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.salesforce.engine.models import AtRest
from prm.salesforce.guards.models import HeldChange, MassChange
from prm.tenancy.context import tenant_scope
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import
from tests.orders.ingest.test_sql import numbered_with
from tests.partners.factories import make_partner

DAY = date(2026, 5, 10)


def run(text, **values):
    with connection.cursor() as cursor:
        cursor.execute(text, {"id": uuid7(), "mapping": "orders.order", **values})


def connect():
    run(
        "INSERT INTO salesforce_connection (id, tenant_id, login_url, client_id, client_secret, organization_id,"
        " organization_name, is_sandbox, user_id, state, state_note, poll_seconds, connected_at, objects_read)"
        " VALUES (%(id)s, current_setting('prm.tenant')::uuid, 'http://x', 'c', '', '00D', 'Org', true, '',"
        " 'connected', '', 60, now(), '[]')"
    )
    run("DELETE FROM salesforce_outbox")


def link(order, *, amount=None, stage="Closed Won", day=None, state="linked"):
    held = {
        "StageName": stage,
        "Amount": str(order.counted if amount is None else amount),
        "CloseDate": (day or order.placed_at.date()).isoformat(),
    }
    run(
        "INSERT INTO salesforce_recordlink (id, tenant_id, mapping, record_id, sf_id, agreed, apart, state, updated_at)"
        " VALUES (%(id)s, current_setting('prm.tenant')::uuid, %(mapping)s, %(record)s, %(sf)s, %(held)s, '{}',"
        " %(state)s, now())",
        record=order.pk,
        sf=uuid7().hex[-18:],
        held=json.dumps(held),
        state=state,
    )


def problem(order, kind, field="", message="Close Date is locked"):
    run(
        "INSERT INTO salesforce_syncproblem (id, tenant_id, mapping, record_id, field, title, kind, code, message,"
        " fields, tries, since, last_at) VALUES (%(id)s, current_setting('prm.tenant')::uuid, %(mapping)s, %(record)s,"
        " %(field)s, '', %(kind)s, 'Period_Lock', %(message)s, '[]', 1, now(), now())",
        record=order.pk,
        kind=kind,
        field=field,
        message=message,
    )


def queue(order, *, since=None, waits=None):
    run(
        "INSERT INTO salesforce_outbox (id, tenant_id, mapping, record_id, version, since, waits_id)"
        " VALUES (%(id)s, current_setting('prm.tenant')::uuid, %(mapping)s, %(record)s, 1, %(since)s, %(waits)s)",
        record=order.pk,
        since=since or now(),
        waits=waits,
    )


def day(source=None, on=DAY):
    rows = ReconciledDay.objects.filter(day=on)
    return (rows.filter(source=source) if source else rows).get()


def causes(row):
    return {part.cause: (part.orders, part.amount, part.records) for part in queries.parts_of(row)}


@pytest.fixture
def source(in_mercy):
    make_partner("Dr. A", codes=["A1"])
    return make_source()


@pytest.mark.parametrize("name", sql.STATEMENTS)
def test_statement_is_prepared_by_the_real_database(in_mercy, name):
    text, types = numbered_with(sql.STATEMENTS[name].sql, sql.PARAMETERS)
    given = f"({', '.join(types)})" if types else ""
    with connection.cursor() as cursor:
        cursor.execute(f"PREPARE one {given} AS {text}")
        cursor.execute("DEALLOCATE one")


def test_rejected_rows_are_the_difference_between_source_and_here(source):
    import_rows(source, "1,2026-05-10,A1,X,1,10.10", "2,2026-05-10,A1,X,2,5", "2,2026-05-10,A1,X,1,x")
    import_rows(source, "3,2026-05-10,A1,X,abc,7", "4,2026-13-40,A1,X,1,8", ",2026-05-10,A1,X,1,3.05")
    service.refresh()
    row = day()
    assert (row.here_orders, row.here_amount, row.there_orders) == (2, Decimal("20.10"), None)
    # A row without a number is one order; two rows whose amount cannot be read leave it unknown.
    assert (row.source_orders, row.source_amount, row.unread) == (4, Decimal("23.15"), 2)
    assert causes(row) == {Cause.REJECTED: (2, Decimal("3.05"), 3)}
    assert row.state == DayState.OPEN
    assert queries.undated() == [(row.currency, 1, Decimal(8))]
    listed = queries.differing(row)
    assert sorted((one.number, one.difference) for one in listed) == [
        ("", Decimal("3.05")),
        ("2", None),
        ("3", None),
    ]
    assert queries.groups_of(row)[0].words

    # Dismissed: what somebody decided is no order that the source sent.
    RejectedLine.objects.update(state="dismissed")
    service.refresh()
    assert (day().state, day().source_orders) == (DayState.AGREES, 2)
    service.declare(source, [TotalRow(DAY, 4, Decimal("23.15"))], origin=Origin.HAND)
    assert causes(day())[Cause.DISMISSED] == (2, Decimal("3.05"), 3)
    RejectedLine.objects.all().delete()
    assert not RejectedFigure.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_declared_total_is_explained_by_what_changed_since(mercy, clock_of_the_database):
    # Each step has a moment of its own, as in life: the audit trail keeps that of the transaction.
    with tenant_scope(mercy.tenant):
        source = make_source()
        import_rows(source, "1,2026-05-10,A1,X,1,10", "2,2026-05-10,A1,X,1,20", "3,2026-05-10,A1,X,1,30")
    with tenant_scope(mercy.tenant):
        assert service.declare(source, [TotalRow(DAY, 4, Decimal("65.5"))], origin=Origin.API) == (1, 0)
        assert causes(day()) == {Cause.NOT_EXPLAINED: (1, Decimal("5.5"), 0)}
    with tenant_scope(mercy.tenant):
        # The same word again changes nothing.
        assert service.declare(source, [TotalRow(DAY, 4, Decimal("65.50"))], origin=Origin.API) == (0, 1)
        Order.objects.filter(number="1").update(state="cancelled", updated_at=now())
        Order.objects.filter(number="2").update(amount=Decimal("21.25"), updated_at=now())
    with tenant_scope(mercy.tenant):
        service.refresh(DAY, DAY)
        assert causes(day()) == {
            Cause.CANCELLED_LATE: (1, Decimal(10), 1),
            Cause.CHANGED_SINCE: (0, Decimal("-1.25"), 1),
            Cause.NOT_EXPLAINED: (1, Decimal("5.5"), 0),
        }
        assert {one.cause for one in queries.differing(day())} == {Cause.CANCELLED_LATE, Cause.CHANGED_SINCE}
        service.withdraw(source.control_totals.get().pk)
        assert (day().basis, day().state) == ("sent", DayState.AGREES)


def test_what_differs_from_salesforce_has_one_cause_each(source):
    connect()
    numbers = [
        "ok", "refused", "field", "deleted", "changed", "moved", "waiting", "held", "late", "cancelled", "unsent",
        "penny", "other_field", "mass", "outside",
    ]  # fmt: skip
    amounts = {"penny": "10.005"}
    import_rows(source, *(f"{name},2026-05-10,A1,X,1,{amounts.get(name, '10')}" for name in numbers))
    import_rows(source, "nobody,2026-05-10,Z9,X,1,10", "aside,2026-05-10,Z8,X,1,10")
    run("DELETE FROM salesforce_outbox")
    held = {order.number: order for order in source.orders.all()}
    for name in ("ok", "field", "cancelled", "penny", "other_field"):
        link(held[name], amount="10.01" if name == "penny" else None)
    link(held["changed"], amount="9")
    link(held["moved"], day=DAY + timedelta(days=5))
    link(held["deleted"], state="deleted_there")
    problem(held["refused"], "refused_there")
    run(
        'UPDATE salesforce_recordlink SET agreed = agreed || \'{"Amount": "8"}\' WHERE record_id = %(r)s',
        r=held["field"].pk,
    )
    problem(held["field"], "kept_there", field="Amount")
    problem(held["other_field"], "kept_there", field="Name")
    AtRest.objects.create(mapping="orders.order", record_id=held["outside"].pk, why="months")
    link(held["mass"])
    mass = MassChange.objects.create(
        mapping="orders.order", direction="push", kind="deleted", cause="7", records=1, total=1
    )
    HeldChange.objects.create(mass=mass, mapping="orders.order", record_id=held["mass"].pk)
    Order.objects.filter(number="mass").update(partner=None, amount=12, counted=12)
    queue(held["waiting"])
    queue(held["held"], waits=uuid7())
    queue(held["late"], since=now() - timedelta(days=2))
    Order.objects.filter(number="cancelled").update(state="cancelled")
    Order.objects.filter(number="aside").update(is_ignored=True)
    run(
        "DELETE FROM salesforce_outbox WHERE record_id NOT IN (SELECT id FROM orders_order WHERE number IN ('waiting', 'held', 'late'))"
    )
    service.refresh()
    row = day()
    assert causes(row) == {
        Cause.UNATTRIBUTED: (1, 10, 1),
        Cause.SET_ASIDE: (1, 10, 1),
        Cause.REFUSED: (1, 10, 1),
        Cause.WAITING: (1, 10, 1),
        Cause.HELD: (2, 20, 2),
        Cause.CANCELLED_WAITING: (-1, -10, 1),
        Cause.MASS_CHANGE: (0, 2, 1),
        Cause.DELETED_THERE: (1, 10, 1),
        Cause.CHANGED_THERE: (0, 3, 2),
        Cause.OTHER_DAY: (0, 0, 1),
        Cause.ROUNDED: (0, Decimal("-0.005"), 1),
        Cause.OUT_OF_SCOPE: (1, 10, 1),
        Cause.NOT_SENT: (1, 10, 1),
    }
    there = of_side(queries.parts_of(row), Side.THERE)
    assert there.orders == row.here_orders - row.there_orders
    assert there.amount == row.counted - row.there_amount
    (group,) = [one for one in queries.groups_of(row) if one.cause is Cause.REFUSED]
    assert group.words == "Period_Lock: Close Date is locked"
    (moved,) = queries.differing(row, Cause.OTHER_DAY)
    assert (moved.number, moved.words) == ("moved", "closes there on 2026-05-15")


def test_random_histories_sum_up_as_an_oracle_says(source):
    connect()
    other = make_source("Shop", columns=COLUMNS | {"currency": "Cur"})
    luck = random.Random(8)
    rows = [
        f"{n},2026-05-{luck.randint(10, 12)},{luck.choice(['A1', 'A1', 'Z9'])},X,1,{luck.randint(1, 99999) / 100}"
        for n in range(60)
    ]
    import_rows(source, *rows)
    foreign = [f"{row},{luck.choice(['EUR', 'JPY', ''])}" for row in rows[:30]]
    run_import(other, csv_text(*foreign, header="No,Date,Code,Item,Qty,Price,Cur"))
    run("DELETE FROM salesforce_outbox")
    expected = defaultdict(lambda: [0, Decimal(0), 0, Decimal(0)])
    for order in Order.objects.all():
        sums = expected[order.source_id, order.placed_at.date(), order.currency]
        stands = luck.random() < 0.8
        if not stands:
            Order.objects.filter(pk=order.pk).update(state="cancelled")
        else:
            sums[0] += 1
            sums[1] += order.counted or 0
        if luck.random() < 0.7:
            stage = luck.choice(["Closed Won", "Closed Won", "Closed Lost"])
            amount = luck.choice([order.counted or 0, Decimal("1.11")])
            link(order, amount=amount, stage=stage, state=luck.choice(["linked", "linked", "deleted_there"]))
        if luck.random() < 0.2:
            problem(order, luck.choice(["refused_there", "kept_there", "later"]))
    run("DELETE FROM salesforce_outbox WHERE record_id::text < '0'")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.source_id, o.placed_at::date, o.currency, count(*), sum((l.agreed ->> 'Amount')::numeric)"
            " FROM orders_order o JOIN salesforce_recordlink l ON l.record_id = o.id AND l.state = 'linked'"
            " AND l.agreed ->> 'StageName' = 'Closed Won' GROUP BY 1, 2, 3"
        )
        for source_id, on, currency, count, amount in cursor.fetchall():
            expected[source_id, on, currency][2:] = [count, amount]
    service.refresh()
    rows_found = ReconciledDay.objects.exclude(here_orders=0, there_orders=0)
    found = {(row.source_id, row.day, row.currency): row for row in rows_found}
    assert {key for key, sums in expected.items() if any(sums)} == set(found)
    for key, row in found.items():
        assert [row.here_orders, row.counted, row.there_orders, row.there_amount] == expected[key]
        there = of_side(queries.parts_of(row), Side.THERE)
        assert (there.orders, there.amount) == (
            row.here_orders - row.there_orders,
            row.counted - row.there_amount,
        )
        listed = [one for one in queries.differing(row) if one.cause.side is Side.THERE]
        assert sum(one.difference for one in listed) == there.amount
        assert len(listed) == there.records
    by_currency = {total.currency: total for total in queries.totals(ReconciledDay.objects.all())}
    assert sum(total.counted for total in by_currency.values()) == sum(row.counted for row in found.values())
    # As many statements for one day as for all.
    with CaptureQueriesContext(
        connection,
    ) as all_days:
        service.refresh()
    with CaptureQueriesContext(connection) as one_day:
        service.refresh(DAY, DAY)
    assert len(all_days) == len(one_day)


def test_a_day_is_signed_for_the_difference_that_was_there(source):
    import_rows(source, "1,2026-05-10,A1,X,1,10", "2,2026-05-10,A1,X,1,x")
    service.refresh()
    row = day()
    with pytest.raises(Refused, match="Say why"):
        service.sign(row.pk, note=" ")
    service.sign(row.pk, note="Sent again in June")
    service.refresh()
    assert day().state == DayState.EXPLAINED
    assert next(iter(queries.sign_offs([day()]).values())).note == "Sent again in June"
    import_rows(source, "3,2026-05-10,A1,X,1,y")
    service.refresh()
    assert day().state == DayState.OPEN
    RejectedLine.objects.all().delete()
    service.refresh()
    assert day().state == DayState.AGREES
    with pytest.raises(Refused, match="by itself"):
        service.sign(day().pk, note="x")
    service.reopen(day().pk)
    service.refresh()
    assert day().state == DayState.OPEN
    assert service.undo_decision(day().pk).state == DayState.AGREES
    Order.objects.all().delete()
    service.refresh()
    assert not ReconciledDay.objects.exists()
    with pytest.raises(Refused, match="not counted"):
        service.reopen(uuid7())


def test_the_command_says_the_money_in_one_line(source, tmp_path):
    import_rows(source, "1,2026-05-10,A1,X,1,10.10", "2,2026-05-11,A1,X,1,5")
    file = tmp_path / "totals.csv"
    file.write_text("day,orders,amount\n2026-05-10,2,12.10\n")
    out = StringIO()
    call_command("reconcile", tenant="mercy", source="Orders", totals=file, json=True, stdout=out)
    said = json.loads(out.getvalue())
    assert (said["open_days"], said["salesforce"]) == (1, "not_connected")
    assert said["total"][0]["source"] == {"orders": 3, "amount": "17.10"}
    assert said["total"][0]["here"] == {"orders": 2, "amount": "15.10"}
    assert said["total"][0]["salesforce"] is None
    assert [one["cause"] for one in said["days"][1]["differences"]] == ["not_explained"]
    out = StringIO()
    call_command("reconcile", tenant="mercy", stdout=out)
    assert (
        "source 17.10 USD (3 orders) ≠ here 15.10 USD (2 orders) ≠ Salesforce not connected" in out.getvalue()
    )


def test_a_row_rejected_for_a_day_long_past_is_counted_by_the_clock(source, clock_at):
    import_rows(source, "1,2026-05-10,A1,X,1,10")
    clock_at(datetime(2027, 5, 10, 12, tzinfo=UTC))
    service.refresh()
    assert day().state == DayState.AGREES
    import_rows(source, "2,2026-05-10,A1,X,1,x")
    service.refresh_recent()
    assert day().state == DayState.OPEN


def test_what_is_gone_from_a_day_long_past_is_seen_within_a_day(source, clock_at):
    import_rows(source, "1,2026-05-10,A1,X,1,10", "2,2026-05-10,A1,X,1,20")
    clock_at(datetime(2027, 5, 10, 12, tzinfo=UTC))
    service.refresh()
    Order.objects.filter(number="2").delete()
    service.refresh_recent()
    assert day().here_orders == 2
    clock_at(datetime(2027, 5, 11, 12, tzinfo=UTC))
    service.refresh_recent()
    assert day().here_orders == 1
