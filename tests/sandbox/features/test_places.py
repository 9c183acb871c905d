"""State and country/territory picklists of the sandbox org: describe, names and codes, refusals."""

import base64

import pytest

from prm.sandbox.org import SandboxOrg


@pytest.fixture
def places(api):
    api.org.features.turn({"places": True})
    return api


def refused(answer):
    error = answer.json()[0]
    return error["errorCode"], error["fields"]


def test_without_them_an_address_is_text(api):
    assert api.field("Account", "BillingCountryCode") is None
    made = api.create("Account", Name="Ann", BillingState="Calif.")
    assert api.rows(f"SELECT BillingState FROM Account WHERE Id = '{made}'") == [{"BillingState": "Calif."}]


def test_describe_shows_lists_and_which_states_belong_to_which_country(places):
    country = places.field("Account", "BillingCountryCode")
    state = places.field("Account", "BillingStateCode")
    assert (country["type"], country["restrictedPicklist"]) == ("picklist", True)
    assert (state["controllerName"], state["dependentPicklist"]) == ("BillingCountryCode", True)
    codes = [each["value"] for each in country["picklistValues"]]
    ontario = next(each for each in state["picklistValues"] if each["label"] == "Ontario")
    bits = base64.b64decode(ontario["validFor"])
    assert [code for place, code in enumerate(codes) if bits[place // 8] & (0x80 >> place % 8)] == ["CA"]
    assert places.field("Contact", "MailingCountryCode") is not None


@pytest.mark.parametrize(
    "given",
    [
        {"BillingCountryCode": "US", "BillingStateCode": "CA"},
        {"BillingCountry": "united states", "BillingState": "California"},
        # Of a new record the code goes before the name.
        {"BillingCountryCode": "US", "BillingCountry": "Germany", "BillingStateCode": "CA"},
    ],
)
def test_names_and_codes_are_kept_in_step(places, given):
    made = places.create("Account", Name="Ann", **given)
    names = "BillingCountry, BillingCountryCode, BillingState, BillingStateCode"
    assert places.rows(f"SELECT {names} FROM Account WHERE Id = '{made}'") == [
        {"BillingCountry": "United States", "BillingCountryCode": "US", "BillingState": "California", "BillingStateCode": "CA"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"BillingStateCode": "CA"}, "BillingState"),
        ({"BillingState": "California"}, "BillingState"),
        ({"BillingCountryCode": "US", "BillingState": "Calif."}, "BillingStateCode"),
        ({"BillingCountryCode": "DE", "BillingStateCode": "BY"}, "BillingStateCode"),
        ({"BillingCountryCode": "US", "BillingStateCode": "ON"}, "BillingStateCode"),
        ({"BillingCountryCode": "QQ"}, "BillingCountryCode"),
        ({"BillingCountry": "Freedonia"}, "BillingCountryCode"),
    ],
)
def test_what_is_in_no_list_is_refused_by_name_of_its_field(places, given, field):
    answer = places.post("/sobjects/Account", {"Name": "Ann", **given})
    assert refused(answer) == ("FIELD_INTEGRITY_EXCEPTION", [field])


def test_later_a_name_and_a_code_must_agree(places):
    made = places.create("Account", Name="Ann", BillingCountryCode="US", BillingStateCode="CA")
    path = f"/sobjects/Account/{made}"
    both = {"BillingCountryCode": "CA", "BillingCountry": "Germany"}
    assert refused(places.patch(path, both)) == ("FIELD_INTEGRITY_EXCEPTION", ["BillingCountryCode"])
    # California is no state of Canada.
    assert refused(places.patch(path, {"BillingCountryCode": "CA"}))[1] == ["BillingStateCode"]
    assert places.patch(path, {"BillingCountryCode": "CA", "BillingStateCode": "ON"}).status_code == 204
    assert places.patch(path, {"BillingCountryCode": None}).status_code == 204
    rows = places.rows("SELECT BillingCountry, BillingState, BillingStateCode FROM Account")
    assert rows == [{"BillingCountry": None, "BillingState": None, "BillingStateCode": None}]


def test_new_records_get_the_default_country(places):
    places.org.features.turn({"default_country": "US"})
    places.create("Account", Name="Ann", BillingState="Oregon")
    assert places.rows("SELECT BillingCountryCode, BillingStateCode FROM Account") == [
        {"BillingCountryCode": "US", "BillingStateCode": "OR"}
    ]


def test_turning_them_on_converts_what_is_there_and_survives_a_restart(tmp_path):
    org = SandboxOrg(tmp_path / "org")
    org.writers.open(org.integration).insert(
        "Account", {"Name": "Ann", "BillingCountry": "Canada", "BillingState": "ON"}
    )
    org.features.turn({"places": True, "default_country": "CA"})
    org.close()
    again = SandboxOrg(tmp_path / "org")
    assert again.features.show()["places"] is True
    row = again.store.row('SELECT "BillingCountryCode", "BillingStateCode" FROM "Account"')
    assert row == {"BillingCountryCode": "CA", "BillingStateCode": "ON"}
    again.features.turn({"places": False})
    assert "BillingCountryCode" not in again.schema.entities["account"].fields
    again.close()


def test_the_door_turns_them_and_refuses_what_is_none(api):
    def door(method, body=None):
        return api.session.request(method, f"{api.url}/__sandbox__/features", json=body, timeout=10)

    assert door("POST", {"places": True}).json()["places"] is True
    assert door("GET").json()["places"] is True
    assert door("POST", {"weather": True}).status_code == 400
    assert door("POST", {"default_country": "QQ"}).status_code == 400
    page = api.session.get(f"{api.url}/__sandbox__/", timeout=10).text
    assert "State and country/territory picklists" in page
    form = {"do": "features", "default_country": "DE"}
    api.session.post(
        f"{api.url}/__sandbox__/", data=form, headers={"Origin": api.server.url.rsplit("/", 1)[0]}, timeout=10
    )
    assert door("GET").json() | {"places": False, "default_country": "DE"} == door("GET").json()
