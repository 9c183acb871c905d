"""Pages of rejected lines."""

from orders.book.models import Order
from orders.rejects.models import RejectedLine
from tests.orders.factories import COLUMNS, csv_text, make_source, run_import
from tests.orders.pages import url


def test_rejected_lines_are_dismissed_undone_retried_and_exported(alice, scope):
    with scope():
        source = make_source(columns=COLUMNS | {"state": "St"})
        header = "No,Date,Code,Item,Qty,Price,St"
        run = run_import(
            source, csv_text("1,2026-05-03,=1+1,A,2,10,Z", "2,2026-05-03,77,A,2,10,Z", header=header)
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
