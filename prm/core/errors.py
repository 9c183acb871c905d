"""The one error that services raise for what people and programs can put right, and how HTTP says errors.

The API answers everything that goes wrong with problem details (RFC 9457).
"""

import json
from http import HTTPStatus
from typing import NotRequired, TypedDict

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"


class Refused(Exception):
    """Input that a rule does not allow.

    `message` is a sentence for the person (what, where, what to do), `field` the name of the
    input it belongs to (`None` for the whole), `code` a stable word for programs.
    """

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code


class ProblemDetails(TypedDict):
    """The body of an answer that says what went wrong."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: NotRequired[list[dict[str, str]]]


def problem(
    status: int, detail: str, *, code: str, errors: list[dict[str, str]] | None = None
) -> ProblemDetails:
    """Return the body: `type, title, status, detail, code` and, for input, `errors` by field.

    A field is written as a path (`orders[3].lines[0].quantity`).
    """
    body: ProblemDetails = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    return body


def problem_response(
    status: int, detail: str, *, code: str, errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """Return the same as a plain Django response, for answers given before DRF is reached."""
    content = json.dumps(problem(status, detail, code=code, errors=errors))
    response = HttpResponse(content, status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = "Api-Key"
    return response
