"""Problem details (RFC 9457) for everything that goes wrong in the API."""

import json
from http import HTTPStatus
from typing import NotRequired, TypedDict

from django.http import HttpResponse

CONTENT_TYPE = "application/problem+json"


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
