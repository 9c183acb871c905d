"""One refresher per connection. What is renewed is committed before anybody uses it, and never asked for twice blindly.

A refresh token that rotates works once: with a lost answer the new one is lost, and showing the old one again ends what
a person had allowed. So a renewal is three steps, each of its own transaction, and no lock is held while Salesforce is
asked:

1. `begin` marks it. Of workers that ask at once one gets the turn; the others wait and find the new token.
2. Salesforce is asked, by whoever has the turn (`runs/tokens.py`).
3. `finish` stores both tokens; `give_up` takes the mark away after a clear refusal, or notes that the answer is lost.

A worker that is killed leaves its mark. What was lost is not repeated for `DOUBT`; then the old token is shown once
more, since the request may never have arrived. If Salesforce refuses it, a person has to sign in again, and is told why.
Moments are those of the database's clock: workers need not agree on the time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from prm.core.clock import now
from prm.core.ids import uuid7
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.wire import errors
from prm.salesforce.wire.signin import SIGN_IN_SECONDS, ByAssertion, ByCredentials, ByRefresh, Way
from prm.salesforce.wire.transport import Grant

LEASE: Final = timedelta(seconds=2 * SIGN_IN_SECONDS)
"""Twice as long as asking can take: whoever holds a mark for longer is gone."""

DOUBT: Final = timedelta(minutes=3)
"""Longer than a request can be on its way; one that overtook it would make it a second use of the same token."""

_LOST: Final = (
    "Salesforce's answer to the last renewal of the session was lost. Each refresh token works once, so it is not "
    "repeated at once: PRM tries again with care three minutes later. Should Salesforce refuse that, a person has to sign "
    "in again (Connect Salesforce). Changes are kept meanwhile."
)
SIGN_IN_AGAIN: Final = (
    "The answer to a renewal of the session was lost on the way, and the new refresh token with it; the old one works no "
    "more. A person has to sign in again: Connect Salesforce. Nothing else is lost: changes are kept and go afterwards."
)


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to renew. `spare` is the next key's way. `is_doubtful`: an earlier answer was lost."""

    id: UUID
    way: Way = field(repr=False)
    organization_id: str
    spare: Way | None = field(default=None, repr=False)
    is_doubtful: bool = False


def begin(stale: str) -> Grant | Turn | None:
    """Return the stored grant if it is not the stale one, else the turn; `None` while somebody else has it.

    Raises `errors.Busy` while it is not known what became of the last renewal.
    """
    with transaction.atomic(durable=True):
        state = SyncState.objects.select_for_update().get()
        known = stored(state)
        if known is not None and known.token != stale:
            return known
        connection = Connection.objects.get()
        credential = _locked()
        by_person = credential.way == Credential.Way.PERSON
        if credential.renewal is not None:
            if _age(credential, "renewal_at") < LEASE:
                return None
            # Whoever marked it is gone, and an answer with it, perhaps.
            _save(credential, renewal=None, **({"lost_at": F("renewal_at")} if by_person else {}))
            credential.refresh_from_db()
        doubt = by_person and credential.lost_at is not None and _age(credential, "lost_at") < DOUBT
        if not doubt:
            turn = _turn(connection, credential)
            _save(credential, renewal=turn.id, renewal_at=Now())
    # The note is committed first: an error must not take it back.
    if doubt:
        raise errors.Busy(_LOST)
    return turn


def _locked() -> Credential:
    """Return the credential, locked; tenants that were connected before there were others have one of secrets."""
    Credential.objects.get_or_create()
    found: Credential = Credential.objects.select_for_update().get()
    return found


def _age(credential: Credential, name: str) -> timedelta:
    """Return how long ago a moment was, by the database's clock; one that lies ahead is of a clock that has jumped back."""
    age: timedelta | None = (
        Credential.objects.annotate(age=Now() - F(name)).values_list("age", flat=True).get()
    )
    return age if age is not None and age > -LEASE else DOUBT


def _save(credential: Credential, **values: object) -> None:
    Credential.objects.filter(pk=credential.pk).update(**values)


def _turn(connection: Connection, credential: Credential) -> Turn:
    app = (connection.login_url, connection.client_id)
    way: Way = ByCredentials(*app, connection.client_secret)
    spare: Way | None = None
    if credential.way == Credential.Way.KEY:
        way = ByAssertion(*app, credential.username, credential.private_key)
        if credential.next_key:
            spare = ByAssertion(*app, credential.username, credential.next_key)
    elif credential.way == Credential.Way.PERSON:
        if not credential.refresh_token:
            raise errors.SignInRefused(SIGN_IN_AGAIN)
        way = ByRefresh(*app, connection.client_secret, credential.refresh_token)
    return Turn(uuid7(), way, connection.organization_id, spare, credential.lost_at is not None)


def finish(turn: Turn, grant: Grant, *, by_spare: bool = False) -> Grant:
    """Store what was granted, committed, and return what is to be used: a sign-in of a person meanwhile has precedence."""
    with transaction.atomic(durable=True):
        state = SyncState.objects.select_for_update().get()
        credential = _locked()
        if isinstance(turn.way, ByRefresh) and credential.refresh_token != turn.way.refresh_token:
            known = stored(state)
            return known if known is not None else grant
        credential.refresh_token = grant.refresh_token or credential.refresh_token
        if by_spare and credential.next_key:
            credential.private_key, credential.certificate = credential.next_key, credential.next_certificate
            credential.next_key, credential.next_certificate = "", ""
        credential.renewal = credential.lost_at = None
        credential.refusal, credential.found_organization = "", ""
        credential.save()
        _save(credential, renewed_at=now())
        state.access_token, state.instance_url = grant.token, grant.instance_url
        state.save(update_fields=["access_token", "instance_url"])
    return grant


def give_up(turn: Turn, error: errors.SalesforceError) -> errors.SalesforceError:
    """Note why there is no new token, and return the error that says it.

    What is clear (refused, not reached, too busy) takes the mark away. An answer that was lost stays noted.
    """
    is_lost = isinstance(error, errors.UnknownOutcome)
    with transaction.atomic(durable=True):
        credential = _locked()
        if credential.renewal == turn.id:
            _save(
                credential,
                renewal=None,
                refusal=error.refusal if isinstance(error, errors.SignInRefused) else "",
                found_organization=error.found if isinstance(error, errors.WrongOrganisation) else "",
                **({"lost_at": Now()} if is_lost else {}),
            )
    if is_lost:
        return errors.Busy(_LOST)
    if turn.is_doubtful and isinstance(error, errors.SignInRefused) and error.code == "invalid_grant":
        return errors.SignInRefused(
            SIGN_IN_AGAIN, code=error.code, status=error.status, refusal=error.refusal
        )
    return error


def stored(state: SyncState) -> Grant | None:
    """Return the session that is stored, if there is one."""
    if not state.access_token:
        return None
    return Grant(state.access_token, state.instance_url)
