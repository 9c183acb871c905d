"""Reconciliation by API: control totals in, days and causes out, signed and taken back."""

import pytest
from django.test import Client

from orders.reconciliation.service import refresh
from prm.accounts.keys import create_key
from prm.tenancy.context import tenant_scope
from tests.orders.factories import import_rows, make_source

BASE = "/api/v1/mercy"


@pytest.fixture
def filled(mercy):
    with tenant_scope(mercy.tenant):
        import_rows(make_source(), "1,2026-05-10,A1,X,1,10.10", "2,2026-05-11,A1,X,1,x")
        refresh()
    return mercy


def test_a_day_is_declared_explained_signed_and_reopened(filled, client_for):
    bob = client_for(filled.manager)
    total = {"source": "Orders", "day": "2026-05-10", "orders": 2, "amount": "15.20"}
    made = bob.post(f"{BASE}/control-totals/", [total], content_type="application/json")
    assert (made.status_code, made.json()[0]["currency"]) == (201, "USD")
    assert bob.post(f"{BASE}/control-totals/", total, content_type="application/json").status_code == 200
    for wrong, field in (
        ({"source": "No"}, "source"),
        ({"orders": None, "amount": None}, "orders"),
        ({"currency": "XQX"}, "currency"),
        ({"day": "2030-01-01"}, "day"),
    ):
        answer = bob.post(f"{BASE}/control-totals/", total | wrong, content_type="application/json")
        assert answer.status_code == 400
        assert field in answer.content.decode()

    days = bob.get(f"{BASE}/reconciliation/?state=open").json()["results"]
    assert [day["day"] for day in days] == ["2026-05-11", "2026-05-10"]
    day = days[1]
    assert (day["at_source"], day["here"], day["salesforce"]) == (
        {"orders": 2, "amount": "15.20"},
        {"orders": 1, "amount": "10.10"},
        None,
    )
    assert day["differences"][0]["cause"] == "not_explained"
    signed = bob.post(
        f"{BASE}/reconciliation/{day['id']}/sign/", {"note": "Known"}, content_type="application/json"
    )
    assert (signed.json()["state"], signed.json()["note"]) == ("explained", "Known")
    assert (
        bob.post(f"{BASE}/reconciliation/{day['id']}/reopen/", {}, content_type="application/json").json()[
            "state"
        ]
        == "open"
    )
    (row,) = bob.get(f"{BASE}/reconciliation/{days[0]['id']}/orders/?cause=rejected").json()
    assert (row["number"], row["difference"]) == ("2", None)
    whole = bob.get(f"{BASE}/reconciliation/total/").json()
    assert (whole["open_days"], whole["total"][0]["here"]["amount"]) == (2, "10.10")
    span = {"first": "2026-05-10", "last": "2026-05-10"}
    counted = bob.post(f"{BASE}/reconciliation/count/", span, content_type="application/json")
    assert counted.json() == {"counted": True, "asked_salesforce": False}
    (declared,) = bob.get(f"{BASE}/control-totals/").json()["results"]
    assert bob.delete(f"{BASE}/control-totals/{declared['id']}/").status_code == 204


def test_a_feeds_key_declares_and_sees_no_more(filled):
    with tenant_scope(filled.tenant):
        _, token = create_key(name="Feed", scopes=["totals:write"], created_by=None)
    feed = Client(headers={"Authorization": f"Api-Key {token}"})
    total = {"source": "Orders", "day": "2026-05-10", "orders": 1}
    assert feed.post(f"{BASE}/control-totals/", total, content_type="application/json").status_code == 201
    assert feed.get(f"{BASE}/reconciliation/").status_code == 403
