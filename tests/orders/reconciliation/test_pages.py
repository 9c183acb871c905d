"""The pages of reconciliation, and the mail: once for the same openness."""

from datetime import timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.reconciliation.models import ReconciledDay
from orders.reconciliation.service import refresh
from orders.reconciliation.tasks import reconcile
from orders.reconciliation.telling import mail
from prm.core import clock
from prm.tenancy.context import tenant_scope
from tests.orders.factories import import_rows, make_source

URL = "/t/mercy/orders/reconciliation/"
MAY = "?month=2026-05"


@pytest.fixture
def filled(mercy):
    with tenant_scope(mercy.tenant):
        rows = [f"{n},2026-05-{n:02},A1,X,1,10.10" for n in range(10, 20)]
        import_rows(make_source(), *rows, "30,2026-05-11,A1,X,1,x", "31,2026-05-12,A1,X,y,5")
        refresh()
    return mercy


def test_a_month_says_what_differs_and_each_figure_opens_its_rows(filled, client_for, settings):
    bob = client_for(filled.manager)
    with CaptureQueriesContext(connection) as first:
        page = bob.get(URL + MAY).content.decode()
    assert "2 of 10 days" in page
    assert "2 rejected rows" in page or "1 rejected row" in page
    assert "not connected" in page
    assert page.count("Correct 1 row") == 1
    with tenant_scope(filled.tenant):
        row = ReconciledDay.objects.get(day="2026-05-11")
    for path in (
        f"{URL}{row.pk}/orders/?cause=rejected",
        f"{URL}{row.pk}/sign/",
        "/t/mercy/orders/control-totals/",
    ):
        assert bob.get(path).status_code == 200
    lines = b"".join(bob.get(f"{URL}{MAY}&export=csv").streaming_content).decode().splitlines()
    assert len(lines) == 11
    signed = bob.post(f"{URL}{row.pk}/sign/", {"note": "Sent again in June"})
    assert signed["Location"].endswith(f"open={row.pk}")
    assert "Sent again in June" in bob.get(signed["Location"]).content.decode()
    bob.post(f"{URL}{row.pk}/reopen/")
    assert "Reopened" in bob.get(URL + MAY).content.decode()
    bob.post(f"{URL}{row.pk}/undo/")
    assert bob.post(f"{URL}check/", {"month": "2026-05", "source": ""}).status_code == 302
    table = {"source": str(row.source_id), "table": "day,orders\n2026-05-11,1"}
    assert bob.post("/t/mercy/orders/control-totals/", table).status_code == 302
    # As many queries for one day as for ten.
    with CaptureQueriesContext(connection) as second:
        bob.get(URL + MAY + f"&open={row.pk}")
    assert len(second) <= len(first) + 2
    assert client_for(filled.rep).get(URL).status_code == 403


def test_an_empty_tenant_is_told_what_will_be_here(mercy, client_for):
    page = client_for(mercy.manager).get(URL).content.decode()
    assert "Nothing to reconcile yet" in page
    with tenant_scope(mercy.tenant):
        import_rows(make_source(), "1,2026-05-10,A1,X,1,10")
    assert "Not counted yet" in client_for(mercy.manager).get(URL).content.decode()


def test_what_is_open_is_told_once(filled, settings, monkeypatch):
    settings.MAIL_IS_SET_UP = True
    moment = clock.now().replace(hour=18)
    monkeypatch.setattr("orders.reconciliation.telling.mail.now", lambda: moment)
    with tenant_scope(filled.tenant):
        for member in (filled.manager, filled.administrator):
            member.user.proved_at = moment
            member.user.save()
        assert mail.tell() == 2
        assert "2 days to explain" in outbox.outbox[0].subject
        assert "https://" in outbox.outbox[0].body or URL in outbox.outbox[0].body
        moment += timedelta(days=1)
        assert mail.tell() == 0
        import_rows(ReconciledDay.objects.newest_first().first().source, "40,2026-05-13,A1,X,1,x")
        reconcile()
        assert len(outbox.outbox) == 4
        assert mail.tell() == 0
