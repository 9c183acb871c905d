import pytest

from prm.sandbox.kit.errors import SandboxError
from prm.sandbox.kit.messages import Request, Response, error_response

STAMP, SAME, LATER = "2026-01-31T12:00:00Z", "Sat, 31 Jan 2026 12:00:00 GMT", "Sat, 31 Jan 2026 12:00:01 GMT"
EARLIER = "Sat, 31 Jan 2026 11:59:59 GMT"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": Infinity}', b"[" * 100_000])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(SandboxError) as refused:
        Request("POST", "/", body=body).json()
    assert refused.value.code == "JSON_PARSER_ERROR"


@pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"x"'])
def test_an_object_is_wanted_where_one_is_needed(body):
    with pytest.raises(SandboxError):
        Request("POST", "/", body=body).json_object()


def test_of_several_fields_with_one_name_the_last_counts():
    assert Request("POST", "/", body=b"a=1&a=2&b=").form() == {"a": "2", "b": ""}


def test_lists_and_flags_of_a_query():
    request = Request("GET", "/", {"ids": " a,,b ", "on": "TRUE", "off": "1"})
    assert (request.names("ids"), request.names("none")) == (["a", "b"], [])
    assert [request.flag(name) for name in ("on", "off", "none")] == [True, False, False]


@pytest.mark.parametrize(("since", "unmodified"), [(EARLIER, False), (SAME, True), (LATER, True)])
def test_what_was_not_modified_since_is_not_sent_again(since, unmodified):
    assert Request("GET", "/", headers={"if-modified-since": since}).is_unmodified(STAMP) is unmodified


@pytest.mark.parametrize(("since", "refused"), [(EARLIER, True), (SAME, False), (LATER, False)])
def test_what_was_modified_since_is_not_overwritten(since, refused):
    request = Request("PATCH", "/", headers={"if-unmodified-since": since})
    if refused:
        with pytest.raises(SandboxError, match="PRECONDITION_FAILED"):
            request.guard(STAMP)
    else:
        request.guard(STAMP)


def test_without_conditions_everything_goes_on():
    request = Request("PATCH", "/")
    request.guard(STAMP)
    assert request.is_unmodified(STAMP) is False


def test_answers_travel_as_json_or_as_they_are():
    assert Response(200, {"ü": [1, None]}).payload() == '{"ü":[1,null]}'.encode()
    assert Response(200, b"raw").payload() == b"raw"
    assert Response(204).payload() == b""


def test_a_refusal_names_its_fields_when_it_has_some():
    assert error_response(SandboxError("A", "b", status=409)).body == [{"message": "b", "errorCode": "A"}]
    named = error_response(SandboxError("A", "b", fields=["F"]))
    assert (named.status, named.body[0]["fields"]) == (400, ["F"])
