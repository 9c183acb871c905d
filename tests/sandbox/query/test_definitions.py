def fields_of(api, name):
    soql = f"SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = '{name}'"
    return [row["QualifiedApiName"] for row in api.rows(soql)]


def test_definitions_follow_every_change_of_the_schema(api):
    before = fields_of(api, "Account")
    made = api.add_field("Account.New__c")
    assert fields_of(api, "Account") == [*before, "New__c"]
    api.delete(f"/tooling/sobjects/CustomField/{made}")
    assert fields_of(api, "Account") == before


def test_a_custom_object_is_named_by_its_id(api):
    metadata = {"label": "Thing", "pluralLabel": "Things", "nameField": {"type": "Text", "label": "Name"}}
    body = {"FullName": "Thing__c", "Metadata": metadata}
    made = api.post("/tooling/sobjects/CustomObject", body).json()["id"]
    rows = api.rows("SELECT DurableId, PluralLabel FROM EntityDefinition WHERE QualifiedApiName = 'Thing__c'")
    assert rows == [{"DurableId": made, "PluralLabel": "Things"}]
    read = api.get("/tooling/sobjects/EntityDefinition/Account")
    assert api.error(read) == (400, "MALFORMED_ID")
