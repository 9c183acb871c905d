"""What an answer means."""

import json

import pytest

from prm.salesforce.wire import errors
from prm.salesforce.wire.codes import Reaction
from prm.salesforce.wire.errors import Answer, RowError, classify, read_errors


def rest(code, message="m"):
    return (RowError(code, message),)


@pytest.mark.parametrize(
    "status,code,message,writes,kind",
    [
        (401, "INVALID_SESSION_ID", "", True, errors.SignInRefused),
        (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", True, errors.OutOfBudget),
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests)", True, errors.Busy),
        (403, "API_DISABLED_FOR_ORG", "", False, errors.Misconfigured),
        (503, "SERVER_UNAVAILABLE", "", True, errors.Busy),
        (429, "", "", True, errors.Busy),
        (500, "UNKNOWN_EXCEPTION", "", True, errors.UnknownOutcome),
        (502, "", "", True, errors.UnknownOutcome),
        (500, "UNKNOWN_EXCEPTION", "", False, errors.Busy),
        (400, "UNABLE_TO_LOCK_ROW", "", True, errors.Busy),
        (400, "MALFORMED_QUERY", "", False, errors.Permanent),
        (404, "NOT_FOUND", "", False, errors.Gone),
        (404, "ENTITY_IS_DELETED", "", True, errors.Gone),
        (420, "", "", False, errors.Misconfigured),
        (410, "UNSUPPORTED_API_VERSION", "", False, errors.Gone),
    ],
)
def test_a_whole_answer(status, code, message, writes, kind):
    assert type(classify(Answer(status, rest(code, message)), writes=writes)) is kind or isinstance(
        classify(Answer(status, rest(code, message)), writes=writes), kind
    )


@pytest.mark.parametrize(
    "code,message,reaction",
    [
        ("UNABLE_TO_LOCK_ROW", "", Reaction.RETRY),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "first error: UNABLE_TO_LOCK_ROW, unable", Reaction.RETRY),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "Apex CPU time", Reaction.SPLIT),
        ("UNKNOWN_EXCEPTION", "Too many batch retries in the presence of Apex triggers", Reaction.SPLIT),
        ("INVALID_FIELD", "Foreign key external ID: x not found", Reaction.PARENT),
        ("DUPLICATE_VALUE", "", Reaction.READ_BACK),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "", Reaction.HOLD),
        ("SOMETHING_NEW", "", Reaction.HOLD),
    ],
)
def test_a_refused_row(code, message, reaction):
    assert RowError(code, message).reaction is reaction


STRANGERS = [
    b"<html><head><title>Internal wiki</title></head><body>secret</body></html>",
    b'{"secret": "x", "message": "secret without a code"}',
    b'{"error": "<b>secret</b>", "error_description": "secret"}',
    b'[{"errorCode": "no code at all: secret", "message": "secret"}]',
    b"redis: secret",
    b'["secret"]',
]


@pytest.mark.parametrize("body", STRANGERS)
@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 431, 500, 503])
def test_nothing_of_a_strangers_answer_is_repeated(body, status):
    said = str(classify(read_errors(status, body), writes=False))
    assert "secret" not in said
    assert "wiki" not in said
    assert str(status) in said


def test_salesforces_own_words_are_one_line_of_plain_text():
    told = json.dumps(
        [{"errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "a\nb\u202e\x00<b>c</b>" + "x" * 5000}]
    )
    message = read_errors(400, told.encode()).first.message
    assert message.startswith("a b <b>c</b>xxx")
    assert len(message) == errors.LONGEST


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"\xff\xfe", b"[1]", b'"text"'])
def test_a_body_that_says_nothing_is_no_crash(body):
    assert classify(read_errors(500, body), writes=False).status == 500


def test_the_object_form_of_bulk_and_tokens():
    assert read_errors(400, b'{"exceptionCode":"InvalidSessionId","exceptionMessage":"x"}').first.code
    assert read_errors(400, b'{"error":"invalid_grant"}').first.code == "invalid_grant"
