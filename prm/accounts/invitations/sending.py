"""An invitation on its way: mailed, or, where no mail leaves, as a link to hand over."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from prm.accounts.invitations import service
from prm.accounts.invitations.links import link_to
from prm.accounts.models import INVITATION_LASTS, Invitation, Membership
from prm.accounts.signin import mail
from prm.accounts.signin.mail import NotSent
from prm.tenancy.context import current_tenant


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of it: `link` to hand over, `failure` in words, or neither when the message is on its way."""

    link: str = ""
    failure: str = ""


def deliver(invitation: Invitation, *, by: Membership | None, request: HttpRequest | None = None) -> Sent:
    """Mail the link; where messages reach nobody, return one to hand over. Raises `Refused`."""
    failure = _mail(invitation, by, request) if settings.MAIL_IS_SET_UP else ""
    if not mail.may_hand_over():
        return Sent(failure=failure)
    secret = service.hand_over(invitation, by=by)
    return Sent(link=link_to(current_tenant(), invitation.pk, secret, request))


def _mail(invitation: Invitation, by: Membership | None, request: HttpRequest | None) -> str:
    """Return why the message did not leave, nothing when it did."""
    tenant = current_tenant()
    secret = service.renew_mail(invitation, by=by)
    context = {
        "tenant": tenant,
        "invitation": invitation,
        "inviter": by and by.user,
        "link": link_to(tenant, invitation.pk, secret, request),
        "days": INVITATION_LASTS.days,
    }
    try:
        mail.send("accounts/mail/invitation", invitation.email, context)
    except NotSent as failure:
        service.note_failure(invitation)
        return str(failure)
    return ""
