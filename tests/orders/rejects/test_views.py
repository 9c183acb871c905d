"""Pages of rejected lines."""

import pytest

from orders.book.models import Order
from orders.rejects.models import RejectedLine
from tests.orders.factories import COLUMNS, csv_text, import_rows, make_source, run_import
from tests.orders.pages import url, words


def test_rejected_lines_are_dismissed_undone_retried_and_exported(alice, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"state": "St"})
        header = "No,Date,Code,Item,Qty,Price,St"
        run = run_import(
            source,
            csv_text("1,2026-05-03,=1+1,A,2,10,Z", "2,2026-05-03,77,A,2,10,Z", header=header),
            accepted=["state=as-source"],
        )
    settle = url("rejects-settle", pk=run.pk)
    alice.post(settle, {"reason": "unknown_state", "action": "dismiss"})
    alice.post(settle, {"reason": "unknown_state", "action": "reopen"})
    assert alice.get(url("rejects", pk=run.pk), {"reason": "none", "q": "sought in vain"}).status_code == 200
    export = alice.get(url("rejects-export", pk=run.pk)).content.decode("utf-8-sig")
    assert "'=1+1" in export and "unknown_state" in export
    with scope():
        source.spec["states"] = {"z": "completed"}
        source.save()
    alice.post(settle, {"reason": "unknown_state", "action": "retry"})
    with scope():
        assert set(RejectedLine.objects.values_list("state", flat=True)) == {"corrected"}
        assert Order.objects.count() == 2


@pytest.fixture
def run(scope):
    with scope():
        source = make_source(create_partners=True)
        return import_rows(
            source, "1,bad,77,A,1,1", "2,2026-05-03,77,A,x,1", "3,worse,77,A,1,1", "4,2026-05-03,77,A,1,1"
        )


def test_list_can_be_narrowed_to_one_reason_by_its_words(alice, run):
    page = words(alice.get(url("rejects", pk=run.pk)))
    assert "Date unreadable" not in page and page.count("cannot be read as a date") == 2
    assert "is not a number" in page
    page = words(alice.get(url("rejects", pk=run.pk), {"reason": "date_unreadable"}))
    assert "Date unreadable" in page and "is not a number" not in page


def test_form_names_the_reason_and_keeps_what_was_typed_when_refused(alice, run, scope):
    with scope():
        line = RejectedLine.objects.get(reason="not_a_number")
    assert "Not a number" in words(alice.get(url("reject", pk=line.pk)))
    answer = alice.post(url("reject", pk=line.pk), line.raw | {"quantity": "2y"})
    assert 'value="2y"' in answer.content.decode()
    with scope():
        assert RejectedLine.objects.get(pk=line.pk).state == "open"


def test_settled_line_is_no_link_and_cannot_be_stored_again(alice, run, scope):
    with scope():
        line = RejectedLine.objects.get(reason="not_a_number")
    assert f'href="{url("reject", pk=line.pk)}"' in alice.get(url("rejects", pk=run.pk)).content.decode()
    alice.post(url("reject", pk=line.pk), line.raw | {"quantity": "2"})
    assert f'href="{url("reject", pk=line.pk)}"' not in alice.get(url("rejects", pk=run.pk)).content.decode()
    assert "settled already" in words(alice.post(url("reject", pk=line.pk), line.raw | {"quantity": "3"}))
    with scope():
        assert Order.objects.get(number="2").amount == 2


def test_settling_touches_only_the_reason_asked_for(alice, run, scope):
    alice.post(url("rejects-settle", pk=run.pk), {"reason": "date_unreadable", "action": "dismiss"})
    alice.post(url("rejects-settle", pk=run.pk), {"reason": "not_a_number", "action": "unknown"})
    with scope():
        assert sorted(RejectedLine.objects.values_list("reason", "state")) == [
            ("date_unreadable", "dismissed"), ("date_unreadable", "dismissed"), ("not_a_number", "open"),
        ]  # fmt: skip


def test_who_may_not_import_sees_no_rejected_lines(mercy, client_for, run, scope):
    mary = client_for(mercy.rep)
    with scope():
        line = RejectedLine.objects.first()
    for page in (url("rejects", pk=run.pk), url("rejects-export", pk=run.pk), url("reject", pk=line.pk)):
        assert mary.get(page).status_code == 403
    assert mary.post(url("rejects-settle", pk=run.pk), {"action": "dismiss"}).status_code == 403
