"""What django-axes counts wrong passwords by: the account that was tried, and the network it was tried from.

Only the pair is paused, so eight wrong tries shut out neither a colleague behind the same address nor the
account's owner elsewhere.
"""

from collections.abc import Mapping

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from prm.accounts.models import plain_address
from prm.accounts.signin.addresses import client_network

Credentials = Mapping[str, object]


def tried_account(request: HttpRequest, credentials: Credentials | None = None) -> str:
    """Return the address that was typed, as it is compared; nothing when there is none."""
    given = credentials or {}
    typed = given.get("email") or given.get("username") or given.get(settings.AXES_USERNAME_FORM_FIELD)
    return plain_address(str(typed or request.POST.get("login", "")))[:255]


def tried_from(request: HttpRequest) -> str:
    """Return the network the try came from."""
    return client_network(request)


def tries_left(request: HttpRequest, email: str) -> int:
    """Return how many wrong passwords are still taken from here for this account."""
    failures = AxesProxyHandler.get_failures(request, {"email": email})
    return max(0, int(settings.AXES_FAILURE_LIMIT) - int(failures))


def forget_tries(request: HttpRequest, email: str) -> None:
    """Begin anew, after the right password."""
    AxesProxyHandler.reset_attempts(ip_address=client_network(request), username=plain_address(email))


def paused(
    request: HttpRequest, original: HttpResponse | None = None, credentials: Credentials | None = None
) -> HttpResponse:
    """Say how long signing in from here is paused, and what can be done meanwhile."""
    minutes = round(float(settings.AXES_COOLOFF_TIME) * 60)
    response = render(request, "account/paused.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
