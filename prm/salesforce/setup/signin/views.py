"""Connecting: three ways in, the way to Salesforce and back, and the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.rights import Right, page_requires
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.salesforce.credentials import keys
from prm.salesforce.credentials.models import Credential
from prm.salesforce.pages import queries
from prm.salesforce.pages.actions import connect_page, page_url
from prm.salesforce.setup import errands
from prm.salesforce.setup.models import Errand
from prm.salesforce.setup.signin import service
from prm.salesforce.setup.signin.forms import KeyForm, PersonForm, SecretForm
from prm.salesforce.setup.signin.service import Visitor
from prm.salesforce.wire import refusals
from prm.ui.form_page import Done, act, form_page
from prm.ui.toasts import toast

_STAY_THERE: Final = (
    ("App not there", "OAUTH_EC_APP_NOT_FOUND"),
    ("App blocked", "OAUTH_APP_BLOCKED"),
    ("Way back", "redirect_uri_mismatch"),
)
"""What Salesforce says on a page of its own, from which nobody is sent back."""


def failed_page(errand: Errand | None) -> str:
    """Return the page on which a sign-in is tried again."""
    return connect_page(errand.way if errand is not None else Credential.Way.SECRET)


def callback_url(request: TenantRequest) -> str:
    """Return the one address that Salesforce sends people of this tenant back to."""
    path = page_url(request, "callback")
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else request.build_absolute_uri(path)


Form = type[SecretForm] | type[PersonForm] | type[KeyForm]


def _page(request: TenantRequest, way: Credential.Way, kind: Form, save: Callable[..., Done]) -> HttpResponse:
    """Show a way's form, filled with what was tried or is connected, and what the last try was refused for."""
    tried, present = errands.latest(Errand.Kind.CONNECT), queries.present_connection()
    if request.method == "GET" and tried is not None and tried.is_open:
        return redirect(tenant_url(request.tenant, "salesforce:errand", kind=tried.kind))
    failed = tried if tried is not None and tried.state == Errand.State.FAILED else None
    known = failed or present
    credential = keys.stored()
    initial: dict[str, object] = {"replaces": "replaces" in request.GET}
    if known is not None:
        initial |= {"login_url": known.login_url, "client_id": known.client_id}
    if credential is not None:
        initial["username"] = credential.username
    may_replace = present is not None and present.is_sandbox
    form = kind(request.POST or None, initial=initial, may_replace=may_replace)
    context = {
        "way": way.value,
        "present": present,
        "failed": failed,
        "cause": _cause(failed),
        "certificate": keys.certificate(credential) if way == Credential.Way.KEY else None,
        "has_key": credential is not None and bool(credential.private_key),
        "callback": callback_url(request),
        "nav_key": "sync",
    }
    return form_page(
        request, form, "salesforce/connect.html", context, save=lambda: save(**form.cleaned_data)
    )


def _cause(failed: Errand | None) -> dict[str, str] | None:
    """Return which page of Salesforce's set-up cures what the last try was refused for."""
    if failed is None:
        return None
    found = refusals.known(str(failed.result.get("code", "")).removeprefix("sign_in:"))
    return {"place": found.place, "address": found.address(failed.login_url)} if found else None


def _under_way(request: TenantRequest, errand: Errand) -> Done:
    return Done(tenant_url(request.tenant, "salesforce:errand", kind=errand.kind))


@page_requires(Right.SYNC_EDIT)
def connect(request: TenantRequest) -> HttpResponse:
    """Connect by client credentials, in the background; nothing is stored unless Salesforce accepts them."""

    def save(*, login_url: str, client_id: str, client_secret: str, replaces: bool = False) -> Done:
        asked = errands.ask_connect(
            login_url=login_url, client_id=client_id, client_secret=client_secret, replaces=replaces
        )
        return _under_way(request, asked)

    return _page(request, Credential.Way.SECRET, SecretForm, save)


@page_requires(Right.SYNC_EDIT)
def connect_key(request: TenantRequest) -> HttpResponse:
    """Connect with the tenant's own key (JWT bearer)."""

    def save(*, login_url: str, client_id: str, username: str, replaces: bool = False) -> Done:
        asked = errands.ask_connect_by_key(
            login_url=login_url, client_id=client_id, username=username, replaces=replaces
        )
        return _under_way(request, asked)

    return _page(request, Credential.Way.KEY, KeyForm, save)


@page_requires(Right.SYNC_EDIT)
def connect_person(request: TenantRequest) -> HttpResponse:
    """Connect by a person who signs in to Salesforce and allows it."""

    def save(*, login_url: str, client_id: str, client_secret: str, replaces: bool = False) -> Done:
        prepared = service.prepare(
            login_url=login_url, client_id=client_id, client_secret=client_secret, replaces=replaces
        )
        return Done(tenant_url(request.tenant, "salesforce:connect-go", pk=prepared.pk))

    return _page(request, Credential.Way.PERSON, PersonForm, save)


def _visitor(request: TenantRequest) -> Visitor:
    return Visitor(
        request.user.pk,
        request.session.session_key or "",
        callback_url(request),
    )


@never_cache
@require_GET
@page_requires(Right.SYNC_EDIT)
def go(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Say what happens at Salesforce, with the link that leads there: a form may lead nowhere else (its policy)."""
    prepared = service.find(pk)
    if prepared is None:
        raise Http404
    if prepared.is_over:
        toast(request, "That sign-in is over.", "It holds for half an hour. Begin again.", kind="warn")
        return redirect(page_url(request, "connect-person"))
    visitor = _visitor(request)
    context = {
        "prepared": prepared,
        "address": service.way_there(prepared, visitor),
        "callback": visitor.redirect_uri,
        "nav_key": "sync",
        "blocked": [(words, refusals.KNOWN[code]) for words, code in _STAY_THERE],
    }
    return render(request, "salesforce/connect_go.html", context)


@never_cache
@require_GET
@page_requires(Right.SYNC_EDIT)
def callback(request: TenantRequest) -> HttpResponseBase:
    """Take what Salesforce sent a person back with, and leave its address at once."""
    given = {name: request.GET.get(name, "") for name in ("state", "code", "error")}
    try:
        asked = service.way_back(
            **given, description=request.GET.get("error_description", ""), visitor=_visitor(request)
        )
    except Refused as refused:
        toast(request, "Not connected.", refused.message, kind="bad")
        return redirect(page_url(request, "connect-person"))
    return redirect(tenant_url(request.tenant, "salesforce:errand", kind=asked.kind))


@require_POST
@page_requires(Right.SYNC_EDIT)
def make_key(request: TenantRequest) -> HttpResponse:
    """Make a key, or the one that replaces it."""

    def work() -> Done:
        made = service.make_key()
        then = "The old one is used until Salesforce takes the new one." if made.next_key else ""
        return Done(
            page_url(request, "connect-key"), "Key made.", f"Upload its certificate to the app. {then}"
        )

    return act(request, work, stay_url=page_url(request, "connect-key"))


@require_GET
@page_requires(Right.SYNC_EDIT)
def certificate(request: TenantRequest) -> HttpResponse:
    """Answer the certificate that has to be in Salesforce, as a file."""
    found = keys.certificate(keys.stored())
    if found is None:
        raise Http404
    answer = HttpResponse(found.pem, content_type="application/x-pem-file")
    answer["Content-Disposition"] = f'attachment; filename="prm-{request.tenant.slug}.crt"'
    return answer
