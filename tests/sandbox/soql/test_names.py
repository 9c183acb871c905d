import pytest

from prm.sandbox.kit.errors import SandboxError


def refusal(api, soql):
    with pytest.raises(SandboxError) as refused:
        api.org.queries.run(api.org.integration, soql, base="")
    return refused.value.code, refused.value.message.splitlines()[-1]


def test_a_parent_is_joined_once_however_often_it_is_named(api):
    parent = api.create("Account", Name="Parent", Site="there")
    api.create("Account", Name="Child", ParentId=parent)
    soql = "SELECT Parent.Name, Parent.Site FROM Account WHERE Parent.Name = 'parent' ORDER BY parent.site"
    record = api.query(soql)["records"][0]
    assert (record["Parent"]["Name"], record["Parent"]["Site"]) == ("Parent", "there")


def test_five_levels_of_parents_may_be_traversed(api):
    assert api.query(f"SELECT {'Parent.' * 5}Name FROM Account")["records"] == []
    code, message = refusal(api, f"SELECT {'Parent.' * 6}Name FROM Account")
    assert (code, "only 5 levels" in message) == ("INVALID_FIELD", True)


@pytest.mark.parametrize("path", ["What.Name", "Nobody.Name", "Subject.Name"])
def test_a_path_needs_a_relationship_to_one_object(api, path):
    code, message = refusal(api, f"SELECT {path} FROM Task")
    assert code == "INVALID_FIELD"
    assert message.startswith(f"Didn't understand relationship '{path.split('.')[0]}' in field path.")


def test_a_field_that_is_hidden_is_not_there_for_any_clause(api):
    api.add_field("Account.Secret__c")
    for soql in (
        "SELECT Secret__c FROM Account",
        "SELECT Id FROM Account WHERE Secret__c = 'x'",
        "SELECT Id FROM Account ORDER BY Secret__c",
        "SELECT COUNT(Id) FROM Account GROUP BY Secret__c",
        "SELECT Account.Secret__c FROM Contact",
    ):
        code, message = refusal(api, soql)
        assert code == "INVALID_FIELD"
        assert message.startswith("No such column 'Secret__c' on entity 'Account'")


def test_the_catalogue_is_asked_by_tooling_alone_except_for_definitions(api):
    assert refusal(api, "SELECT Id FROM CustomField")[0] == "INVALID_TYPE"
    assert api.rows("SELECT Id FROM CustomField", "/tooling/query") == []
    assert len(api.rows("SELECT QualifiedApiName FROM EntityDefinition")) > 10
