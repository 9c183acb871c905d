"""The API's description says what the addresses answer."""

import pytest


@pytest.fixture
def schema(mercy, client_for):
    answer = client_for(mercy.manager).get("/api/v1/mercy/schema/", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return answer.json()


def operations(schema):
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_operation_names_the_statuses_of_errors_and_how_they_look(schema):
    found = list(operations(schema))
    assert len(found) > 40
    always = {"400", "401", "403", "404", "406", "429", "503"}
    for path, method, operation in found:
        bodies = {"413", "415"} if method in {"post", "put", "patch"} else set()
        errors = {status for status in operation["responses"] if status >= "400"}
        assert errors == always | bodies, (path, method)
        assert "default" not in operation["responses"]
    for answer in schema["components"]["responses"].values():
        assert list(answer["content"]) == ["application/problem+json"]


def test_what_makes_a_row_answers_new_ones_and_known_ones(schema):
    made = schema["paths"]["/api/v1/mercy/visits/"]["post"]["responses"]
    put = schema["paths"]["/api/v1/mercy/visits/{id}/"]["put"]["responses"]
    assert made["200"] == made["201"] == put["201"] == put["200"]
    assert "201" not in schema["paths"]["/api/v1/mercy/visits/"]["get"]["responses"]


def test_amounts_are_texts_and_what_may_be_empty_says_so(schema):
    order = schema["components"]["schemas"]["Order"]["properties"]
    assert (order["counted"]["type"], order["counted"]["nullable"]) == ("string", True)
    assert "BlankEnum" in str(order["waits"])
    assert "Standing" in str(schema["components"]["schemas"]["Partner"]["properties"]["standing"])


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
