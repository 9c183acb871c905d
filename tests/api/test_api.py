"""The API's description says what the addresses answer."""

import pytest


@pytest.fixture
def schema(mercy, client_for):
    answer = client_for(mercy.manager).get("/api/v1/mercy/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


def test_every_operation_says_how_errors_look(schema):
    operations = [
        one for path in schema["paths"].values() for key, one in path.items() if key != "parameters"
    ]
    assert len(operations) > 40
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.parametrize(
    ("component", "fields"),
    [("BudgetUpdate", ("visit", "reverses", "by")), ("Insight", ("visit", "rep", "opportunity"))],
)
def test_what_may_be_missing_is_nullable(schema, component, fields):
    properties = schema["components"]["schemas"][component]["properties"]
    assert [field for field in fields if not properties[field].get("nullable")] == []


@pytest.mark.parametrize(
    ("component", "fields"),
    [("Partner", ("tier",)), ("Review", ("from_tier", "proposed_tier", "decided_tier"))],
)
def test_a_tier_may_be_empty(schema, component, fields):
    for field in fields:
        assert "BlankEnum" in str(schema["components"]["schemas"][component]["properties"][field])


def test_differentiators_are_sent_by_id_and_answered_by_name(schema):
    sent, answered = (
        schema["components"]["schemas"][name]["properties"]["differentiators"]["items"]
        for name in ("InsightRequest", "Insight")
    )
    assert sent == {"type": "string", "format": "uuid"}
    assert answered == {"$ref": "#/components/schemas/Named"}
