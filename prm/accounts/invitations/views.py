"""The pages of invitations: an administrator's, and the one behind a link."""

from uuid import UUID

from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from prm.accounts.http import ArrivingRequest, TenantRequest
from prm.accounts.invitations import service
from prm.accounts.invitations.forms import InviteForm, NewPersonForm
from prm.accounts.invitations.links import Proof, link_to, proof_of
from prm.accounts.invitations.sending import Sent, deliver
from prm.accounts.models import Invitation, Membership, User
from prm.accounts.rights import Right, page_requires
from prm.accounts.signin.addresses import client_network
from prm.accounts.signin.throttle import LINKS
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.context import Actor, tenant_scope
from prm.tenancy.models import Tenant
from prm.ui.form_page import Done, act, form_page, leave
from prm.ui.formatting import day

# --- the administrator's ---------------------------------------------------------------------------


@page_requires(Right.MEMBER_EDIT)
def member_add(request: TenantRequest) -> HttpResponse:
    """Invite a person by address and role."""
    form = InviteForm(request.POST or None)

    def save() -> HttpResponse:
        invitation = service.invite(**form.cleaned_data, by=request.membership)
        return after_sending(request, invitation, deliver(invitation, by=request.membership, request=request))

    context = {"title": "Invite a member", "submit": "Invite"}
    return form_page(request, form, "accounts/member_form.html", context, save=save)


def after_sending(
    request: TenantRequest, invitation: Invitation, sent: Sent, next_url: str = ""
) -> HttpResponse:
    """Say that the message is on its way, or show the link that is to be handed over, this once."""
    back = next_url or tenant_url(request.tenant, "accounts:members")
    if sent.link:
        context = {"invitation": invitation, "link": sent.link, "back": back}
        return render(request, "accounts/link.html", context)
    if sent.failure:
        return leave(request, Done(back, f"{invitation.email} is not told yet.", sent.failure, kind="bad"))
    until = f"The link works until {day(invitation.expires_at)}."
    return leave(request, Done(back, f"Invitation sent to {invitation.email}.", until))


@require_POST
@page_requires(Right.MEMBER_EDIT)
def resend(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Send a new link; the one before it ends."""
    invitation = get_object_or_404(Invitation.objects.joining(), pk=pk)
    try:
        sent = deliver(invitation, by=request.membership, request=request)
    except Refused as refused:
        return leave(request, Done(_members(request), refused.message, kind="bad"))
    return after_sending(request, invitation, sent)


@require_POST
@page_requires(Right.MEMBER_EDIT)
def revoke(request: TenantRequest, pk: UUID) -> HttpResponse:
    """End an invitation and its links."""
    invitation = get_object_or_404(Invitation, pk=pk)

    def work() -> Done:
        service.revoke(invitation, by=request.membership)
        return Done(
            _members(request),
            f"The invitation of {invitation.email} is revoked.",
            "Its link no longer works.",
        )

    return act(request, work, stay_url=_members(request))


@require_POST
@page_requires(Right.MEMBER_EDIT)
def sign_in_link(request: TenantRequest, pk: UUID) -> HttpResponse:
    """Show a link, this once, by which a member without mail chooses a new password."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk)
    try:
        invitation, secret = service.sign_in_link(member, by=request.membership)
    except Refused as refused:
        return leave(request, Done(_members(request), refused.message, kind="bad"))
    return after_sending(
        request, invitation, Sent(link=link_to(request.tenant, invitation.pk, secret, request))
    )


def _members(request: TenantRequest) -> str:
    return tenant_url(request.tenant, "accounts:members")


# --- behind the link -------------------------------------------------------------------------------


@never_cache
@sensitive_post_parameters()
@sensitive_variables("secret")
@require_http_methods(["GET", "POST"])
def answer(request: ArrivingRequest, tenant: str, pk: UUID, secret: str) -> HttpResponse:
    """Ask the holder of a link whether they accept. To follow it changes nothing: mail programs do so, too.

    Whatever is wrong with a link is answered alike, and the page is the same for known and unknown addresses.
    """
    found = Tenant.objects.filter(slug=tenant, is_active=True).first()
    if found is None:
        return _ended(request)
    with tenant_scope(found, actor=Actor(kind="invitation", door="page", label="the link of an invitation")):
        invitation = (
            Invitation.objects.open().select_related("invited_by__user", "member__user").filter(pk=pk).first()
        )
        proof = proof_of(invitation, secret) if invitation is not None else None
        if invitation is None or proof is None:
            return _ended(request)
        with tenant_scope(found, actor=Actor(kind="invitation", door="page", label=invitation.email)):
            return _answered(request, found, invitation, proof)


def _ended(request: HttpRequest) -> HttpResponse:
    """Say that a link does not work; those who try many wait. One that works is never refused for them."""
    is_within = LINKS.count(client_network(request))
    return render(request, "accounts/invitation_ended.html", status=404 if is_within else 429)


def _answered(request: ArrivingRequest, tenant: Tenant, invitation: Invitation, proof: Proof) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    form = NewPersonForm(
        request.POST if request.method == "POST" and user is None else None, invitation=invitation
    )
    refused = ""
    try:
        if request.method == "POST" and user is not None:
            service.accept_as(invitation, user, proof=proof)
            return redirect(tenant_url(tenant, "accounts:home"))
        if request.method == "POST" and form.is_valid():
            person = service.accept_new(invitation, **form.cleaned_data, proof=proof)
            home = tenant_url(tenant, "accounts:home")
            response: HttpResponse = perform_login(request, person, redirect_url=home, email=person.email)
            return response
    except Refused as refusal:
        refused = refusal.message
    context = {
        "invitation": invitation,
        "organisation": tenant,
        "form": form,
        "refused": refused,
        "is_other": user is not None and user.email != invitation.email,
        "is_signed_in": user is not None,
    }
    return render(request, "accounts/invitation.html", context)
