"""A run is taken back as if it had never been, or the page says what depends on it."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from orders.attribution import service as attribution
from orders.book.models import Order
from orders.ingest.statement import Statement, create
from orders.ingest.temporary import CODE, GIVEN, TOUCHED
from orders.reconciliation import rejected
from orders.reconciliation.models import RejectedFigure
from orders.rejects import service as rejecting
from orders.rejects.models import RejectedLine
from orders.runs import service, undo
from orders.runs.models import HeldBefore
from orders.shares import service as sharing
from orders.shares.service import Part
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source
from tests.orders.pages import url, words

FIRST = ("1,2026-05-03,77,A,2,10", "1,2026-05-03,77,B,1,5", "2,2026-05-04,78,A,1,7", "4,2026-05-04,78,A,3,9")
LATER = ("1,2026-06-03,78,A,1,99", "2,2026-05-04,78,A,-1,2", "3,2026-05-05,77,A,1,4", "4,2026-05-04,78,A,x,9")


def everything():
    """All that orders say, down to their lines, and the months of partners."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(o) - 'updated_at' || jsonb_build_object('lines', (SELECT jsonb_agg(to_jsonb(l) ORDER BY"
            " ordinal) FROM orders_orderline l WHERE l.order_id = o.id)) FROM orders_order o ORDER BY number"
        )
        orders = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
    months = PartnerMonth.objects.order_by("partner", "month").values_list(
        "partner__name", "month", "orders", "units", "revenue", "first_on", "last_on"
    )
    return orders, list(months), list(RejectedLine.objects.values_list("number", "state"))


@pytest.fixture
def source(in_mercy):
    return make_source(create_partners=True)


def test_everything_is_as_it_was_before(source):
    import_rows(source, *FIRST)
    before = everything()
    run = import_rows(source, *LATER)
    assert everything() != before
    taken = service.take_back(run.pk)
    assert everything() == before
    assert (taken.state, taken.message) == (
        "taken_back", "1 order removed, 2 orders set back as before, by PRM.",
    )  # fmt: skip
    assert not HeldBefore.objects.exists()
    again = import_rows(source, *LATER)
    assert (again.counts["orders"]["created"], again.counts["orders"]["corrected"]) == (1, 2)


def test_first_import_leaves_nothing_and_runs_are_taken_back_one_after_the_other(source):
    first = import_rows(source, *FIRST)
    second = import_rows(source, *LATER)
    with pytest.raises(Refused, match=r"2 orders changed since by the import orders1\.csv"):
        service.take_back(first.pk)
    service.take_back(second.pk)
    service.take_back(first.pk)
    assert (Order.objects.count(), PartnerMonth.objects.count()) == (0, 0)
    with pytest.raises(Refused, match="Only an import that is done"):
        service.take_back(first.pk)


def test_a_rejected_line_that_was_made_needless_waits_again(source):
    import_rows(source, "1,2026-05-03,77,A,two,10", "1,2026-05-03,77,B,1,5")
    right = import_rows(source, "1,2026-05-03,77,A,2,10", "1,2026-05-03,77,B,1,5")
    assert RejectedLine.objects.get().state == "superseded"
    service.take_back(right.pk)
    assert RejectedLine.objects.get().state == "open"


def test_what_a_person_did_since_hinders(source):
    run = import_rows(source, "1,2026-05-03,77,A,two,10", "1,2026-05-03,77,B,1,5")
    line = RejectedLine.objects.get()
    rejecting.correct(line.pk, line.raw | {"quantity": "2"})
    with pytest.raises(Refused, match="1 order changed since by a person or a program"):
        service.take_back(run.pk)
    assert Order.objects.get().amount == 25


def test_what_reconciliation_read_of_rejected_lines_goes_with_them(source):
    """Found by made-up requests: the figures stayed, and taking the run back ended at the commit as an error of ours."""
    run = import_rows(source, "1,2026-05-03,77,A,1,5", "2,2026-05-04,78,A,x,9")
    rejected.read_rejected()
    assert RejectedFigure.objects.count() == 1
    service.take_back(run.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert (RejectedFigure.objects.count(), RejectedLine.objects.count()) == (0, 0)


def test_what_comes_in_the_moment_of_taking_back_ends_in_words(source, monkeypatch):
    """Between forgetting what reconciliation had read and forgetting the lines, it read them again."""
    run = import_rows(source, "1,2026-05-03,77,A,1,5", "2,2026-05-04,78,A,x,9")
    monkeypatch.setattr(undo, "FORGET_FIGURES", Statement("SELECT 1"))
    rejected.read_rejected()
    with pytest.raises(Refused, match="In this very moment something came that rests on it"):
        service.take_back(run.pk)
    assert Order.objects.count() == 1


@pytest.mark.parametrize("name", undo.STATEMENTS)
def test_statement_is_prepared_by_the_real_database(in_mercy, name):
    text, names = undo.STATEMENTS[name].sql, []
    for key in undo.PARAMETERS:
        if f"%({key})s" in text:
            names.append(undo.PARAMETERS[key])
            text = text.replace(f"%({key})s", f"${len(names)}")
    with connection.cursor() as cursor:
        create(CODE, GIVEN, TOUCHED)
        cursor.execute(f"PREPARE one ({', '.join(names)}) AS {text}")
        cursor.execute("DEALLOCATE one")


def test_page_takes_back_or_says_what_hinders(bob, mercy, scope):
    with scope():
        source = make_source(create_partners=True)
        first, second = import_rows(source, *FIRST), import_rows(source, *LATER)
    shown = bob.get(url("run", pk=first.pk)).content.decode()
    assert "2 orders changed since" in words(bob.get(url("run", pk=first.pk))) and str(second.pk) in shown
    assert bob.post(url("run-take-back", pk=first.pk)).status_code in (200, 302)
    assert bob.post(url("run-take-back", pk=second.pk)).status_code == 302
    assert "1 order removed, 2 orders set back as before, by Bob." in words(bob.get(url("run", pk=second.pk)))
    assert "Take back" in words(bob.get(url("run", pk=first.pk)))


def test_command_takes_back_and_says_what_hinders(mercy, scope):
    with scope():
        source = make_source()
        first, second = import_rows(source, *FIRST), import_rows(source, *LATER)
    with pytest.raises(CommandError, match="2 orders changed since"):
        call_command("take_back_import", "--tenant", "mercy", str(first.pk))
    out = StringIO()
    call_command("take_back_import", "--tenant", "mercy", str(second.pk), stdout=out)
    assert "1 order removed, 2 orders set back" in out.getvalue()


def test_what_was_decided_before_hinders_nothing_and_codes_tied_since_hold(source):
    import_rows(source, *FIRST)
    first, second = Order.objects.order_by("number")[:2]
    attribution.tie_orders([second.pk], partner_id=first.partner_id)
    sharing.share_order(
        first.pk, [Part(first.partner_id, Decimal(60)), Part(Partner.objects.get(name="78").pk, Decimal(40))]
    )
    attribution.untie_code("78")
    run = import_rows(source, "1,2026-06-03,77,A,1,99", "4,2026-05-04,77,A,1,9")
    attribution.tie_code("78", partner_id=first.partner_id)
    service.take_back(run.pk)
    assert Order.objects.get(number="1").amount == 25
    assert Order.objects.get(number="4").partner_id == first.partner_id
