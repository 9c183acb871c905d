"""Everything that goes wrong is told as problem details (RFC 9457), by the API's own hand or by Django's."""

import json

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import connection, transaction
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import exceptions, serializers

from prm.api.errors import problem_details
from prm.core.errors import CONTENT_TYPE, Refused, problem, problem_response


def told(error):
    answer = problem_details(error, {})
    assert answer.content_type == CONTENT_TYPE
    assert answer.data["status"] == answer.status_code
    return answer.status_code, answer.data


@pytest.fixture(autouse=True)
def _in_a_transaction(db):
    """The handler rolls the request's work back; here there is none."""
    with transaction.atomic():
        yield
        transaction.set_rollback(False)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied("This needs the right order.tie."), 403, "permission_denied"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.ParseError("JSON parse error - nothing"), 400, "parse_error"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (exceptions.NotFound("Invalid cursor"), 404, "not_found"),
        (RequestDataTooBig(), 413, "body_too_large"),
        (Refused("No.", code="settled"), 400, "settled"),
        (serializers.ValidationError({"amount": ["A number, please."]}), 400, "invalid"),
    ],
)
def test_an_error_is_told_with_its_status_and_code(error, status, code):
    answered, body = told(error)
    assert (answered, body["code"]) == (status, code)
    assert body["detail"].endswith((".", "?", "nothing", "cursor", "seconds"))
    assert body["title"]


def test_what_no_handler_knows_is_left_to_django():
    assert problem_details(ZeroDivisionError(), {}) is None


def test_a_refusal_names_its_field_and_undoes_the_work():
    _, body = told(Refused("Choose a partner.", field="partner", code="required"))
    assert body["errors"] == [{"field": "partner", "message": "Choose a partner.", "code": "required"}]
    assert connection.needs_rollback
    _, whole = told(Refused("Nothing fits."))
    assert whole["errors"][0]["field"] == ""


class LineSerializer(serializers.Serializer):
    quantity = serializers.IntegerField()


class OrderSerializer(serializers.Serializer):
    number = serializers.CharField()
    lines = LineSerializer(many=True)
    tags = serializers.ListField(child=serializers.IntegerField(), required=False)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"number", "lines"}),
        ({"number": "1", "lines": [{"quantity": 1}, {"quantity": "x"}]}, {"lines[1].quantity"}),
        ({"number": "1", "lines": [{}, {}]}, {"lines[0].quantity", "lines[1].quantity"}),
        ({"number": "1", "lines": "none"}, {"lines"}),
        ({"number": "1", "lines": [], "tags": [1, "x"]}, {"tags[1]"}),
        ([], {""}),
    ],
)
def test_each_wrong_field_is_named_by_its_path(body, fields):
    serializer = OrderSerializer(data=body)
    with pytest.raises(serializers.ValidationError) as caught:
        serializer.is_valid(raise_exception=True)
    _, told_body = told(caught.value)
    assert {line["field"] for line in told_body["errors"]} == fields
    assert all(set(line) == {"field", "message", "code"} for line in told_body["errors"])
    assert told_body["errors"][0]["message"] in told_body["detail"]


details = st.recursive(
    st.text(min_size=1, max_size=8),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(details)
def test_however_deep_an_error_is_it_becomes_lines_that_json_can_say(detail):
    error = serializers.ValidationError(detail)
    body = problem_details(error, {}).data
    assert json.loads(json.dumps(body))["status"] == 400
    assert body["errors"]
    assert all(isinstance(line["field"], str) and line["message"] for line in body["errors"])


# --- before DRF is reached ------------------------------------------------------------------------


def test_a_problem_has_the_names_of_the_standard():
    body = problem(404, "There is nothing here.", code="not_found")
    assert body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
        "code": "not_found",
    }
    assert problem(400, "No.", code="x", errors=[])["errors"] == []


def test_who_is_not_known_is_told_how_to_say_so():
    assert problem_response(401, "Sign in.", code="x")["WWW-Authenticate"] == "Api-Key"
    assert "WWW-Authenticate" not in problem_response(403, "No.", code="x")
