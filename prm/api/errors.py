"""DRF's errors as problem details (RFC 9457)."""

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import transaction
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from prm.core.errors import CONTENT_TYPE, ProblemDetails, Refused, problem
from prm.core.notation.reader import figure


def _flatten(detail: object, path: str = "") -> Iterator[dict[str, str]]:
    """Return DRF's nested error detail as one line per field."""
    if isinstance(detail, dict):
        for key, value in detail.items():
            if isinstance(key, int):  # a row of a list
                yield from _flatten(value, f"{path}[{key}]")
                continue
            own = "" if key == "non_field_errors" else str(key)
            yield from _flatten(value, f"{path}.{own}".strip(".") if own else path)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _flatten(value, f"{path}[{index}]" if nested else path)
    else:
        yield {"field": path, "message": str(detail), "code": getattr(detail, "code", "invalid")}


def problem_details(error: Exception, context: dict[str, object]) -> Response | None:
    """Return DRF's answer to an error as `application/problem+json`, the work rolled back."""
    if isinstance(error, Refused):
        line = {"field": error.field or "", "message": error.message, "code": error.code}
        body = problem(400, error.message, code=error.code, errors=[line])
        transaction.set_rollback(True)
        return Response(body, status=400, content_type=CONTENT_TYPE)
    if isinstance(error, RequestDataTooBig):
        return _too_big()
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _body(error, response.status_code)
    response.content_type = CONTENT_TYPE
    return response


def _too_big() -> Response:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    said = f"The body is larger than {figure(limit)} bytes. Send less at once, or import a file."
    return Response(problem(413, said, code="body_too_large"), status=413, content_type=CONTENT_TYPE)


def _body(error: Exception, code: int) -> ProblemDetails:
    if isinstance(error, exceptions.ValidationError):
        errors = list(_flatten(error.detail))
        first = errors[0] if errors else {"field": "", "message": "The input is not valid."}
        detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
        return problem(code, detail, code="invalid", errors=errors)
    if isinstance(error, Http404):
        return problem(404, "There is nothing here.", code="not_found")
    if isinstance(error, PermissionDenied):
        return problem(403, str(error) or "Not allowed.", code="permission_denied")
    if isinstance(error, exceptions.APIException):
        name = error.get_codes() if isinstance(error.get_codes(), str) else "error"
        return problem(code, str(error.detail), code=str(name))
    return problem(code, "The request failed.", code="error")
