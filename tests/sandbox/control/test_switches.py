"""What can be made difficult: by JSON for programs, on a page for people."""

import html
import re

import pytest
import requests


def control(api, path, method="POST", **body):
    answer = requests.request(method, f"{api.url}/__sandbox__/{path}", json=body or None, timeout=10)
    return answer.status_code, answer.json()


def names(api, entity="Account"):
    described = api.get(f"/sobjects/{entity}/describe").json()
    return {each["name"]: each["updateable"] for each in described["fields"]}


def test_fields_are_hidden_closed_renamed_and_given_back(keyed):
    api = keyed
    api.create("Account", Name="A", PRM_Id__c="a")
    control(api, "access", field="Account.Phone", see=False)
    control(api, "access", field="Account.Website", edit=False)
    control(api, "access", field="Account.PRM_Id__c", rename="PRM_Key__c")
    found = names(api)
    assert "Phone" not in found and found["Website"] is False and "PRM_Id__c" not in found
    assert api.rows("SELECT PRM_Key__c FROM Account") == [{"PRM_Key__c": "a"}]
    assert api.error(api.get("/query", params={"q": "SELECT Phone FROM Account"})) == (400, "INVALID_FIELD")
    status, shown = control(api, "access", method="GET")
    assert (status, shown["hidden"], shown["renamed"]) == (
        200,
        ["Account.Phone"],
        {"Account.PRM_Key__c": "PRM_Id__c"},
    )
    control(api, "access", method="DELETE")
    assert names(api)["Phone"] is True
    assert api.rows("SELECT PRM_Id__c FROM Account") == [{"PRM_Id__c": "a"}]


def test_an_object_is_taken_away(api):
    control(api, "access", object="Task", take=["read"])
    assert api.get("/sobjects/Task/describe").status_code == 404
    assert api.error(api.get("/query", params={"q": "SELECT Id FROM Task"})) == (400, "INVALID_TYPE")
    control(api, "access", object="Task", take=["edit"])
    assert api.get("/sobjects/Task/describe").json()["updateable"] is False


@pytest.mark.parametrize(
    "wanted",
    [
        {"object": "Nothing", "take": ["read"]},
        {"object": "Task", "take": ["fly"]},
        {"field": "Account.Nothing", "see": False},
        {"field": "Account.Phone", "rename": "Phone2"},
    ],
)
def test_what_makes_no_sense_is_refused(api, wanted):
    assert control(api, "access", **wanted)[0] == 400


@pytest.mark.parametrize(("old", "status"), [("redirect", 301), ("unrouted", 420)])
def test_the_org_moves_and_sign_in_names_the_new_address(api, old, status):
    control(api, "instance", old_answers=old)
    assert api.get("/limits", allow_redirects=False).status_code == status
    granted = requests.post(
        f"{api.url}/services/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": api.org.app.client_id,
            "client_secret": api.org.app.client_secret,
        },
        timeout=10,
    ).json()
    assert granted["instance_url"] == f"{api.url}-2"
    there = requests.get(
        f"{granted['instance_url']}/services/data/v66.0/limits",
        headers={"Authorization": f"Bearer {granted['access_token']}"},
        timeout=10,
    )
    assert there.status_code == 200
    control(api, "instance", method="DELETE")
    assert api.get("/limits").status_code == 200


# --- the page -------------------------------------------------------------------------------------


def page(api, **form):
    url = f"{api.url}/__sandbox__/"
    return (requests.post(url, data=form, timeout=10) if form else requests.get(url, timeout=10)).text


TURNS = [
    ({"do": "hide", "field": "Account.Phone"}, "Account.Phone is hidden."),
    ({"do": "close", "field": "Account.Phone"}, "Account.Phone may only be read."),
    ({"do": "take", "object": "Task", "right": "read"}, "sees nothing of Task"),
    ({"do": "move", "answer": "silent"}, "closes the connection"),
    ({"do": "late", "object": "Account", "number": "8"}, "seconds 480"),
    ({"do": "ignore", "field": "Account.Phone"}, "revert Phone"),
    ({"do": "fight", "field": "Account.Phone", "value": "9"}, "Phone = 9"),
    ({"do": "lock", "object": "Account", "number": "30"}, "probability 0.3"),
    ({"do": "slow", "number": "3"}, "Delay"),
    ({"do": "lose", "number": "3"}, "Lose after"),
]


@pytest.mark.parametrize(("form", "words"), TURNS, ids=[form["do"] for form, _ in TURNS])
def test_a_switch_is_turned_and_turned_back(api, form, words):
    assert f"value={form['do']}>" in page(api)
    shown = page(api, **form)
    assert words in html.unescape(shown)
    what = re.search(r'name=what value="([^"]+)"', shown)
    assert what
    assert "Nothing is difficult at present" in page(api, do="end", what=what.group(1))


def test_everything_is_switched_off_at_once(keyed):
    page(keyed, do="hide", field="Account.Phone")
    page(keyed, do="rename", field="Account.PRM_Id__c", to="PRM_Key__c")
    page(keyed, do="move", answer="redirect")
    assert "Nothing is difficult at present" in page(keyed, do="restore")
    assert {"Phone", "PRM_Id__c"} <= names(keyed).keys()


def test_nonsense_and_strangers_are_refused(api):
    assert "There is no" in page(api, do="fly").replace("there is no such", "There is no")
    url = f"{api.url}/__sandbox__/"
    foreign = requests.post(url, data={"do": "restore"}, headers={"Origin": "https://x.example"}, timeout=10)
    assert foreign.status_code == 403
