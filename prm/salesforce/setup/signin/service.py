"""A person goes to Salesforce, allows the app, and comes back: the web server flow with PKCE, up to its code.

What comes back (`state`) is sealed for one person, one session and one tenant, names a row that is deleted by its
first use, and holds for half an hour. The address to come back to is fixed: the product's own, of this tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.crypto import salted_hmac

from prm.accounts.rights import Right
from prm.core.clock import now
from prm.core.errors import Refused
from prm.salesforce.credentials import keys
from prm.salesforce.credentials.models import Authorization, Credential
from prm.salesforce.setup import service as setup_service
from prm.salesforce.setup.errands import ask_connect_by_code
from prm.salesforce.setup.models import Errand
from prm.salesforce.wire import pkce, refusals
from prm.salesforce.wire.signin import ByCode
from prm.tenancy.use_cases import requires

HOLDS: Final = timedelta(minutes=30)
_NOT_YOURS: Final = (
    "This way back from Salesforce cannot be used: it was used before, is older than half an hour, or was begun by "
    "somebody else or in another browser. Nothing was connected. Begin again here."
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who goes and who comes back: a person in one session, and the address that this person is sent back to."""

    user_id: int
    session_key: str
    redirect_uri: str


@requires(Right.SYNC_EDIT)
@transaction.atomic
def prepare(
    *, login_url: str, client_id: str, client_secret: str = "", replaces: bool = False
) -> Authorization:
    """Keep what is needed to send a person to Salesforce. Raises `Refused` for an address that may not be used."""
    base = setup_service.check_credentials(login_url, client_id)
    Authorization.objects.filter(expires_at__lt=now()).delete()
    made: Authorization = Authorization.objects.create(
        login_url=base,
        client_id=client_id.strip(),
        client_secret=client_secret.strip(),
        verifier=pkce.new_verifier(),
        replaces=replaces,
        expires_at=now() + HOLDS,
    )
    return made


@requires(Right.SYNC_EDIT)
def find(pk: UUID) -> Authorization | None:
    """Return a sign-in that was prepared and not used; it may be too old (`is_over`)."""
    found: Authorization | None = Authorization.objects.filter(pk=pk).first()
    return found


@requires(Right.SYNC_EDIT)
def way_there(prepared: Authorization, visitor: Visitor) -> str:
    """Return the address at Salesforce, for this person in this session."""
    return pkce.authorize_url(
        prepared.login_url,
        client_id=prepared.client_id,
        redirect_uri=visitor.redirect_uri,
        state=f"{prepared.pk.hex}.{_seal(prepared, visitor)}",
        verifier=prepared.verifier,
    )


def _seal(prepared: Authorization, visitor: Visitor) -> str:
    about = (prepared.tenant_id, prepared.pk.hex, visitor.user_id, visitor.session_key, visitor.redirect_uri)
    return salted_hmac("prm.salesforce.state", "|".join(map(str, about)), algorithm="sha256").hexdigest()


@requires(Right.SYNC_EDIT)
def way_back(*, state: str, code: str, error: str, description: str, visitor: Visitor) -> Errand:
    """Take what Salesforce sent a person back with, once; a worker then exchanges the code.

    Raises `Refused`: not this person's, used before or too old; or what Salesforce or the person refused.
    """
    with transaction.atomic():
        used = _use(state, visitor)
    # Used up is committed before anything is done with it.
    if used is None:
        raise Refused(_NOT_YOURS, code="state")
    if error or not code:
        known = refusals.find(error, description)
        words = known.sentence if known is not None else "It gave neither a code nor a reason that is known."
        raise Refused(f"Salesforce did not let PRM in: {words}", code=f"sign_in:{known.key if known else ''}")
    way = ByCode(
        used.login_url, used.client_id, used.client_secret, code, used.verifier, visitor.redirect_uri
    )
    asked: Errand = ask_connect_by_code(way, replaces=used.replaces)
    return asked


def _use(state: str, visitor: Visitor) -> Authorization | None:
    """Return the sign-in that this state names and delete it; `None` when it is not this person's."""
    name, _, seal = state.partition(".")
    try:
        pk = UUID(hex=name)
    except ValueError:
        return None
    found: Authorization | None = Authorization.objects.select_for_update().filter(pk=pk).first()
    # A stranger's state must not use up the owner's.
    if found is None or not compare_digest(seal.encode(), _seal(found, visitor).encode()):
        return None
    Authorization.objects.filter(pk=found.pk).delete()
    return None if found.is_over else found


@requires(Right.SYNC_EDIT)
def make_key() -> Credential:
    """Make the tenant's key, or the one that replaces it once Salesforce has granted a sign-in to it."""
    made: Credential = keys.make()
    return made
