"""The stored session of a tenant, and the one place that renews it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction

from prm.core.clock import now
from prm.salesforce.credentials import renewing
from prm.salesforce.credentials.models import Credential
from prm.salesforce.credentials.renewing import Turn
from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.wire import errors
from prm.salesforce.wire.signin import sign_in
from prm.salesforce.wire.transport import Grant

WAIT_SECONDS = 0.25
IDLE = timedelta(days=7)
"""What a person allowed ends after 30 days without use; a session that is used all the time is never renewed by itself."""


class StoredTokens:
    """The grant of the tenant in scope, kept encrypted in its sync state.

    Opens its own transactions; call it with the tenant bound and none open: what Salesforce grants has to be committed
    before it is used, whatever becomes of the work that asked for it.
    """

    def __init__(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Nothing is read before the first use. `pause(seconds)` waits while another worker renews."""
        self._grant: Grant | None = None
        self._pause = pause

    def current(self) -> Grant:
        """Return the grant known to this worker, else the stored one, else a new one."""
        if self._grant is None:
            with transaction.atomic():
                self._grant = renewing.stored(SyncState.objects.get())
        return self._grant or self.renew("")

    def renew(self, stale: str) -> Grant:
        """Return a grant other than the stale one; one sign-in for all workers that ask at once."""
        waited = 0.0
        while (begun := renewing.begin(stale)) is None:
            if waited >= renewing.LEASE.total_seconds():
                raise errors.Busy("Another worker is still signing in.")
            self._pause(WAIT_SECONDS)
            waited += WAIT_SECONDS
        self._grant = begun if isinstance(begun, Grant) else _renewed(begun)
        return self._grant


def _renewed(turn: Turn) -> Grant:
    try:
        grant, by_spare = _asked(turn)
        check_organisation(turn.organization_id, grant.organization_id)
    except errors.SalesforceError as error:
        raise renewing.give_up(turn, error) from error
    return renewing.finish(turn, grant, by_spare=by_spare)


def _asked(turn: Turn) -> tuple[Grant, bool]:
    """Return what Salesforce grants; where the key is refused and another is ready, to that one."""
    try:
        return sign_in(turn.way), False
    except errors.SignInRefused:
        if turn.spare is None:
            raise
    return sign_in(turn.spare), True


def is_idle() -> bool:
    """Whether what a person allowed was not used for a week, and the tenant is signed in by it."""
    bound = Connection.objects.exclude(state__in=(Connection.State.SIGNED_OUT, Connection.State.DISCONNECTED))
    by_person = Credential.objects.filter(way=Credential.Way.PERSON, renewed_at__lt=now() - IDLE)
    return by_person.exists() and bound.exists()


def use_what_was_allowed() -> None:
    """Renew the session if it is idle. Raises `errors.SalesforceError`."""
    with transaction.atomic():
        stale = SyncState.objects.values_list("access_token", flat=True).first() if is_idle() else None
    if stale is not None:
        StoredTokens().renew(stale)


def check_organisation(bound: str, found: str) -> None:
    """Raise `WrongOrganisation` unless the sign-in leads to the org the tenant is bound to.

    Ids are compared by their first 15 characters, which identify; the rest is a checksum.
    """
    if bound[:15] != found[:15]:
        raise errors.WrongOrganisation(
            f"This sign-in leads to Salesforce organisation {found}, but the tenant is connected to "
            f"{bound}. Nothing was sent. Disconnect first if the organisation was replaced.",
            found=found,
        )
