"""The door `/c/`: answers tracked links, pictures and the script before any session is read.

    /c/<token>        to the address on the campaign's list, or words when there is none (never anywhere else)
    /c/<token>.gif    a picture of one point: a letter was opened; of a link's token, its page was looked at (`?a=stay`: for a while)
    /c/seen.js        the script for the company's own pages

What is counted is committed before the answer goes out: one statement to read what the token names, one to write, in one short
transaction of the tenant that the token proves. A token that is not ours reaches no table. Names of machines: where the request's own
is not PRM's, it must be that of the token's tenant (its CNAME).
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string

from activities.campaigns.counting import sql
from activities.campaigns.counting.models import DaySalt
from activities.campaigns.counting.rules import (
    LONGEST_AGENT,
    MOST_IN_PUBLIC,
    MOST_OF_MEMBER,
    is_within,
    prepare,
    visitor,
    why_not,
)
from activities.campaigns.counting.staff import is_signed_in_staff
from activities.campaigns.planning import tokens
from activities.campaigns.settings.queries import settings_of_tenant
from activities.campaigns.states import Act, CampaignState, Group, Why
from prm.accounts.signin.addresses import client_address
from prm.core import clock
from prm.core.calendar import local_date
from prm.core.ids import uuid7
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant

PATH: Final = "/c/"
SCRIPT: Final = (Path(__file__).parent / "seen.js").read_bytes()
# The smallest picture there is: one point that shows nothing.
PICTURE: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_ACTOR: Final = Actor(kind="visitor", door="link", label="A visitor")
_SLOTS: Final = 8
# How long a process believes what it knows of a tenant, in seconds: a changed setting holds after that everywhere.
_BELIEVED: Final = 5.0


class Known(NamedTuple):
    """What the door knows of a tenant for a few seconds."""

    tenant: Tenant
    tracking_host: str
    networks: tuple[str, ...]
    until: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a token names, as it is now."""

    campaign: UUID
    name: str
    state: str
    ended_at: datetime | None
    link: UUID | None
    url: str
    member: UUID | None
    group: str | None


_known: dict[UUID, Known] = {}
_salts: dict[tuple[UUID, date], bytes] = {}
_MOST_KNOWN: Final = 5_000


class LinkMiddleware:
    """See the module's docstring."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        prepare()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer what begins with `/c/`, or pass on."""
        if not request.path_info.startswith(PATH):
            return self.get_response(request)
        response = answer(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex"
        response["X-Content-Type-Options"] = "nosniff"
        if request.method == "HEAD":
            response.content = b""
        return response


def answer(request: HttpRequest) -> HttpResponse:
    """Return what a request below `/c/` gets."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    asked = request.path_info.removeprefix(PATH).rstrip("/")
    if asked == "seen.js":
        headers = {"Cache-Control": "public, max-age=86400", "Cross-Origin-Resource-Policy": "cross-origin"}
        return HttpResponse(SCRIPT, content_type="text/javascript; charset=utf-8", headers=headers)
    text, is_picture = asked.removesuffix(".gif"), asked.endswith(".gif")
    named = tokens.read(text)
    known = _tenant(named.tenant) if named else None
    found = None
    if named is not None and known is not None and _is_at_home(request, known):
        found = _looked_at(request, known, named, is_picture=is_picture)
    return _picture() if is_picture else _redirect(found, text)


def _looked_at(request: HttpRequest, known: Known, named: tokens.Named, *, is_picture: bool) -> Found | None:
    """Return what a token names, after what was done has been written and committed."""
    with tenant_scope(known.tenant, actor=_ACTOR):
        found = _find(named)
        if found is not None and found.state == CampaignState.RUNNING:
            _write(request, known, found, _act(request, named, is_picture=is_picture))
    return found


def _redirect(found: Found | None, token: str) -> HttpResponse:
    if found is None or not found.url:
        return _words("unknown", 404)
    if found.state == CampaignState.RUNNING:
        return HttpResponse(status=302, headers={"Location": _target(found.url, token)})
    return _words("ended", 410, found) if found.state == CampaignState.ENDED else _words("draft", 404)


def _target(url: str, token: str) -> str:
    """Return where to go: the address on the list, with the token for the script where the address leaves room for it.

    What stands after `#` goes to no server and into no log.
    """
    return url if "#" in url else f"{url}#c={token}"


def _act(request: HttpRequest, named: tokens.Named, *, is_picture: bool) -> Act:
    if named.is_picture:
        return Act.OPEN
    if not is_picture:
        return Act.CLICK
    return Act.STAY if request.GET.get("a") == "stay" else Act.SEEN


# --- what is known of tenants -------------------------------------------------------------------


def _tenant(tenant_id: UUID) -> Known | None:
    """Return an active tenant with its settings, from a few seconds' memory."""
    known = _known.get(tenant_id)
    if known is not None and known.until > time.monotonic():
        return known
    tenant = Tenant.objects.filter(pk=tenant_id, is_active=True).first()
    if tenant is None:
        _known.pop(tenant_id, None)
        return None
    with tenant_scope(tenant, actor=_ACTOR):
        kept = settings_of_tenant()
    if len(_known) >= _MOST_KNOWN:
        _known.clear()
    fresh = Known(tenant, kept.tracking_host, tuple(kept.networks), time.monotonic() + _BELIEVED)
    _known[tenant_id] = fresh
    return fresh


def forget() -> None:
    """Forget what this process knows of tenants and salts."""
    _known.clear()
    _salts.clear()


def _is_at_home(request: HttpRequest, known: Known) -> bool:
    host, _ = split_domain_port(request.META.get("HTTP_HOST") or request.META.get("SERVER_NAME", ""))
    if known.tracking_host and host == known.tracking_host:
        return True
    return validate_host(host, settings.ALLOWED_HOSTS)


# --- reading and writing ------------------------------------------------------------------------


def _find(named: tokens.Named) -> Found | None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.NAMED_PICTURE if named.is_picture else sql.NAMED_LINK,
            {"member": named.member, "target": named.target},
        )
        row = cursor.fetchone()
    return Found(*row) if row else None


def _write(request: HttpRequest, known: Known, found: Found, act: Act) -> None:
    """Write one act, or one more request that is not counted, in the open transaction."""
    at = clock.now()
    day = local_date(known.tenant, at)
    row: dict[str, UUID | date | datetime | bytes | str | int | None] = {
        "tenant": known.tenant.pk, "id": uuid7(), "campaign": found.campaign, "member": found.member, "day": day,
    }  # fmt: skip
    why = _why(request, known, found)
    if why is None:
        agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
        who = visitor(_salt(known.tenant, day), client_address(request), agent)
        most = MOST_OF_MEMBER if found.member else MOST_IN_PUBLIC
        with connection.cursor() as cursor:
            cursor.execute(
                sql.COUNT, row | {"link": found.link, "visitor": who, "act": act, "at": at, "most": most}
            )
            if cursor.fetchone():
                return
        why = Why.MANY
    with connection.cursor() as cursor:
        cursor.execute(sql.FILTER, row | {"why": why, "slot": secrets.randbelow(_SLOTS)})


def _why(request: HttpRequest, known: Known, found: Found) -> Why | None:
    why = why_not(request.method or "GET", request.headers)
    if why is not None:
        return why
    if is_within(client_address(request), known.networks) or is_signed_in_staff(request):
        return Why.STAFF
    return Why.HELD if found.group == Group.HELD else None


def _salt(tenant: Tenant, day: date) -> bytes:
    """Return the day's salt, made by whoever needs it first; days before are forgotten."""
    if salt := _salts.get((tenant.pk, day)):
        return salt
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SALT, {"tenant": tenant.pk, "id": uuid7(), "day": day, "salt": secrets.token_bytes(16)}
        )
    salt = bytes(DaySalt.objects.get(day=day).salt)
    for old in [key for key in _salts if key[1] < day or len(_salts) > _MOST_KNOWN]:
        _salts.pop(old, None)
    _salts[tenant.pk, day] = salt
    return salt


# --- answers ------------------------------------------------------------------------------------


def _picture() -> HttpResponse:
    return HttpResponse(
        PICTURE, content_type="image/gif", headers={"Cross-Origin-Resource-Policy": "cross-origin"}
    )


def _words(which: str, status: int, found: Found | None = None) -> HttpResponse:
    context = {"which": which, "found": found}
    return HttpResponse(
        render_to_string("campaigns/link.html", context),
        status=status,
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'self'"},
    )
