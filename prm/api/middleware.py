"""What holds for every answer that is not a static file: nobody keeps it, and a failure says what it is."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from prm.api.failures import FAILURES, answer
from prm.api.health import PATH, healthz


class HealthMiddleware:
    """Answer `/healthz` before anything looks at the host's name or at encryption.

    Whoever asks (a container's health check, a load balancer) knows an address and not a name, and asks plainly.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass on."""
        if request.path_info == PATH:
            response: HttpResponse = healthz(request)
            response["Cache-Control"] = PRIVATE
            return response
        return self.get_response(request)


PRIVATE = "no-store, private"


class PrivateMiddleware:
    """Let no cache keep an answer, nor a browser after its user has signed out.

    Every page, file, fragment, API answer and failure belongs to a tenant or a person. What a view says
    itself stays when it forbids keeping as well. An error without a body gets one (`failures.py`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, then complete the answer."""
        response = self.get_response(request)
        if response.status_code in FAILURES and not response.streaming and not response.content:
            told = answer(request, response.status_code)
            if request.method == "HEAD":
                told.content = b""
            for name, value in response.headers.items():
                if name not in ("Content-Type", "Content-Length"):
                    told[name] = value
            told.cookies = response.cookies
            response = told
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = PRIVATE
        return response
