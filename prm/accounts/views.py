"""Chooser, landing, and an administrator's members and API keys."""

from datetime import datetime
from typing import Final, NamedTuple, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from prm.accounts import keys as api_keys
from prm.accounts.forms import ChangeMemberForm, KeyForm
from prm.accounts.http import TenantRequest
from prm.accounts.loss import Loss, words_of_loss
from prm.accounts.models import ApiKey, Invitation, Membership, User
from prm.accounts.rights import Right, page_requires
from prm.accounts.service import change_member
from prm.accounts.signin.mail import may_hand_over
from prm.core.urls import tenant_url
from prm.tenancy.context import as_member
from prm.tenancy.models import Tenant
from prm.ui.export.answers import Columns, file_asked
from prm.ui.form_page import Done, act, form_page
from prm.ui.http import invalid, saved
from prm.ui.navigation import beginning_for
from prm.ui.toasts import toast


class Person(NamedTuple):
    """A member or somebody invited. `since`: a member's first day; `until`: when an invitation ends."""

    address: str
    name: str
    role: str
    state: str
    since: datetime | None = None
    until: datetime | None = None


def _member(member: Membership) -> Person:
    """Return a member as a row of the list."""
    state = "Active" if member.is_active else "Ended"
    return Person(member.user.email, str(member.user), member.role_label, state, since=member.created_at)


def _invited(invitation: Invitation) -> Person:
    """Return an invitation as a row of the list."""
    return Person(
        invitation.email,
        invitation.name,
        invitation.role_label,
        f"Invited: {invitation.state_words.lower()}",
        until=invitation.until,
    )


PEOPLE: Final[Columns[Person]] = {
    "Address": lambda person: person.address,
    "Name": lambda person: person.name,
    "Role": lambda person: person.role,
    "State": lambda person: person.state,
    "Since": lambda person: person.since,
    "Until": lambda person: person.until,
}

KEYS: Final[Columns[ApiKey]] = {
    "Name": lambda key: key.name,
    "Begins with": lambda key: key.prefix,
    "May do": lambda key: key.scopes,
    "Last used": lambda key: key.last_used_at,
    "State": lambda key: key.state_words,
}


@require_GET
@login_required
def chooser(request: HttpRequest) -> HttpResponse:
    """Offer the organisations of the person; skipped when there is exactly one."""
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
            "role_label": member.role_label,
            "last_seen_at": member.last_seen_at,
            "url": tenant_url(member.tenant, "accounts:home"),
        }
        for member in members
    ]
    if len(rows) == 1 and "choose" not in request.GET:
        return redirect(str(rows[0]["url"]))
    return render(request, "accounts/chooser.html", {"memberships": rows})


@require_GET
def landing(request: TenantRequest) -> HttpResponse:
    """Send a member to the page where the day of people with these rights begins."""
    first = beginning_for(request.rights)
    if first is None:
        raise PermissionDenied("This role has no pages.")
    return redirect(tenant_url(request.tenant, first.url_name))


@require_GET
@page_requires(Right.MEMBER_EDIT)
def members(request: TenantRequest) -> HttpResponseBase:
    """List everybody who may come in, those who no longer may, and those who were invited."""
    people = Membership.objects.select_related("user").order_by("-is_active", "user__name", "user__email")
    invitations = Invitation.objects.open().joining().order_by("email")
    everybody = [*map(_invited, invitations), *map(_member, people)]
    if file := file_asked(request, "members", PEOPLE, everybody):
        return file
    context = {
        "members": people,
        "invitations": invitations,
        "may_hand_over": may_hand_over(),
    }
    return render(request, "accounts/members.html", context)


@page_requires(Right.MEMBER_EDIT)
def member_change(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Change the role of a member, or end the membership. What takes rights away is asked once more."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    form = ChangeMemberForm(
        request.POST or None, initial={"role": member.role, "is_active": member.is_active}
    )
    context = {
        "title": str(member.user),
        "member": member,
        "submit": "Save member",
        "may_hand_over": may_hand_over() and member.is_active and member.user.home_id is not None,
    }
    if form.is_valid():
        role, is_active = form.cleaned_data["role"], form.cleaned_data["is_active"]
        loss = words_of_loss(member, role=role, is_active=is_active)
        if loss and form.cleaned_data["agreed"] != loss.key and not _is_last_administrator(member):
            return _ask(request, context, loss)

    def save() -> Done:
        changed = {key: form.cleaned_data[key] for key in ("role", "is_active")}
        change_member(member, **changed)
        return Done(_members_url(request), f"{member.user} saved.", member.role_label)

    return form_page(request, form, "accounts/member_form.html", context, save=save)


def _is_last_administrator(member: Membership) -> bool:
    """Whether nobody else administers: then the service says so, and there is nothing to agree to."""
    return set(Membership.objects.administering().values_list("pk", flat=True)) == {member.pk}


def _ask(request: TenantRequest, context: dict[str, object], loss: Loss) -> HttpResponse:
    """Show the form again with what the change takes away, on a button that says so."""
    data = request.POST.copy()
    data["agreed"] = loss.key
    asked = {**context, "form": ChangeMemberForm(data), "loss": loss, "submit": loss.button}
    return invalid(request, "accounts/member_form.html", asked)


@require_GET
@page_requires(Right.KEY_EDIT)
def keys(request: TenantRequest) -> HttpResponseBase:
    """List the API keys of machine feeds."""
    found = ApiKey.objects.select_related("created_by__user")
    if file := file_asked(request, "API keys", KEYS, found):
        return file
    return render(request, "accounts/keys.html", {"keys": found})


@page_requires(Right.KEY_EDIT)
def key_add(request: TenantRequest) -> HttpResponse:
    """Make a key; its secret is shown on this answer and never again."""
    form = KeyForm(request.POST or None)

    def save() -> HttpResponse:
        key, secret = api_keys.create_key(**form.cleaned_data, created_by=request.membership)
        return render(request, "accounts/key_made.html", {"key": key, "secret": secret})

    return form_page(request, form, "accounts/key_form.html", {}, save=save)


@require_POST
@page_requires(Right.KEY_EDIT)
def key_keep(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Take over a key whose maker has left."""
    key = get_object_or_404(ApiKey, pk=pk)
    stay = tenant_url(request.tenant, "accounts:keys")

    def work() -> Done:
        api_keys.keep_key(key, by=request.membership)
        return Done(stay, f"{key.name} is kept.", "It is in your name now, and ends with your membership.")

    return act(request, work, stay_url=stay)


@require_POST
@page_requires(Right.KEY_EDIT)
def key_revoke(request: TenantRequest, pk: UUID) -> HttpResponse:
    """End a key at once."""
    key = get_object_or_404(ApiKey, pk=pk)
    api_keys.revoke_key(key)
    toast(request, f"{key.name} is revoked.", "Calls with it are refused from now on.")
    return saved(request, tenant_url(request.tenant, "accounts:keys"))


def _members_url(request: TenantRequest) -> str:
    tenant: Tenant = request.tenant
    return tenant_url(tenant, "accounts:members")
