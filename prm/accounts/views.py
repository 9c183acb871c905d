"""Chooser, landing, health, and an administrator's members and API keys."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from prm.accounts import keys as api_keys
from prm.accounts.forms import AddMemberForm, ChangeMemberForm, KeyForm
from prm.accounts.http import TenantRequest
from prm.accounts.models import ApiKey, Membership, User
from prm.accounts.rights import Right, page_requires
from prm.accounts.roles import Role
from prm.accounts.service import add_member, change_member
from prm.core.errors import Refused
from prm.tenancy.context import as_member
from prm.tenancy.models import Tenant
from prm.ui.http import invalid, saved
from prm.ui.navigation import landing_for
from prm.ui.toasts import toast


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
            "url": reverse("accounts:home", kwargs={"tenant": member.tenant.slug}),
        }
        for member in members
    ]
    if len(rows) == 1 and "choose" not in request.GET:
        return redirect(str(rows[0]["url"]))
    return render(request, "accounts/chooser.html", {"memberships": rows})


@require_GET
def landing(request: TenantRequest) -> HttpResponse:
    """Send a member to the page where the day of people with these rights begins."""
    first = landing_for(request.rights)
    if first is None:
        raise PermissionDenied("This role has no pages.")
    return redirect(reverse(first.url_name, kwargs={"tenant": request.tenant.slug}))


@require_GET
@page_requires(Right.MEMBER_EDIT)
def members(request: TenantRequest) -> HttpResponse:
    """Everybody who may come in, and those who no longer may."""
    people = Membership.objects.select_related("user").order_by("-is_active", "user__name", "user__email")
    return render(request, "accounts/members.html", {"members": people})


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
    return _form_page(request, "accounts/member_form.html", context)


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
    return _form_page(request, "accounts/member_form.html", context)


@require_GET
@page_requires(Right.KEY_EDIT)
def keys(request: TenantRequest) -> HttpResponse:
    """API keys for machine feeds."""
    return render(request, "accounts/keys.html", {"keys": ApiKey.objects.all()})


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
            return render(request, "accounts/key_made.html", {"key": key, "secret": secret})
    return _form_page(request, "accounts/key_form.html", {"form": form})


@require_POST
@page_requires(Right.KEY_EDIT)
def key_revoke(request: TenantRequest, pk: UUID) -> HttpResponseBase:
    """End a key at once."""
    key = get_object_or_404(ApiKey, pk=pk)
    api_keys.revoke_key(key)
    toast(request, f"{key.name} is revoked.", "Calls with it are refused from now on.")
    return saved(request, reverse("accounts:keys", kwargs={"tenant": request.tenant.slug}))


def _form_page(request: TenantRequest, template: str, context: dict[str, Any]) -> HttpResponseBase:
    if request.method == "POST":
        return invalid(request, template, context)
    return render(request, template, context)


def _members_url(request: TenantRequest) -> str:
    tenant: Tenant = request.tenant
    return reverse("accounts:members", kwargs={"tenant": tenant.slug})
