"""The API's description says what the addresses answer."""

import re
from collections import defaultdict
from http import HTTPStatus

import pytest
from rest_framework import serializers

from prm.api.schema import ANSWERS
from tests.conftest import ROOT


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
        bodies = {"409", "413", "415"} if method in {"post", "put", "patch"} else set()
        errors = {status for status in operation["responses"] if status >= "400"}
        assert errors == always | bodies, (path, method)
        assert "default" not in operation["responses"]
    for answer in schema["components"]["responses"].values():
        assert list(answer["content"]) == ["application/problem+json"]


STATUS = re.compile(r"status=(?:HTTPStatus\.)?(\w+)|\bproblem(?:_response)?\(\s*(?:HTTPStatus\.)?(\w+),")


def statuses_in(text):
    """The statuses of errors that a piece of our code writes down, as numbers."""
    for found in STATUS.finditer(text):
        word = found[1] or found[2]
        status = int(word) if word.isdigit() else getattr(HTTPStatus, word, 0)
        if status >= HTTPStatus.BAD_REQUEST:
            yield int(status)


def test_no_address_answers_an_error_that_the_document_does_not_name():
    """A view that writes a status of its own down names one of those that every operation is described with."""
    named = {int(status) for status in ANSWERS}
    written = {
        (file.relative_to(ROOT).as_posix(), status)
        for folder in ("partners", "orders", "activities", "prm")
        for file in (ROOT / folder).rglob("*api*.py")
        if "sandbox" not in file.parts
        for status in statuses_in(file.read_text(encoding="utf-8"))
    }
    assert ("partners/profiles/api.py", 409) in written, "nothing is found any more"
    assert {(file, status) for file, status in written if status not in named} == set()


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
    assert answered == {"$ref": "#/components/schemas/NamedReason"}


def below(kind):
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def test_no_two_answers_are_described_under_one_name(schema):
    # drf-spectacular names a component after its class: the second of one name takes the place of the first.
    found = defaultdict(set)
    for one in below(serializers.Serializer):
        if one.__module__.startswith(("prm.", "partners.", "orders.", "activities.")):
            found[one.__name__.removesuffix("Serializer")].add(one.__module__)
    assert len(found) > 60
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}
