"""Own fields of orders: on their page, in the list, files, the API; kept by later versions, gone with the order."""

import csv

import pytest
from django.core.exceptions import PermissionDenied

from orders.book.models import Order, OrderValue
from orders.book.service import set_own
from orders.runs import service as runs
from prm.accounts.middleware import actor_of
from prm.accounts.models import ApiKey
from prm.core.errors import Refused
from prm.core.ids import uuid7
from prm.ownfields.service import add_field
from prm.ownfields.values import values_of
from prm.tenancy.context import acting_as
from tests.activities.lists.factories import bring, give_back, outcomes, read
from tests.orders.factories import import_rows, make_source
from tests.orders.pages import url

LIST, API = "/t/mercy/orders/", "/api/v1/mercy/orders/"


@pytest.fixture
def source(in_mercy):
    """Two orders; orders have fields of three types."""
    add_field(of="order", name="Ward", type="text")
    add_field(of="order", name="Waited", type="number")
    add_field(of="order", name="Urgency", type="choice", choices=["High", "Low"])
    found = make_source()
    import_rows(found, "A-1,2026-05-03,77,ECG,1,10", "A-2,2026-05-04,78,ECG,1,20")
    return found


@pytest.fixture
def manager(in_mercy, client_for):
    return client_for(in_mercy.manager)


def order(number="A-1"):
    return Order.objects.get(number=number)


def own(number="A-1"):
    pk = order(number).pk
    return values_of("order", [pk])[pk]


def test_they_are_changed_on_the_page_and_undone(source, manager):
    page = manager.get(url("detail", pk=order().pk)).text
    assert "Own fields" in page
    path = url("order-own", pk=order().pk)
    assert (
        manager.post(path, {"own_ward": "East", "own_waited": "3", "own_urgency": "high"}).status_code == 302
    )
    assert own() == {"ward": "East", "waited": "3", "urgency": "high"}
    assert "East" in manager.get(url("detail", pk=order().pk)).text
    manager.post(path, {"own_ward": "West", "own_waited": "3", "own_urgency": ""})
    assert own() == {"ward": "West", "waited": "3"}
    assert "many" not in own().values()
    assert "own_waited" in manager.post(path, {"own_waited": "many"}).text


def test_without_fields_the_page_has_no_part_for_them(in_mercy, manager):
    import_rows(make_source(), "A-1,2026-05-03,77,ECG,1,10")
    assert "Own fields" not in manager.get(url("detail", pk=order().pk)).text


def test_a_rep_reads_and_does_not_write_them(in_mercy, source, client_for):
    client = client_for(in_mercy.rep)
    assert client.get(url("order-own", pk=order().pk)).status_code == 403
    assert (
        client.patch(
            f"{API}{order().pk}/", {"own": {"ward": "x"}}, content_type="application/json"
        ).status_code
        == 403
    )
    with acting_as(actor_of(in_mercy.rep, None, "page")), pytest.raises(PermissionDenied):
        set_own({order().pk: {"ward": "x"}})


def test_a_later_version_of_the_order_leaves_them(source):
    set_own({order().pk: {"ward": "East"}})
    import_rows(source, "A-1,2026-05-03,77,ECG,1,99")
    assert order().amount == 99
    assert own() == {"ward": "East"}


def test_they_go_with_an_order_that_is_taken_back(source):
    run = import_rows(source, "A-9,2026-05-03,77,ECG,1,10")
    set_own({order("A-9").pk: {"ward": "East"}, order("A-1").pk: {"ward": "West"}})
    runs.take_back(run.pk)
    assert not Order.objects.filter(number="A-9").exists()
    assert [value.text for value in OrderValue.objects.all()] == ["West"]


def test_the_list_shows_filters_sorts_and_exports_them(source, manager):
    set_own(
        {order("A-1").pk: {"waited": 3, "urgency": "low"}, order("A-2").pk: {"waited": 10, "urgency": "high"}}
    )
    page = manager.get(f"{LIST}?sort=-own_waited").text
    assert page.index("A-2") < page.index("A-1")
    found = manager.get(f"{LIST}?own_urgency=low").text
    assert ("A-1" in found, "A-2" in found) == (True, False)
    rows = list(csv.DictReader(manager.get(f"{LIST}?export=csv").getvalue().decode("utf-8-sig").splitlines()))
    assert {(row["Order"], row["Waited"], row["Urgency"]) for row in rows} == {
        ("A-1", "3", "Low"),
        ("A-2", "10", "High"),
    }


def test_the_api_answers_takes_and_filters_them(source, client_for, in_mercy):
    client = client_for(in_mercy.administrator)
    path = f"{API}{order().pk}/"
    answer = client.patch(path, {"own": {"ward": "East", "waited": 2}}, content_type="application/json")
    assert answer.json()["own"] == {"ward": "East", "waited": "2"}
    assert client.get(path).json()["own"] == {"ward": "East", "waited": "2"}
    found = client.get(f"{API}?own_ward=ea").json()["results"]
    assert [row["number"] for row in found] == ["A-1"]
    assert client.patch(path, {"amount": "1"}, content_type="application/json").status_code == 400
    assert client.patch(path, {"own": {"x": 1}}, content_type="application/json").status_code == 400
    missing = client.patch(f"{API}{uuid7()}/", {"own": {}}, content_type="application/json")
    assert missing.status_code == 404


def test_a_feed_may_say_them(source, in_mercy):
    key = ApiKey(name="Feed", scopes=["orders:write"])
    with acting_as(actor_of(None, key, "api")):
        set_own({order().pk: {"ward": "East"}})
    assert own() == {"ward": "East"}


def test_they_come_from_files_by_number_and_go_back(source):
    text = "Order number,Ward,Waited\nA-1,East,3\nA-7,West,4\n"
    run = bring(text, kind="order-fields")
    assert own() == {"ward": "East", "waited": "3"}
    assert outcomes(run)[3][0] == "rejected"
    assert read(text, kind="order-fields").counts == {"unchanged": 1, "rejected": 1}
    give_back(run)
    assert own() == {}


def test_two_orders_of_one_number_are_told_apart_by_their_source(source):
    import_rows(make_source("Clinic"), "A-1,2026-05-03,77,ECG,1,10")
    run = read("Order number,Ward\nA-1,East\n", kind="order-fields")
    assert "say the source" in outcomes(run)[2][1]
    bring("Order number,Source,Ward\nA-1,Clinic,East\n", kind="order-fields")
    assert [value.order.source.name for value in OrderValue.objects.select_related("order__source")] == [
        "Clinic"
    ]


def test_a_value_that_cannot_be_changes_nothing(source):
    with pytest.raises(Refused) as refused:
        set_own({order().pk: {"ward": "East", "urgency": "none such"}})
    assert refused.value.field == "own_urgency"
    assert own() == {}
