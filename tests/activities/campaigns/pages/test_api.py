from datetime import timedelta

import pytest

from prm.core import calendar
from prm.tenancy.context import tenant_scope
from tests.activities import factories as people
from tests.activities.campaigns import factories as make

BASE = "/api/v1/mercy/campaigns/"


@pytest.fixture
def manager(mercy, client_for):
    return client_for(mercy.manager)


def body(mercy, **changes):
    today = calendar.today(mercy.tenant)
    data = {
        "name": "Echo lab",
        "channels": ["email"],
        "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=30)).isoformat(),
        "holdout_percent": 0,
    }
    return data | changes


def post(client, path, data):
    return client.post(path, data, content_type="application/json")


def test_a_campaign_by_api(mercy, manager):
    with tenant_scope(mercy.tenant):
        elena = people.partner()
        make.counting()
    made = post(manager, BASE, body(mercy))
    assert made.status_code == 201, made.content
    one = f"{BASE}{made.json()['id']}/"
    assert post(manager, f"{one}start/", {}).json()["code"] == "no_members"
    assert post(manager, f"{one}members/", {"partners": [str(elena.pk)]}).json() == {"added": 1, "waits": 0}
    assert post(manager, f"{one}links/", {"label": "X", "url": "https://evil.example/"}).status_code == 400
    assert post(manager, f"{one}links/", {"label": "X", "url": f"https://{make.HOST}/x"}).status_code == 201
    assert post(manager, f"{one}start/", {}).json()["state"] == "running"
    assert post(manager, f"{one}sent/", {"on": body(mercy)["starts_on"]}).status_code == 200
    members = manager.get("/api/v1/mercy/campaign-members/").json()["results"]
    assert [(row["partner_name"], row["group"]) for row in members] == [("Dr. Elena Marchetti", "sent")]
    assert post(manager, f"{one}end/", {}).json()["state"] == "ended"


def test_another_currency_is_refused_in_words(mercy, manager):
    answer = post(manager, BASE, body(mercy, currency="JPY", budget="1000"))
    assert answer.status_code == 400 and "convert JPY" in answer.content.decode()
    assert manager.get(BASE).json()["results"] == []


def test_some_fields_change_and_the_rest_stays(mercy, manager):
    made = post(manager, BASE, body(mercy, goal="More")).json()
    one = f"{BASE}{made['id']}/"
    changed = manager.patch(one, {"spent": "120.00"}, content_type="application/json").json()
    assert (changed["spent"], changed["goal"], changed["weeks"]) == ("120.00", "More", 8)


def test_who_came_and_what_came_back_by_api(mercy, manager):
    with tenant_scope(mercy.tenant):
        made = make.running(people.partner())
        member = str(made.members.get().pk)
    one = f"{BASE}{made.pk}/"
    assert post(manager, f"{one}attendance/", {"members": [member]}).json() == {"changed": 1}
    assert post(manager, f"{one}attendance/", {"members": [member], "attended": False}).json() == {
        "changed": 1
    }
    assert post(manager, f"{one}reach/", {"members": [member], "reach": "stopped"}).json() == {"changed": 1}
    assert post(manager, f"{one}reach/", {"members": [member], "reach": "gone"}).status_code == 400
    assert post(manager, f"{one}attendance/", {"members": []}).status_code == 400


def test_mailed_again_by_api(mercy, manager):
    with tenant_scope(mercy.tenant):
        made = make.running(people.partner())
        tomorrow = calendar.today(mercy.tenant) + timedelta(days=1)
    one = f"{BASE}{made.pk}/sent-again/"
    assert post(manager, one, {"on": str(tomorrow)}).status_code == 200
    with tenant_scope(mercy.tenant):
        assert made.waves.get().again_on == [tomorrow]
    assert post(manager, one, {"on": str(tomorrow - timedelta(days=1))}).status_code == 400
    rows = manager.get(f"/api/v1/mercy/campaign-members/?campaign={made.pk}&did=away&ordered=false").json()[
        "results"
    ]
    assert [row["orders"] for row in rows] == [0]
