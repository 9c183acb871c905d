"""A person's own page."""

from typing import cast

from allauth.account.internal.flows import reauthentication
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from prm.accounts.http import TenantRequest
from prm.accounts.models import Membership, User
from prm.accounts.profile import service
from prm.accounts.profile.forms import AddressForm, ProfileForm
from prm.accounts.profile.parts import sections_for
from prm.accounts.profile.security import security_of
from prm.accounts.profile.sessions import end_sessions as end
from prm.accounts.profile.sessions import own_sessions
from prm.accounts.rights import Right, page_requires
from prm.accounts.signin.mail import NotSent
from prm.core.errors import Refused
from prm.core.urls import tenant_url
from prm.tenancy.context import as_member
from prm.ui.form_page import Done, form_page, leave

# Everybody who may anything here has a page of their own: each asks for any one right.

# Where the way back from an account page leads, for people of several organisations.
LAST = "prm_profile_of"


@require_GET
@login_required
def own_profile(request: HttpRequest) -> HttpResponse:
    """Go to the own page in the organisation it was last opened in; account pages know no organisation."""
    user = cast("User", request.user)
    with as_member(user.pk):
        mine = Membership.objects.unscoped("a person's own memberships, before a tenant is chosen")
        members = list(
            mine.filter(user=user, is_active=True, tenant__is_active=True).select_related("tenant")
        )
    last = request.session.get(LAST)
    members.sort(key=lambda member: (member.tenant.slug != last, member.tenant.name))
    return redirect(tenant_url(members[0].tenant, "accounts:profile") if members else "chooser")


@page_requires(*Right)
def profile(request: TenantRequest) -> HttpResponse:
    """Show and change who one is here, how numbers are written, how one signs in, and where one is signed in."""
    user = request.user
    if request.session.get(LAST) != request.tenant.slug:
        request.session[LAST] = request.tenant.slug
    form = ProfileForm(request.POST or None, initial={"name": user.name, "notation": user.notation})

    def save() -> Done:
        service.set_profile(user, **form.cleaned_data)
        return Done(tenant_url(request.tenant, "accounts:profile"), "Profile saved.")

    def context() -> dict[str, object]:
        sessions = own_sessions(request, user)
        return {
            "security": security_of(user),
            "sessions": sessions,
            "others": sum(not one.is_this for one in sessions),
            "can_send": settings.MAIL_IS_SET_UP,
            "days": settings.SESSION_COOKIE_AGE // 86_400,
            "parts": sections_for(request.membership),
        }

    return form_page(request, form, "accounts/profile.html", context, save=save)


@page_requires(*Right)
def address(request: TenantRequest) -> HttpResponse:
    """Ask for another address, or for the proof of the present one; a link goes there.

    Who stays signed in on a borrowed machine types the password again. allauth's decorator would call this view
    again by itself afterwards, without the tenant's scope.
    """
    if not reauthentication.did_recently_reauthenticate(request):
        again = reverse("account_reauthenticate")
        return redirect(f"{again}?{urlencode({'next': request.path})}")
    user = request.user
    form = AddressForm(request.POST or None, initial={} if user.proved_at else {"email": user.email})

    def save() -> Done:
        try:
            email = service.ask_for_address(request, user, email=form.cleaned_data["email"])
        except NotSent as failure:
            raise Refused(str(failure)) from failure
        back = tenant_url(request.tenant, "accounts:profile")
        return Done(
            back, f"A link is on its way to {email}.", "Open it signed in as yourself; then it counts."
        )

    return form_page(request, form, "accounts/address_form.html", {}, save=save)


@require_POST
@page_requires(*Right)
def end_sessions(request: TenantRequest) -> HttpResponse:
    """Sign out one other session, or all others."""
    asked = str(request.POST.get("session", ""))
    ended = 0
    if asked == "others":
        ended = end(request, request.user)
    elif asked.isdecimal() and len(asked) < 18:
        ended = end(request, request.user, only=int(asked))
    words = (
        "Nothing was open." if not ended else "1 session ended." if ended == 1 else f"{ended} sessions ended."
    )
    return leave(request, Done(tenant_url(request.tenant, "accounts:profile"), words))
