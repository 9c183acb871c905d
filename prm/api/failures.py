"""What is answered when no view did: a page for people, a piece of one for htmx, problem details below /api/.

`FAILURES` holds the words, one entry for each status; nothing of them needs a tenant, a session or the database.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from prm.core.errors import problem_response
from prm.core.notation.reader import figure


@dataclass(frozen=True, slots=True)
class Failure:
    """One way to fail: a heading, what it means and what to do, and the same for programs with its code."""

    title: str
    text: str
    detail: str
    code: str


FAILURES: Final[Mapping[int, Failure]] = {
    400: Failure(
        "This request cannot be read",
        "Something in the address or the form was damaged on the way. Go back and try again.",
        "The request cannot be read.",
        "bad_request",
    ),
    403: Failure(
        "Not yours to open",
        "Your role does not include this page. If it should, ask the administrator of your organisation.",
        "Not allowed.",
        "permission_denied",
    ),
    404: Failure(
        "Nothing here",
        "The address is wrong, or what it named is gone, or it is not yours to see.",
        "There is nothing here.",
        "not_found",
    ),
    405: Failure(
        "Not opened this way",
        "This address takes what a form or a button sends. Go back and use those.",
        "This method is not offered here; the header Allow names those that are.",
        "method_not_allowed",
    ),
    413: Failure(
        "Too large",
        "That is more than one form takes. Send less at once; files go in on the page of imports.",
        "The body is larger than is taken. Send less at once, or import a file.",
        "body_too_large",
    ),
    429: Failure(
        "Too many tries",
        "Wait a few minutes, then try again.",
        "Too many requests. Wait, then try again.",
        "throttled",
    ),
    500: Failure(
        "Something failed on our side",
        "Nothing was saved half-way. Try again; if it stays, tell your administrator the time of day.",
        "Something failed here. Nothing was saved half-way.",
        "error",
    ),
    503: Failure(
        "Not available at the moment",
        "The database does not answer. Nothing was saved; what you typed is kept here. Try again in a minute.",
        "The database does not answer. Nothing was saved; try again in a minute.",
        "unavailable",
    ),
}

CSRF: Final = Failure(
    "This form has expired",
    "Somebody signed in or out in this browser since the page was opened, or the browser keeps no cookies. "
    "Go back, load the page again and send it once more; what you typed is kept as a draft.",
    "The CSRF token is missing or wrong: send the cookie's value in X-CSRFToken, or use an API key.",
    "csrf_failed",
)
RETRY_SECONDS: Final = 30


def answer(
    request: HttpRequest, status: int, failure: Failure | None = None, detail: str = ""
) -> HttpResponse:
    """Return the answer of a failure, in the form that the caller understands. `detail` is for programs."""
    failure = failure or FAILURES[status]
    if is_api(request):
        response = problem_response(status, detail or failure.detail, code=failure.code)
    else:
        whole = "HX-Request" not in request.headers or "HX-Boosted" in request.headers
        template = "components/layouts/failure.html" if whole else "components/error.html"
        # Without the request: context processors may ask the database.
        content = render_to_string(
            template, {"title": failure.title, "text": failure.text, "code": status, "told": True}
        )
        response = HttpResponse(content, status=status)
    if status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request itself cannot be read; or 413: it is too much."""
    too_much = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    if isinstance(exception, RequestDataTooBig):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        said = f"The body is larger than {figure(limit)} bytes. Send less at once, or import a file."
        return answer(request, 413, detail=said)
    return answer(request, 413 if too_much else 400)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: a right is missing."""
    return answer(request, 403, detail=str(exception))


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403: a form was sent without the token of this browser's session."""
    return answer(request, 403, CSRF)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: no such address."""
    return answer(request, 404)


def too_many(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    """Answer 429: a limit on tries was reached."""
    return answer(request, 429)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500: our mistake, the work of the request was rolled back; or 503: the database does not answer."""
    error = sys.exc_info()[1]
    return answer(request, 503 if isinstance(error, OperationalError | InterfaceError) else 500)


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path_info.startswith("/api/")
