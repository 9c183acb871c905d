"""The stored session: renewed once by whoever comes first, for the right organisation only."""

from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.runs import tokens
from prm.salesforce.runs.tokens import StoredTokens


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
