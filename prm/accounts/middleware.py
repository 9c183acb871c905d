"""URL → tenant → caller → scope; before it, a missing slash is added without losing what was sent.

Pages live under `/t/<slug>/`, the API under `/api/v1/<slug>/`. The tenant comes from the URL
only. A caller who is nobody to that tenant gets 404, so that a stranger cannot tell which tenants
exist; a person who is not signed in is sent to sign-in (pages) or gets 401 (API) for every slug alike.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import cast
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    StreamingHttpResponse,
)
from django.middleware.common import CommonMiddleware
from django.shortcuts import redirect
from django.utils import timezone

from prm.accounts.http import ArrivingRequest
from prm.accounts.keys import find_key, key_in
from prm.accounts.models import ApiKey, Membership
from prm.accounts.profile.security import with_second_step
from prm.accounts.rights import rights_of, staff_roles
from prm.accounts.signin.addresses import client_network
from prm.accounts.signin.throttle import KEYS
from prm.core.errors import problem_response
from prm.core.notation.reader import use_notation
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.ui.http import is_htmx, page_asked_from

_SECOND_STEP = "{} asks for a second step of signing in. Set one up on your profile."
TENANT_PATH = re.compile(r"^/(?P<door>t|api/v1)/(?P<slug>[-a-zA-Z0-9_]+)/")


class _SameAgain(HttpResponsePermanentRedirect):
    """308: clients repeat method and body there. After a 301 a POST becomes a GET and its orders are lost."""

    status_code = 308


class AddressMiddleware(CommonMiddleware):
    """Django's, with redirects that keep what was sent, and no NUL in what is asked for.

    The database takes no text with a NUL in it, and no list has to remember that.
    """

    response_redirect_class = _SameAgain

    def process_request(self, request: HttpRequest) -> HttpResponse | None:  # type: ignore[override]
        """Refuse an address or a cookie with a NUL; then as Django."""
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            raise BadRequest("The address holds a NUL character.")
        if any("\0" in value for value in request.COOKIES.values()):
            raise BadRequest("A cookie holds a NUL character.")
        return super().process_request(request)


class TenantMiddleware:
    """See the module's docstring."""

    def __init__(self, get_response: Callable[[ArrivingRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: ArrivingRequest) -> HttpResponseBase:
        request.tenant = None
        request.membership = None
        request.api_key = None
        request.rights = frozenset()
        match = TENANT_PATH.match(request.path_info)
        if match is None:
            return self.get_response(request)
        is_api = match["door"] != "t"
        if not request.user.is_authenticated and not (is_api and key_in(request)):
            return _ask_to_sign_in(request, is_api=is_api)
        tenant = Tenant.objects.filter(slug=match["slug"], is_active=True).first()
        if tenant is None:
            return self._nobody(request, is_api=is_api)
        return self._inside(request, tenant, is_api=is_api)

    def process_view(
        self,
        request: ArrivingRequest,
        view: Callable[..., HttpResponseBase],
        args: list[object],
        kwargs: dict[str, object],
    ) -> None:
        """Take the slug out of what views get: they know the tenant from the scope.

        Every address of a tenant is a 404 page to a stranger, drawn without a tenant. A form with a NUL in
        it is refused here, as an address with one is above.
        """
        if request.tenant is None:
            if TENANT_PATH.match(request.path_info):
                raise Http404
            return
        kwargs.pop("tenant", None)
        is_form = request.method == "POST" and request.path_info.startswith("/t/")
        if is_form and any("\0" in text for _, texts in request.POST.lists() for text in texts):
            raise BadRequest("The form holds a NUL character.")

    def _inside(self, request: ArrivingRequest, tenant: Tenant, *, is_api: bool) -> HttpResponseBase:
        door = "api" if is_api else "page"
        with tenant_scope(tenant, actor=Actor(kind="unknown", door=door)):
            membership, key = _caller(request, is_api=is_api)
            lacks_step = membership is not None and _lacks_second_step(tenant, membership)
        if membership is None and key is None:
            return self._nobody(request, is_api=is_api)
        if is_api and "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            # Django sees no body without its length; an empty one would be blamed for what it lacks.
            return problem_response(411, "Send the body with its Content-Length.", code="length_required")
        if lacks_step:
            if is_api:
                return problem_response(403, _SECOND_STEP.format(tenant), code="second_step")
            if not request.path_info.startswith(_still_open(tenant)):
                return _to_profile(request, tenant)
        request.tenant, request.api_key = tenant, key
        request.membership = membership
        request.rights = rights_of(membership, key)
        scope = tenant_scope(tenant, actor=actor_of(membership, key, door))
        # Times on pages and in answers are written in the tenant's zone, on pages as their reader likes them.
        notation = "" if is_api or membership is None else membership.user.notation or tenant.notation
        with scope, timezone.override(ZoneInfo(tenant.timezone)), use_notation(notation):
            response = self.get_response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            # Its rows are read when it is sent: in the same scope, opened once more.
            pieces = cast("Iterable[bytes]", response.streaming_content)
            again = tenant_scope(tenant, actor=actor_of(membership, key, door))
            response.streaming_content = _within(again, timezone.override(ZoneInfo(tenant.timezone)), pieces)
        return response

    def _nobody(self, request: ArrivingRequest, *, is_api: bool) -> HttpResponseBase:
        """Return the answer to a stranger, the same whether or not the tenant exists."""
        if is_api and (secret := key_in(request)):
            return _wrong_key(request, secret)
        if is_api:
            return problem_response(404, "There is nothing here.", code="not_found")
        return self.get_response(request)  # to process_view


def _lacks_second_step(tenant: Tenant, membership: Membership) -> bool:
    """Return whether the tenant asks its own people for a second step and this one has none (1 query where it asks)."""
    if not tenant.second_step_required or membership.role not in staff_roles():
        return False
    return membership.user_id not in with_second_step([membership.user_id])


def _still_open(tenant: Tenant) -> tuple[str, ...]:
    """Return where somebody without a second step may go: the own profile, where one is set up, and its logo."""
    return f"/t/{tenant.slug}/profile/", f"/t/{tenant.slug}/settings/logo/"


def _to_profile(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    url = f"/t/{tenant.slug}/profile/"
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if is_htmx(request) else redirect(url)


def _within(
    scope: AbstractContextManager[object], zone: AbstractContextManager[object], pieces: Iterable[bytes]
) -> Iterator[bytes]:
    with scope, zone:
        yield from pieces


def _caller(request: ArrivingRequest, *, is_api: bool) -> tuple[Membership | None, ApiKey | None]:
    if is_api and (secret := key_in(request)):
        return None, find_key(secret)
    if request.user.pk is None:
        return None, None
    members = Membership.objects.select_related("user")
    return members.filter(user_id=request.user.pk, is_active=True).first(), None


def _wrong_key(request: ArrivingRequest, secret: str) -> HttpResponse:
    """Say that a key is wrong; who tries many is told to wait. A key that is right is never counted."""
    if KEYS.count(request.path_info.split("/")[3], secret.partition(".")[0], client_network(request)):
        return problem_response(401, "The API key is not valid here.", code="invalid_key")
    response = problem_response(
        429, "So many wrong keys came from here that we answer again in a minute.", code="too_many_wrong_keys"
    )
    response["Retry-After"] = str(KEYS.seconds)
    return response


def actor_of(membership: Membership | None, key: ApiKey | None, door: str) -> Actor:
    """Return who acts, with the rights of the member or else of the key; a page's or the API's `door`."""
    rights = frozenset[str](rights_of(membership, key))
    if membership is None:
        return Actor(kind="key", door=door, label=key.name if key else "", rights=rights)
    return Actor(
        kind="user",
        door=door,
        label=str(membership.user),
        user_id=membership.user_id,
        member_id=membership.pk,
        rights=rights,
    )


def _ask_to_sign_in(request: ArrivingRequest, *, is_api: bool) -> HttpResponseBase:
    if is_api:
        return problem_response(401, "Sign in, or send an API key.", code="not_authenticated")
    back = page_asked_from(request, f"/t/{request.path_info.split('/')[2]}/")
    to_sign_in = redirect_to_login(back)
    if not is_htmx(request):
        return to_sign_in
    # A redirect would be followed inside the fragment; this makes the whole page go. By PRM-Sign-In the
    # browser knows that the sheet it has open, or wanted to open, is opened again afterwards (sheet.js).
    return HttpResponse(status=204, headers={"HX-Redirect": to_sign_in.url, "PRM-Sign-In": "yes"})
