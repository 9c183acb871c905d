"""Several currencies in the sandbox org: the list, a record's own, and what is no active one."""

import pytest


@pytest.fixture
def several(api):
    api.create("Account", Name="Before")
    api.org.features.turn({"currencies": ["USD", "EUR"]})
    return api


def test_with_one_currency_there_is_no_word_of_it(api):
    assert api.field("Opportunity", "CurrencyIsoCode") is None
    assert api.error(api.get("/query", params={"q": "SELECT IsoCode FROM CurrencyType"})) == (
        400,
        "INVALID_TYPE",
    )


def test_records_have_one_and_the_list_says_which_are_active(several):
    assert several.rows("SELECT Name, CurrencyIsoCode FROM Account") == [
        {"Name": "Before", "CurrencyIsoCode": "USD"}
    ]
    several.create("Account", Name="Euro", CurrencyIsoCode="EUR")
    several.create("Account", Name="None said")
    found = several.rows("SELECT CurrencyIsoCode FROM Account WHERE Name != 'Before' ORDER BY Name")
    assert [row["CurrencyIsoCode"] for row in found] == ["EUR", "USD"]
    several.org.features.turn({"currencies": ["USD"]})
    listed = several.rows("SELECT IsoCode, IsActive, IsCorporate FROM CurrencyType ORDER BY IsoCode")
    assert listed == [
        {"IsoCode": "EUR", "IsActive": False, "IsCorporate": False},
        {"IsoCode": "USD", "IsActive": True, "IsCorporate": True},
    ]
    values = several.field("Account", "CurrencyIsoCode")["picklistValues"]
    assert {each["value"]: each["active"] for each in values} == {"USD": True, "EUR": False}


@pytest.mark.parametrize("code", ["SEK", "EURO", "12"])
def test_what_is_no_active_currency_is_refused(several, code):
    answer = several.post("/sobjects/Account", {"Name": "A", "CurrencyIsoCode": code})
    assert answer.json()[0]["errorCode"] in ("INVALID_CURRENCY_ISO", "STRING_TOO_LONG")


def test_codes_of_three_letters_only_are_turned_on(several):
    with pytest.raises(ValueError, match="three letters"):
        several.org.features.turn({"currencies": ["US$"]})
