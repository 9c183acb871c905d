"""The stored session: renewed once by whoever comes first, for the right organisation only."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection, transaction

from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.runs import tokens
from prm.salesforce.runs.tokens import StoredTokens
from prm.tenancy.context import bound_tenant
from tests.salesforce.credentials.test_renewing import sign_in_by_person


def test_workers_that_ask_at_once_sign_in_once(connected, monkeypatch):
    """Whoever waited for the lock finds the new token and asks for nothing."""
    calls = []
    real = tokens.sign_in
    monkeypatch.setattr(tokens, "sign_in", lambda *args: calls.append(1) or real(*args))
    stale = SyncState.objects.get().access_token
    first, second = StoredTokens(), StoredTokens()
    assert first.current().token == second.current().token == stale
    assert first.renew(stale).token == second.renew(stale).token != stale
    assert len(calls) == 1


def test_another_organisation_is_refused_before_anything_is_sent(connected):
    Connection.objects.update(organization_id="00D000000000001AAA")
    SyncState.objects.update(access_token="")
    report = connected.sync()
    assert report.failed
    assert "Nothing was sent" in report.message
    assert Connection.objects.get().state == Connection.State.SIGNED_OUT


def test_two_workers_with_connections_of_their_own_use_a_refresh_token_once(transactional_db, mercy, server):
    """Real commits: the second worker sees the first one's mark, waits, and finds what it stored."""
    with bound_tenant(mercy.tenant):
        sign_in_by_person(server)
        with transaction.atomic():
            stale = SyncState.objects.get().access_token
    server.faults.add(kind="delay", seconds=0.3, path="oauth2/token")
    together = Barrier(2)

    def work(_):
        try:
            with bound_tenant(mercy.tenant):
                together.wait()
                return StoredTokens().renew(stale).token
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(work, range(2))
    assert first == second != stale
    refreshes = [entry["status"] for entry in server.org.log.entries if entry["endpoint"] == "token"]
    assert refreshes == [200, 200]  # the code, and one refresh
    assert server.org.grants.count == 1
