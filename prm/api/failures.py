"""What Django answers when no view did: pages for people, problem details below /api/."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from prm.core.errors import problem_response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: no such address."""
    if _is_api(request):
        return problem_response(404, "There is nothing here.", code="not_found")
    return defaults.page_not_found(request, exception)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: a right is missing."""
    if _is_api(request):
        return problem_response(403, str(exception) or "Not allowed.", code="permission_denied")
    return defaults.permission_denied(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400: the request itself cannot be read."""
    if _is_api(request):
        return problem_response(400, "The request cannot be read.", code="bad_request")
    return defaults.bad_request(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500: our mistake; the work of the request was rolled back."""
    if _is_api(request):
        return problem_response(500, "Something failed here. Nothing was saved half-way.", code="error")
    return defaults.server_error(request)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
