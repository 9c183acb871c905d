"""Orders by API: strict input, problem details that name the field, idempotent by number."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from orders.book.models import Order
from orders.sources.models import OrderSource
from orders.sources.service import save_source
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from prm.accounts.keys import create_key
from prm.tenancy.context import tenant_scope
from tests.orders.factories import make_source

URL = "/api/v1/mercy/orders/"
GOOD = {
    "number": "M-1",
    "placed_at": "2026-05-03T10:00:00-04:00",
    "code": "77",
    "lines": [{"product_code": "ECHO", "quantity": 2, "unit_price": "10.50"}],
}


@pytest.fixture
def key(mercy):
    with tenant_scope(mercy.tenant):
        return create_key(name="feed", scopes=["orders:write"], created_by=None)[1]


@pytest.fixture
def post(client, key, mercy):
    def send(body, **extra):
        text = body if isinstance(body, str) else json.dumps(body)
        return client.post(
            URL, text, content_type="application/json", headers={"Authorization": f"Api-Key {key}"}, **extra
        )

    return send


def in_tenant(house, what):
    with tenant_scope(house.tenant):
        return what()


def errors(response):
    assert response.headers["Content-Type"] == "application/problem+json"
    return {error["field"]: error["code"] for error in response.json()["errors"]}


def test_single_order_is_created_then_unchanged_then_corrected(post, mercy):
    first = post(GOOD)
    assert (first.status_code, first.json()["status"]) == (201, "created")
    again = post(GOOD)
    assert (again.status_code, again.json()["status"]) == (200, "unchanged")
    changed = post(GOOD | {"lines": [{"product_code": "ECHO", "quantity": 3, "unit_price": "10.50"}]})
    assert (changed.status_code, changed.json()["status"]) == (200, "corrected")
    assert changed.json()["id"] == first.json()["id"]
    assert in_tenant(mercy, lambda: Order.objects.get().amount) == Decimal("31.5")


def test_order_is_tied_by_a_known_code_and_counts_in_the_month(post, mercy):
    with tenant_scope(mercy.tenant):
        partner = Partner.objects.create(name="Dr. Marchetti", kind="physician")
        partner.codes.create(code="77", normal="77")
    assert post(GOOD).json()["partner"] == str(partner.pk)
    assert in_tenant(mercy, lambda: PartnerMonth.objects.get().revenue) == Decimal(21)


def test_batch_takes_the_good_and_names_what_is_wrong_with_the_others(post, mercy):
    bad = {"number": "M-2", "placed_at": "2026-05-03", "lines": [{"quantity": "abc", "unit_price": 1}]}
    response = post({"orders": [GOOD, bad]})
    assert response.status_code == 200
    assert response.json()["counts"] == {"created": 1, "rejected": 1}
    good, rejected = response.json()["results"]
    assert (good["status"], rejected["status"]) == ("created", "rejected")
    assert [(e["field"], e["code"]) for e in rejected["errors"]] == [("lines[0].quantity", "not_a_number")]
    assert in_tenant(mercy, lambda: list(Order.objects.values_list("number", flat=True))) == ["M-1"]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"number": ""}, "number", "number_missing"),
        ({"number": True}, "number", "type"),
        ({"number": "x" * 65}, "number", "number_too_long"),
        ({"placed_at": "1899-12-31"}, "placed_at", "date_out_of_range"),
        ({"placed_at": "3026-01-01T00:00:00Z"}, "placed_at", "date_out_of_range"),
        ({"placed_at": "31 November"}, "placed_at", "date_unreadable"),
        ({"placed_at": 20260503}, "placed_at", "type"),
        ({"currency": "XQZ"}, "currency", "unknown_currency"),
        ({"state": "lost"}, "state", "unknown_state"),
        ({"code": ["77"]}, "code", "type"),
        ({"patient": "Jane Roe"}, "patient", "unknown_field"),
        ({"lines": []}, "lines", "type"),
        ({"lines": "many"}, "lines", "type"),
        ({"lines": [{"quantity": True, "unit_price": 1}]}, "lines[0].quantity", "type"),
        ({"lines": [{"quantity": "abc", "unit_price": 1}]}, "lines[0].quantity", "not_a_number"),
        ({"lines": [{"quantity": 1}]}, "lines[0].unit_price", "amount_missing"),
        ({"lines": [{"amount": 1, "birth_date": "x"}]}, "lines[0].birth_date", "unknown_field"),
        ({"amount": 5}, "amount", "ambiguous"),
    ],
)
def test_wrong_field_is_named(post, mercy, change, field, code):
    response = post(GOOD | change)
    assert response.status_code == 400
    assert errors(response)[field] == code
    assert not in_tenant(mercy, Order.objects.exists)


def test_batch_with_nothing_good_names_the_place_of_each_error(post):
    response = post([GOOD, GOOD | {"number": "2", "lines": [{"quantity": "x", "unit_price": 1}]}])
    assert response.status_code == 200
    response = post([{"number": "1"}, 5])
    assert response.status_code == 400
    assert errors(response) == {
        "orders[0].placed_at": "date_missing",
        "orders[0].lines": "required",
        "orders[1]": "type",
    }


@pytest.mark.parametrize("body", ["{", '"text"', "5", "[]", '{"orders": {}}', '{"orders": [{}], "x": 1}'])
def test_body_of_another_shape_is_a_problem(post, body):
    response = post(body)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"


def test_too_many_orders_are_refused_whole(post, mercy):
    response = post([GOOD | {"number": str(n)} for n in range(1001)])
    assert errors(response) == {"orders": "too_many"}
    assert not in_tenant(mercy, Order.objects.exists)


def test_too_large_a_body_is_413(post, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 200
    response = post([GOOD] * 10)
    assert response.status_code == 413
    assert "larger than 200 bytes. Send less at once" in response.json()["detail"]


def test_same_number_twice_in_a_batch_leaves_the_later(post, mercy):
    response = post([GOOD, GOOD | {"lines": [{"amount": 5}]}])
    assert [r["status"] for r in response.json()["results"]] == ["superseded", "created"]
    assert in_tenant(mercy, lambda: Order.objects.get().amount) == Decimal(5)


def test_source_says_how_states_and_numbers_read(post, mercy):
    with tenant_scope(mercy.tenant):
        make_source("Meditech", states={"X": "cancelled"}, cancellations={"number_prefixes": ["C"]})
    body = {"source": "Meditech", "orders": [GOOD | {"state": "x"}, GOOD | {"number": "C1"}]}
    assert post(body).json()["source"] == "Meditech"
    found = in_tenant(mercy, lambda: {o.number: (o.state, o.amount) for o in Order.objects.all()})
    assert found == {"M-1": ("cancelled", Decimal(21)), "C1": ("completed", Decimal(-21))}
    assert errors(post({"source": "Nowhere", "orders": [GOOD]})) == {"source": "unknown_source"}


def test_switched_off_source_takes_nothing(post, mercy):
    with tenant_scope(mercy.tenant):
        source = make_source("Old")
        save_source(source, name="Old", spec=source.spec, is_active=False)
    assert errors(post({"source": "Old", "orders": [GOOD]})) == {"source": "source_off"}


def test_sum_alone_makes_an_order_of_one_line(post, mercy):
    post({"number": "1", "placed_at": "2026-05-03", "amount": "12.25"})
    order = in_tenant(mercy, lambda: Order.objects.prefetch_related("lines").get())
    assert (order.amount, order.units) == (Decimal("12.25"), Decimal(1))
    assert order.placed_at.isoformat() == "2026-05-03T04:00:00+00:00"


def test_list_and_detail(post, client, key, mercy):
    post([GOOD, GOOD | {"number": "M-2", "code": "78"}])
    auth = {"Authorization": f"Api-Key {key}"}
    page = client.get(URL, {"code": "77.0"}, headers=auth).json()
    assert [row["number"] for row in page["results"]] == ["M-1"]
    detail = client.get(f"{URL}{page['results'][0]['id']}/", headers=auth).json()
    assert detail["lines"][0]["product_code"] == "ECHO"
    assert len(client.get(URL, {"tied": "false"}, headers=auth).json()["results"]) == 2


def test_key_without_the_scope_and_member_without_the_right_get_403(client, client_for, mercy):
    with tenant_scope(mercy.tenant):
        _, secret = create_key(name="reader", scopes=["orders:read"], created_by=None)
    auth = {"Authorization": f"Api-Key {secret}"}
    assert client.get(URL, headers=auth).status_code == 200
    assert client.post(URL, "{}", content_type="application/json", headers=auth).status_code == 403
    rep = client_for(mercy.rep)
    assert rep.post(URL, "{}", content_type="application/json").status_code == 403


def test_orders_of_another_tenant_are_not_found(post, client_for, mercy, anchor):
    created = post(GOOD).json()["id"]
    charlie = client_for(anchor.administrator)
    assert charlie.get(f"{URL}{created}/").status_code == 404
    assert charlie.get(f"/api/v1/anchor/orders/{created}/").status_code == 404
    assert not in_tenant(anchor, OrderSource.objects.exists)


def test_administrator_may_post_by_session(client_for, mercy):
    alice = client_for(mercy.administrator)
    assert alice.post(URL, json.dumps(GOOD), content_type="application/json").status_code == 201


def test_example_of_the_papers_works_as_printed(post, mercy):
    paper = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")
    printed = paper.partition("curl -X POST http://localhost:8000/api/v1/mercy/orders/")[2].partition("```")[
        0
    ]
    body = printed.partition("-d '")[2].rpartition("'")[0]
    assert post(body).status_code == 201
    again = post(body)
    assert (again.status_code, again.json()["status"]) == (200, "unchanged")
    order = in_tenant(mercy, lambda: Order.objects.select_related("source").get())
    assert (order.number, order.source.name, order.amount) == ("A-1001", "API", 412)
