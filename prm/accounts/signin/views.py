"""Account pages that are ours or that allauth's need words for."""

from typing import cast

from allauth.account import views as allauth_views
from allauth.account.models import EmailConfirmationHMAC
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from prm.accounts.models import User
from prm.accounts.signin.mail import NotSent
from prm.accounts.signin.proof import confirm_address
from prm.core.errors import Refused
from prm.ui.toasts import toast


class ResetView(allauth_views.PasswordResetView):
    """Sends a link to choose a new password, or says why none can be sent."""

    def form_valid(self, form: BaseForm) -> HttpResponse:
        """Send it; the words of a failure are the same for known and unknown addresses."""
        try:
            return cast("HttpResponse", super().form_valid(form))
        except NotSent as failure:
            form.add_error(None, str(failure))
            return cast("HttpResponse", self.form_invalid(form))

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """Add whether mail is set up at all."""
        return {**super().get_context_data(**kwargs), "can_send": settings.MAIL_IS_SET_UP}


reset = ResetView.as_view()


@login_required
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Change the own password; who has none yet gets one by a link to their address."""
    if not cast("User", request.user).has_usable_password():
        return redirect("account_reset_password")
    return cast("HttpResponseBase", allauth_views.password_change(request))


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm_email(request: HttpRequest, key: str) -> HttpResponse:
    """Take a proved address into the account that asked for it, which must be the one signed in.

    Without that, somebody could ask for the address of another and wait for them to follow the link.
    """
    found = EmailConfirmationHMAC.from_key(key)
    address = found.email_address if found is not None else None
    if address is None or address.user_id != request.user.pk:
        return render(request, "account/email_confirm.html", {"address": None}, status=404)
    if request.method == "POST":
        try:
            confirm_address(cast("User", request.user), address)
        except Refused as refused:
            toast(request, refused.message, kind="bad")
        else:
            toast(request, "Address proved.", f"You sign in with {address.email} from now on.")
        return redirect("own-profile")
    return render(request, "account/email_confirm.html", {"address": address})
