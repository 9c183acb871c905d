"""The stored session of a tenant, and the one place that renews it."""

from __future__ import annotations

from django.db import transaction

from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.wire import errors
from prm.salesforce.wire.signin import sign_in
from prm.salesforce.wire.transport import Grant


class StoredTokens:
    """The grant of the tenant in scope, kept encrypted in its sync state.

    Opens its own transactions; call it with the tenant bound.
    """

    def __init__(self) -> None:
        """Nothing is read before the first use."""
        self._grant: Grant | None = None

    def current(self) -> Grant:
        """Return the grant known to this worker, else the stored one, else a new one."""
        if self._grant is None:
            with transaction.atomic():
                state = SyncState.objects.get()
                self._grant = _stored(state)
        return self._grant or self.renew("")

    def renew(self, stale: str) -> Grant:
        """Return a grant other than the stale one; one sign-in for all workers that ask at once."""
        with transaction.atomic():
            state = SyncState.objects.select_for_update().get()
            stored = _stored(state)
            if stored is not None and stored.token != stale:
                self._grant = stored
                return stored
            connection = Connection.objects.get()
            grant = sign_in(connection.login_url, connection.client_id, connection.client_secret)
            check_organisation(connection.organization_id, grant.organization_id)
            state.access_token = grant.token
            state.instance_url = grant.instance_url
            state.save(update_fields=["access_token", "instance_url"])
        self._grant = grant
        return grant


def check_organisation(bound: str, found: str) -> None:
    """Raise `WrongOrganisation` unless the sign-in leads to the org the tenant is bound to.

    Ids are compared by their first 15 characters, which identify; the rest is a checksum.
    """
    if bound and found and bound[:15] != found[:15]:
        raise errors.WrongOrganisation(
            f"This sign-in leads to Salesforce organisation {found}, but the tenant is connected to "
            f"{bound}. Nothing was sent. Disconnect first if the organisation was replaced."
        )


def _stored(state: SyncState) -> Grant | None:
    if not state.access_token:
        return None
    return Grant(state.access_token, state.instance_url)
