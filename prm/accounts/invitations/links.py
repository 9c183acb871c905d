"""One-time links: made, kept as hashes, and read again."""

import hashlib
import secrets
from enum import StrEnum
from hmac import compare_digest
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from prm.accounts.models import Invitation
from prm.core.clock import now
from prm.tenancy.models import Tenant


class Proof(StrEnum):
    """What holding a link proves: that one reads the address's mail, or that an administrator gave it to one."""

    MAIL = "mail"
    HAND = "hand"


def new_secret() -> tuple[str, str]:
    """Return a secret and the hash that is kept of it."""
    secret = secrets.token_urlsafe(32)
    return secret, _hash(secret)


def proof_of(invitation: Invitation, secret: str) -> Proof | None:
    """Return what this secret proves of the invitation now, None when it is not one of its own or too old."""
    given = _hash(secret)
    if compare_digest(given, invitation.mail_hash) and now() < invitation.expires_at:
        return Proof.MAIL
    hand_expires = invitation.hand_expires_at
    if compare_digest(given, invitation.hand_hash) and hand_expires is not None and now() < hand_expires:
        return Proof.HAND
    return None


def link_to(tenant: Tenant, invitation: UUID, secret: str, request: HttpRequest | None = None) -> str:
    """Return the whole address of a link: at `SITE_URL`, else at the host of the request, if there is one."""
    path = reverse("invitation", kwargs={"tenant": tenant.slug, "pk": invitation, "secret": secret})
    if request is not None and not settings.SITE_URL:
        return request.build_absolute_uri(path)
    return f"{settings.COMMAND_URL}{path}"


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
