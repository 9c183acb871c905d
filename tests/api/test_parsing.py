"""The API's JSON is read strictly; what Django itself answers below /api/ is problem details too."""

import json

import pytest
from django.test import Client

from prm.accounts.keys import create_key
from prm.api import parsing
from prm.tenancy.context import tenant_scope

URL = "/api/v1/mercy/orders/"
SCOPES = ["orders:write", "partners:write"]


@pytest.fixture
def send(mercy):
    """Send a body with a key; errors are answered as in production."""
    with tenant_scope(mercy.tenant):
        secret = create_key(name="feed", scopes=SCOPES, created_by=None)[1]
    client = Client(raise_request_exception=False, headers={"Authorization": f"Api-Key {secret}"})

    def post(body, url=URL, **more):
        answer = client.generic("POST", url, body, content_type="application/json", **more)
        assert answer.headers["Content-Type"] == "application/problem+json", answer.content[:200]
        return answer.status_code, answer.json()

    return post


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"number": "K1", "number": "K2"}', "The key 'number' stands twice"),
        (b'{"amount": NaN}', "NaN is not a number"),
        (b'{"number": "\xff"}', "can't decode byte 0xff"),
        (b'{"amount": ' + b"1" * 5000 + b"}", "4300 digits"),
        (b'{"number": 1', "delimiter"),
    ],
)
def test_body_that_is_no_json_is_refused_with_the_place(send, body, said):
    status, problem = send(body)
    assert (status, problem["code"]) == (400, "parse_error")
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (r'{"orders": [{"number": "1"}, {"number": "\uD800"}]}', "orders[1].number"),
        (r'{"orders": [{"\udfff": 1}]}', "orders[0]"),
        (r'{"code": {"\ud800": "\ud800"}}', "code"),
    ],
)
def test_half_of_a_character_is_refused_with_its_field(send, body, field):
    status, problem = send(body)
    assert status == 400
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, "bad_text")]


def test_two_halves_are_a_character_and_a_byte_order_mark_is_none(send):
    body = b'\xef\xbb\xbf{"number": "\\ud83d\\ude00", "amount": 1}'
    assert send(body)[1]["errors"][0]["code"] == "date_missing"


def test_nul_in_the_name_of_a_source_is_an_unknown_source(send):
    assert send(json.dumps({"source": "a\0b", "number": "1"}))[1]["code"] == "unknown_source"


def test_every_address_has_the_limit_for_bodies(send, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    for url in (URL, "/api/v1/mercy/partners/"):
        assert send(b'{"name": "%s"}' % (b"x" * 100), url)[0] == 413


def test_body_without_its_length_is_asked_for_it(send):
    assert send(b"", HTTP_TRANSFER_ENCODING="chunked")[0] == 411


def test_post_without_the_last_slash_is_told_to_repeat_itself(mercy, client):
    answer = client.post(URL.rstrip("/"), "{}", content_type="application/json")
    assert answer.status_code == 401  # a stranger learns nothing
    answer = client.post("/account/login", {"login": "x"})
    assert (answer.status_code, answer["Location"]) == (308, "/account/login/")


def test_unknown_address_and_our_own_mistakes_are_problem_details(send, monkeypatch):
    assert send(b"{}", "/api/v1/mercy/nothing/")[0] == 404

    def broken(self, *args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr(parsing.StrictJSONParser, "parse", broken)
    status, problem = send(b"{}")
    assert (status, problem["code"]) == (500, "error")
    assert "secret" not in str(problem)
