"""The key of JWT bearer: made here, so that it never travels; only its certificate is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from prm.core.clock import now
from prm.salesforce.credentials.models import Credential
from prm.tenancy.context import current_tenant


def stored() -> Credential | None:
    """Return the tenant's credential."""
    found: Credential | None = Credential.objects.first()
    return found


def is_in_use(credential: Credential) -> bool:
    """Whether the connection signs in with the key."""
    return credential.way == Credential.Way.KEY and bool(credential.private_key)


@transaction.atomic
def make() -> Credential:
    """Make a key; one that is in use stays until Salesforce has granted a sign-in to the new one."""
    from prm.salesforce.wire import assertion  # noqa: PLC0415 - heavy, rarely used

    credential = Credential.objects.select_for_update().first() or Credential()
    made = assertion.new_key(f"PRM {current_tenant().slug}", now())
    if is_in_use(credential):
        credential.next_key, credential.next_certificate = made
    else:
        credential.private_key, credential.certificate = made
        credential.next_key, credential.next_certificate = "", ""
    credential.save()
    return credential


def to_upload(credential: Credential) -> str:
    """Return the certificate that has to be in Salesforce (PEM): the next one, if there is one; "" for a key that was given."""
    return credential.next_certificate if credential.next_key else credential.certificate


def checked(private_key: str) -> str:
    """Return a private key that somebody gives, in our form. Raises `Misconfigured`."""
    from prm.salesforce.wire import assertion  # noqa: PLC0415 - heavy, rarely used

    return assertion.checked_key(private_key)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as people upload and compare it."""

    pem: str
    fingerprint: str
    ends_at: datetime
    is_next: bool


def certificate(credential: Credential | None) -> Certificate | None:
    """Return the certificate that has to be in Salesforce; `None` without a key, and of a key that was given."""
    from prm.salesforce.wire import assertion  # noqa: PLC0415 - heavy, rarely used

    pem = to_upload(credential) if credential is not None else ""
    if credential is None or not pem:
        return None
    return Certificate(pem, assertion.fingerprint(pem), assertion.ends_at(pem), bool(credential.next_key))
