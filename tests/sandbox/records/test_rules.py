import pytest


def deal(api, **fields):
    return api.create(
        "Opportunity", **{"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-11-30", **fields}
    )


def read(api, name, record_id):
    return api.get(f"/sobjects/{name}/{record_id}").json()


def standard_price(api, name="Scan", price=10):
    product = api.create("Product2", Name=name, ProductCode=name.upper(), IsActive=True)
    book = api.rows("SELECT Id FROM Pricebook2 WHERE IsStandard = true")[0]["Id"]
    entry = api.create(
        "PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=price, IsActive=True
    )
    return product, book, entry


def test_numbers_are_rounded_half_up_to_the_scale(api):
    made = deal(api, Amount=10.005, TotalOpportunityQuantity=1.005)
    body = read(api, "Opportunity", made)
    assert (body["Amount"], body["TotalOpportunityQuantity"]) == (10.01, 1.01)


def test_moments_are_stored_in_utc_and_whole_seconds(api):
    made = api.create(
        "Event", Subject="Visit", StartDateTime="2026-11-23T10:00:00.999+01:00", DurationInMinutes=30
    )
    body = read(api, "Event", made)
    assert body["StartDateTime"] == "2026-11-23T09:00:00.000+0000"
    assert body["EndDateTime"] == "2026-11-23T09:30:00.000+0000"
    assert (body["ActivityDate"], body["ActivityDateTime"]) == ("2026-11-23", body["StartDateTime"])


def test_stage_drives_state_and_probability(api):
    made = deal(api, Amount=200)
    body = read(api, "Opportunity", made)
    assert (body["IsClosed"], body["IsWon"], body["Probability"]) == (False, False, 10.0)
    assert body["ExpectedRevenue"] == 20.0
    api.patch(f"/sobjects/Opportunity/{made}", {"StageName": "closed won"})
    body = read(api, "Opportunity", made)
    assert (body["StageName"], body["IsClosed"], body["IsWon"]) == ("Closed Won", True, True)
    assert (body["Probability"], body["ForecastCategoryName"]) == (100.0, "Closed")
    api.patch(f"/sobjects/Opportunity/{made}", {"StageName": "Closed Lost", "Probability": 5})
    body = read(api, "Opportunity", made)
    assert (body["IsClosed"], body["IsWon"], body["Probability"]) == (True, False, 5.0)
    refused = api.patch(f"/sobjects/Opportunity/{made}", {"IsWon": True})
    assert api.error(refused) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_amount_follows_line_items_and_writes_to_it_are_ignored(api):
    _, book, entry = standard_price(api)
    made = deal(api, Amount=5)
    line = api.create(
        "OpportunityLineItem", OpportunityId=made, PricebookEntryId=entry, Quantity=3, UnitPrice=10
    )
    body = read(api, "Opportunity", made)
    assert (body["Amount"], body["HasOpportunityLineItem"], body["Pricebook2Id"]) == (30.0, True, book)
    api.org.clock.advance(5)
    assert api.patch(f"/sobjects/Opportunity/{made}", {"Amount": 999}).status_code == 204
    assert read(api, "Opportunity", made)["Amount"] == 30.0
    before = read(api, "Opportunity", made)["SystemModstamp"]
    api.org.clock.advance(5)
    api.patch(f"/sobjects/OpportunityLineItem/{line}", {"Quantity": 4, "Discount": 50})
    after = read(api, "Opportunity", made)
    assert after["Amount"] == 20.0
    assert after["SystemModstamp"] > before
    assert api.patch(f"/sobjects/Opportunity/{made}", {"Pricebook2Id": None}).status_code == 400
    api.delete(f"/sobjects/OpportunityLineItem/{line}")
    body = read(api, "Opportunity", made)
    assert body["HasOpportunityLineItem"] is False
    assert api.patch(f"/sobjects/Opportunity/{made}", {"Amount": 7}).status_code == 204
    assert read(api, "Opportunity", made)["Amount"] == 7.0


def test_line_items_want_one_price_and_the_deals_own_book(api):
    product, _, entry = standard_price(api)
    made = deal(api)
    line = {"OpportunityId": made, "PricebookEntryId": entry, "Quantity": 2}
    both = api.post("/sobjects/OpportunityLineItem", {**line, "UnitPrice": 1, "TotalPrice": 2})
    assert api.error(both) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert api.error(api.post("/sobjects/OpportunityLineItem", line)) == (400, "REQUIRED_FIELD_MISSING")
    total = api.create("OpportunityLineItem", **line, TotalPrice=9)
    assert read(api, "OpportunityLineItem", total)["UnitPrice"] == 4.5
    other = api.create("Pricebook2", Name="Other", IsActive=True)
    foreign = api.create("PricebookEntry", Pricebook2Id=other, Product2Id=product, UnitPrice=1, IsActive=True)
    refused = api.post("/sobjects/OpportunityLineItem", {**line, "PricebookEntryId": foreign, "UnitPrice": 1})
    assert "different pricebook" in refused.json()[0]["message"]


def test_custom_price_needs_a_standard_one_and_is_single(api):
    product = api.create("Product2", Name="P", IsActive=True)
    other = api.create("Pricebook2", Name="Other", IsActive=True)
    price = {"Pricebook2Id": other, "Product2Id": product, "UnitPrice": 1}
    refused = api.post("/sobjects/PricebookEntry", price)
    assert api.error(refused) == (400, "STANDARD_PRICE_NOT_DEFINED")
    standard = api.rows("SELECT Id FROM Pricebook2 WHERE IsStandard = true")[0]["Id"]
    api.create("PricebookEntry", **{**price, "Pricebook2Id": standard})
    api.create("PricebookEntry", **price)
    assert api.error(api.post("/sobjects/PricebookEntry", price)) == (400, "DUPLICATE_VALUE")
    assert api.delete(f"/sobjects/Pricebook2/{standard}").status_code == 400


def test_product_in_use_cannot_be_deleted(api):
    product, _, entry = standard_price(api)
    api.create(
        "OpportunityLineItem", OpportunityId=deal(api), PricebookEntryId=entry, Quantity=1, UnitPrice=1
    )
    assert api.error(api.delete(f"/sobjects/Product2/{product}")) == (400, "DELETE_FAILED")
    assert read(api, "Product2", product)["IsDeleted"] is False


def test_contact_name_is_put_together(api):
    made = api.create("Contact", FirstName="Ann", LastName="Lee")
    assert read(api, "Contact", made)["Name"] == "Ann Lee"
    assert api.patch(f"/sobjects/Contact/{made}", {"Name": "x"}).status_code == 400


def test_activities_know_their_account_and_completion(api):
    account = api.create("Account", Name="A")
    made = deal(api, AccountId=account)
    task = api.create("Task", Subject="Call", WhatId=made)
    body = read(api, "Task", task)
    assert (body["AccountId"], body["Status"], body["IsClosed"]) == (account, "Not Started", False)
    api.patch(f"/sobjects/Task/{task}", {"Status": "Completed"})
    body = read(api, "Task", task)
    assert body["IsClosed"] is True
    assert body["CompletedDateTime"] == body["SystemModstamp"]


@pytest.mark.parametrize(
    "fields",
    [
        {"StartDateTime": "2026-11-23T10:00:00Z"},
        {"StartDateTime": "2026-11-23T10:00:00Z", "EndDateTime": "2026-11-23T09:00:00Z"},
        {"StartDateTime": "2026-11-23T10:00:00Z", "DurationInMinutes": 60 * 24 * 15},
    ],
)
def test_events_need_a_possible_length(api, fields):
    assert api.post("/sobjects/Event", {"Subject": "x", **fields}).status_code == 400


def test_campaign_member_is_single_and_responds(api):
    campaign = api.create("Campaign", Name="C")
    contact = api.create("Contact", LastName="L")
    member = {"CampaignId": campaign, "ContactId": contact}
    made = api.create("CampaignMember", **member, Status="Responded")
    assert read(api, "CampaignMember", made)["HasResponded"] is True
    assert api.error(api.post("/sobjects/CampaignMember", member)) == (400, "DUPLICATE_VALUE")


def test_campaign_member_is_one_person_or_account_with_a_status_of_its_campaign(api):
    campaign, account = api.create("Campaign", Name="C"), api.create("Account", Name="A")
    contact = api.create("Contact", LastName="L")
    member = {"CampaignId": campaign, "AccountId": account}
    made = api.create("CampaignMember", **member)
    rows = api.rows(f"SELECT Status, Name, HasResponded FROM CampaignMember WHERE Id = '{made}'")
    assert rows == [{"Status": "Sent", "Name": "A", "HasResponded": False}]
    for wrong in ({"CampaignId": campaign}, {**member, "ContactId": contact}):
        assert api.error(api.post("/sobjects/CampaignMember", wrong)) == (400, "FIELD_INTEGRITY_EXCEPTION")
    assert api.error(api.patch(f"/sobjects/CampaignMember/{made}", {"Status": "Registered"})) == (
        400,
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    )
    api.create("CampaignMemberStatus", CampaignId=campaign, Label="Registered", HasResponded=True)
    assert api.patch(f"/sobjects/CampaignMember/{made}", {"Status": "registered"}).status_code == 204
    rows = api.rows(f"SELECT Status, HasResponded FROM CampaignMember WHERE Id = '{made}'")
    assert rows == [{"Status": "Registered", "HasResponded": True}]


def test_a_deleted_campaign_member_is_in_no_recycle_bin(api):
    campaign, account = api.create("Campaign", Name="C"), api.create("Account", Name="A")
    made = api.create("CampaignMember", CampaignId=campaign, AccountId=account)
    assert api.delete(f"/sobjects/CampaignMember/{made}").status_code == 204
    assert api.rows("SELECT Id FROM CampaignMember", "/queryAll") == []


def test_create_only_fields_cannot_be_changed(api):
    made = api.create("OpportunityCompetitor", OpportunityId=deal(api), CompetitorName="Rival")
    refused = api.patch(f"/sobjects/OpportunityCompetitor/{made}", {"OpportunityId": deal(api)})
    assert api.error(refused) == (400, "INVALID_FIELD_FOR_INSERT_UPDATE")


def test_custom_number_text_and_picklist_fields(api):
    api.add_field("Account.Score__c", {"type": "Number", "label": "Score", "precision": 4, "scale": 1})
    values = [{"fullName": name, "label": name, "default": name == "low"} for name in ("high", "low")]
    tier = {"restricted": True, "valueSetDefinition": {"sorted": False, "value": values}}
    api.add_field("Account.Tier__c", {"type": "Picklist", "label": "Tier", "valueSet": tier})
    api.add_field(
        "Account.Story__c", {"type": "LongTextArea", "label": "Story", "length": 1000, "visibleLines": 3}
    )
    for name in ("Score__c", "Tier__c", "Story__c"):
        api.grant(f"Account.{name}")
    made = api.create("Account", Name="A", Score__c=66.66, Story__c="line 1\r\nline 2")
    body = read(api, "Account", made)
    assert (body["Score__c"], body["Tier__c"]) == (66.7, "low")
    assert body["Story__c"] == "line 1\r\nline 2"
    path = f"/sobjects/Account/{made}"
    assert api.error(api.patch(path, {"Score__c": 1000})) == (400, "NUMBER_OUTSIDE_VALID_RANGE")
    assert api.error(api.patch(path, {"Tier__c": "none"})) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert api.error(api.patch(path, {"Story__c": "x" * 1001})) == (400, "STRING_TOO_LONG")
