def test_describe_answers_304_until_the_schema_changes(api):
    api.org.clock.advance(5)
    modified = api.get("/sobjects/Account/describe").headers["Last-Modified"]
    headers = {"If-Modified-Since": modified}
    assert api.get("/sobjects/Account/describe", headers=headers).status_code == 304
    api.org.clock.advance(5)
    api.add_field("Account.PRM_Id__c")
    assert api.get("/sobjects/Account/describe", headers=headers).status_code == 200


def test_describe_global_lists_what_the_user_sees(api):
    names = {each["name"]: each for each in api.get("/sobjects").json()["sobjects"]}
    assert {"Account", "Opportunity", "Event", "Task", "PermissionSet"} <= set(names)
    assert names["Account"]["keyPrefix"] == "001"
    assert names["OpportunityStage"]["createable"] is False
