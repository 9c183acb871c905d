"""The page behind a link of a mail. Whatever is wrong with a link is answered alike."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from prm.accounts.middleware import actor_of
from prm.accounts.models import Membership
from prm.accounts.rights import rights_of
from prm.accounts.signin.addresses import client_network
from prm.accounts.signin.throttle import LINKS
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.digest.choices.queries import arranged_for
from prm.digest.choices.service import set_choice
from prm.digest.choices.states import Frequency
from prm.digest.lines.registry import act_called
from prm.digest.links.tokens import Token, read
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant

_INSTEAD = "weekly"


# The signed link is the secret, and it acts as whom it was sent to, whoever's browser it is: there is no session that
# another site could use. Mail programs stop the mails by a POST of their own (RFC 8058).
@csrf_exempt
@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what a link is for; do it by POST."""
    said = read(token)
    tenant = Tenant.objects.filter(pk=said.tenant_id, is_active=True).first() if said else None
    if said is None or tenant is None:
        return _ended(request)
    with tenant_scope(tenant, actor=Actor(kind="unknown", door="page")):
        members = Membership.objects.active().select_related("user")
        member = members.filter(pk=said.member_id).first()
    if member is None:
        return _ended(request)
    with tenant_scope(tenant, actor=actor_of(member, None, "page")):
        return _act(request, tenant, member, said) if said.act else _stop(request, tenant, member)


def _ended(request: HttpRequest) -> HttpResponse:
    is_within = LINKS.count(client_network(request))
    return render(request, "digest/link_ended.html", status=404 if is_within else 429)


def _act(request: HttpRequest, tenant: Tenant, member: Membership, said: Token) -> HttpResponse:
    act = act_called(said.act)
    if act is None or said.row_id is None or act.right not in rights_of(member):
        return _ended(request)
    asked = act.ask(member, said.row_id)
    if asked is None:
        return _ended(request)
    refused, was_done, was_undone = "", asked.is_done, False
    is_back = bool(request.POST.get("undo"))
    # A page that is open twice sends the same again: what is so already stays so.
    way = (act.undo if is_back else None) if was_done else (None if is_back else act.do)
    if request.method == "POST" and way is not None:
        try:
            way(member, said.row_id)
            was_done, was_undone = not was_done, was_done
        except (Refused, PermissionDenied) as error:
            refused = error.message if isinstance(error, Refused) else "Only you, or a manager, may do this."
    context = {
        "organisation": tenant,
        "member": member,
        "act": act,
        "asked": asked,
        "is_done": was_done,
        "is_undone": was_undone,
        "can_undo": act.undo is not None,
        "refused": refused,
        "home": tenant_url(tenant, "accounts:home"),
    }
    return render(request, "digest/link_act.html", context, status=409 if refused else 200)


def _stop(request: HttpRequest, tenant: Tenant, member: Membership) -> HttpResponse:
    if request.method == "POST":
        is_instead = request.POST.get("instead") == _INSTEAD
        set_choice(member, frequency=Frequency.WEEKLY if is_instead else Frequency.OFF)
    context = {
        "organisation": tenant,
        "member": member,
        "timing": arranged_for(member).timing,
        "is_done": request.method == "POST",
        "profile": f"{tenant_url(tenant, 'accounts:profile')}#digest",
    }
    return render(request, "digest/link_stop.html", context)
