"""Several currencies in the sandbox org: the list, a record's own, and what is no active one."""

import pytest

from prm.sandbox.kit.errors import SandboxError


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


def test_each_currency_has_prices_of_its_own_and_a_line_is_in_that_of_its_deal(several):
    org, writer = several.org, several.org.writers.open(several.org.administrator)
    standard = org.store.value('SELECT "Id" FROM "Pricebook2"')
    own = writer.insert("Pricebook2", {"Name": "Own", "IsActive": True})
    product = writer.insert("Product2", {"Name": "Scan", "IsActive": True})
    price = {"Product2Id": product, "UnitPrice": 1, "IsActive": True}
    dollar = writer.insert("PricebookEntry", {**price, "Pricebook2Id": standard, "CurrencyIsoCode": "USD"})
    with pytest.raises(SandboxError, match="create a standard price"):
        writer.insert("PricebookEntry", {**price, "Pricebook2Id": own, "CurrencyIsoCode": "EUR"})
    euro = writer.insert("PricebookEntry", {**price, "Pricebook2Id": standard, "CurrencyIsoCode": "EUR"})
    deal = {"Name": "D", "StageName": "Closed Won", "CloseDate": "2026-11-30", "CurrencyIsoCode": "EUR"}
    line = {"OpportunityId": writer.insert("Opportunity", deal), "Quantity": 1, "UnitPrice": 2}
    with pytest.raises(SandboxError, match="currency of the pricebook entry"):
        writer.insert("OpportunityLineItem", {**line, "PricebookEntryId": dollar})
    made = writer.insert("OpportunityLineItem", {**line, "PricebookEntryId": euro})
    row = org.store.get(org.schema.entities["opportunitylineitem"], made)
    assert row["CurrencyIsoCode"] == "EUR"
