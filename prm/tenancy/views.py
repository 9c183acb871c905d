"""Chooser, landing, health, and an administrator's members and API keys."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET, require_POST

from prm.tenancy import keys as api_keys
from prm.tenancy.context import as_member
from prm.tenancy.errors import Refused
from prm.tenancy.forms import AddMemberForm, ChangeMemberForm, KeyForm
from prm.tenancy.http import TenantRequest
from prm.tenancy.models import ApiKey, Membership, Role, Tenant, User
from prm.tenancy.permissions import Right, page_requires
from prm.tenancy.services import add_member, change_member
from prm.ui.http import invalid, saved
from prm.ui.toasts import toast

# Where each role starts, the first address that this installation has.
LANDINGS: dict[str, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("partners:list", "tenancy:members"),
    Role.MANAGER: ("partners:list",),
    Role.REP: ("activities:today", "partners:list"),
    Role.PARTNER: ("partners:portal",),
}


@require_GET
@login_required
def chooser(request: HttpRequest) -> HttpResponse:
    """The organisations of the person; skipped when there is exactly one."""
    user = cast("User", request.user)
    with as_member(user.pk):
        members = list(
            Membership.objects.unscoped("a person's own memberships, before a tenant is chosen")
            .filter(user=user, is_active=True, tenant__is_active=True)
            .select_related("tenant")
            .order_by("tenant__name")
        )
    rows = [
        {
            "tenant": member.tenant,
            "role_label": Role(member.role).label,
            "url": reverse("tenancy:home", kwargs={"tenant": member.tenant.slug}),
        }
        for member in members
    ]
    # The shell offers "Switch organisation" only to those who have several.
    request.session["organisations"] = len(rows)
    if len(rows) == 1 and "choose" not in request.GET:
        return redirect(str(rows[0]["url"]))
    return render(request, "tenancy/chooser.html", {"memberships": rows})


@require_GET
def landing(request: TenantRequest) -> HttpResponse:
    """Send a member to the page where their role's day begins."""
    for name in LANDINGS.get(request.membership.role, ()):
        try:
            return redirect(reverse(name, kwargs={"tenant": request.tenant.slug}))
        except NoReverseMatch:
            continue
    raise PermissionDenied("This role has no pages.")


@require_GET
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> JsonResponse:
    """200 ``{"status": "ok"}`` when web, database and broker work; 503 naming the part that does not."""
    parts = {"database": _database_state(), "broker": _broker_state()}
    healthy = all(state == "ok" for state in parts.values())
    body = {"status": "ok" if healthy else "failing", **parts}
    return JsonResponse(body, status=200 if healthy else 503)


def _database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception as error:  # noqa: BLE001  # whatever the driver raises, the answer is the same
        return type(error).__name__
    return "ok"


def _broker_state() -> str:
    from prm.celery import app

    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
            # A broker of folders is always connected: asked for its length, the queue must be there.
            channel: Any = broker.default_channel
            channel.queue_declare(queue=app.conf.task_default_queue)
    except Exception as error:  # noqa: BLE001  # each transport has errors of its own
        return type(error).__name__
    return "ok"


@require_GET
@page_requires(Right.MEMBER_EDIT)
def members(request: TenantRequest) -> HttpResponse:
    """Everybody who may come in, and those who no longer may."""
    people = Membership.objects.select_related("user").order_by("-is_active", "user__name", "user__email")
    return render(request, "tenancy/members.html", {"members": people})


@page_requires(Right.MEMBER_EDIT)
def member_add(request: TenantRequest) -> HttpResponseBase:
    """Add a person by address, role and a first password."""
    form = AddMemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            member = add_member(**form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, refused.message)
        else:
            toast(request, f"{member.user} is a member.", Role(member.role).label)
            return saved(request, _members_url(request))
    context = {"form": form, "title": "Add member", "submit": "Add member"}
    return _form_page(request, "tenancy/member_form.html", context)


@page_requires(Right.MEMBER_EDIT)
def member_change(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """Change the role of a member, or end the membership."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    form = ChangeMemberForm(
        request.POST or None, initial={"role": member.role, "is_active": member.is_active}
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_member(member, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field, refused.message)
        else:
            toast(request, f"{member.user} saved.", Role(member.role).label)
            return saved(request, _members_url(request))
    context = {"form": form, "title": str(member.user), "member": member, "submit": "Save member"}
    return _form_page(request, "tenancy/member_form.html", context)


@require_GET
@page_requires(Right.KEY_EDIT)
def keys(request: TenantRequest) -> HttpResponse:
    """API keys for machine feeds."""
    return render(request, "tenancy/keys.html", {"keys": ApiKey.objects.all()})


@page_requires(Right.KEY_EDIT)
def key_add(request: TenantRequest) -> HttpResponseBase:
    """Make a key; its secret is shown on this answer and never again."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = api_keys.create_key(**form.cleaned_data, created_by=request.membership)
        except Refused as refused:
            form.add_error(refused.field, refused.message)
        else:
            return render(request, "tenancy/key_made.html", {"key": key, "secret": secret})
    return _form_page(request, "tenancy/key_form.html", {"form": form})


@require_POST
@page_requires(Right.KEY_EDIT)
def key_revoke(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """End a key at once."""
    key = get_object_or_404(ApiKey, pk=pk)
    api_keys.revoke_key(key)
    toast(request, f"{key.name} is revoked.", "Calls with it are refused from now on.")
    return saved(request, reverse("tenancy:keys", kwargs={"tenant": request.tenant.slug}))


def _form_page(request: TenantRequest, template: str, context: dict[str, Any]) -> HttpResponseBase:
    if request.method == "POST":
        return invalid(request, template, context)
    return render(request, template, context)


def _members_url(request: TenantRequest) -> str:
    tenant: Tenant = request.tenant
    return reverse("tenancy:members", kwargs={"tenant": tenant.slug})
