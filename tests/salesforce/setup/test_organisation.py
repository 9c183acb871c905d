"""Making fields, object and permission set in an organisation."""

import pytest

from prm.core.errors import Refused
from prm.salesforce.mapping import registry
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.setup import organisation
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire.client import Org


@pytest.fixture
def bare(bound, server):
    """Connected, not set up."""
    setup_service.connect(
        login_url=server.url, client_id=server.client_id, client_secret=server.client_secret
    )
    return Org(StoredTokens())


def fields(org, sobject):
    return {each["name"]: each for each in org.describe(sobject)["fields"]}


def test_everything_the_mappings_need_is_made_and_visible(bare):
    result = setup_service.set_up()
    assert result.complete
    assert result.warnings == []
    for one in registry.mappings().values():
        there = fields(bare, one.sobject)
        for each in [*one.fields, *one.parents]:
            assert each.there in there
        key = there[one.external_id]
        assert key["externalId"] and key["unique"] and key["length"] == 36
        for each in one.pushed:
            assert there[each.there]["updateable"], (one.sobject, each.there)
        for parent in one.parents:
            assert there[parent.there]["createable" if parent.fixed else "updateable"], (
                one.sobject,
                parent.there,
            )


def test_the_types_are_those_declared(bare):
    setup_service.set_up()
    account = fields(bare, "Account")
    assert (account["PRM_Score__c"]["type"], account["PRM_Score__c"]["scale"]) == ("double", 1)
    assert account["PRM_Revenue_12m__c"]["type"] == "currency"
    assert account["PRM_Market_Share__c"]["type"] == "percent"
    assert fields(bare, "PRM_Insight__c")["PRM_Account__c"]["referenceTo"] == ["Account"]


def test_a_dry_run_lists_the_same_and_makes_nothing(bare):
    planned = setup_service.set_up(dry_run=True).made
    assert "PRM_Id__c" not in fields(bare, "Account")
    made = setup_service.set_up().made
    assert set(planned) <= set(made)
    assert "field Account.PRM_Id__c (Text)" in planned


def test_a_second_run_makes_nothing(bare):
    setup_service.set_up()
    again = setup_service.set_up()
    assert (again.made, again.complete) == ([], True)


def test_a_field_that_somebody_removed_is_made_again(bare):
    setup_service.set_up()
    rows = bare._call(
        "tooling/query", "GET", params={"q": "SELECT Id FROM CustomField WHERE DeveloperName = 'PRM_Level'"}
    )["records"]
    bare._call(f"tooling/sobjects/CustomField/{rows[0]['Id']}", "DELETE")
    assert any("PRM_Level__c" in made for made in setup_service.set_up().made)
    assert "PRM_Level__c" in fields(bare, "Account")


def test_fields_nobody_may_see_are_named(bare, monkeypatch):
    monkeypatch.setattr(organisation._SetUp, "_permit", lambda *args: None)
    result = organisation.set_up(bare, registry.mappings().values(), user_id="", pause=lambda seconds: None)
    assert not result.complete
    assert "Account.PRM_Id__c" in result.missing


REFUSED = [{"errorCode": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": "cannot be inserted"}]


def test_an_object_is_deployed_where_tooling_refuses_it(bare, server, monkeypatch):
    """Fault 19, by the Metadata API's REST deploy through our own transport."""
    server.faults.add(
        kind="status", status=400, path="tooling/sobjects/CustomObject", method="POST", times=0, body=REFUSED
    )
    monkeypatch.setattr(organisation.time, "sleep", lambda seconds: None)
    steps = []
    result = organisation.set_up(
        bare,
        registry.mappings().values(),
        user_id=server.org.integration.id,
        pause=lambda s: None,
        report=steps.append,
    )
    assert (result.complete, result.failures, result.by_hand) == (True, [], [])
    assert "Deploying PRM_Insight__c: 1 of 1 parts, Succeeded" in steps
    assert setup_service.set_up().made == []


def test_one_failing_step_stops_no_other_and_says_what_to_click(bare, server):
    server.faults.add(
        kind="status", status=400, path="tooling/sobjects/CustomField", method="POST", times=1,
        body=[{"errorCode": "INSUFFICIENT_ACCESS", "message": "no right"}],
    )  # fmt: skip
    result = organisation.set_up(
        bare, registry.mappings().values(), user_id=server.org.integration.id, pause=lambda seconds: None
    )
    (failure,) = result.failures
    assert "INSUFFICIENT_ACCESS: no right" in failure
    assert len(result.missing) == 1
    first, *rest = result.by_hand
    assert first.startswith(
        "Setup → Object Manager → Account → Fields & Relationships → New → Text, length 36."
    )
    assert "External ID" in first
    assert any("Manage Assignments" in step for step in rest)
    assert organisation.set_up(
        bare, registry.mappings().values(), user_id=server.org.integration.id, pause=lambda seconds: None
    ).complete


def test_without_a_connection_it_is_refused(bound):
    with pytest.raises(Refused, match="not connected"):
        setup_service.set_up()
