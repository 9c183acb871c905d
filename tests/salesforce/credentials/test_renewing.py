"""One refresher per connection: what Salesforce grants is stored before it is used, and never asked for twice blindly."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.models import F

from partners.directory.service import create_partner
from prm.salesforce.credentials import renewing
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import Connection, SyncState
from prm.salesforce.runs import tokens
from prm.salesforce.runs.tokens import StoredTokens
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire import errors, pkce, signin
from prm.salesforce.wire.signin import ByCode
from prm.sandbox.oauth.grants import challenge_of

BACK = "http://localhost:8000/t/mercy/salesforce/callback/"


def sign_in_by_person(server, **options):
    verifier = pkce.new_verifier()
    code = server.org.grants.allow(server.org.integration, BACK, challenge_of(verifier))
    way = ByCode(server.url, server.client_id, server.client_secret, code, verifier, BACK)
    return setup_service.connect_by_code(way=way, allowed_by="Ada", **options)


@pytest.fixture
def by_person(connected):
    """Started, and signed in by what a person allowed."""
    sign_in_by_person(connected.server)
    connected.forget()
    return connected


def held():
    return Credential.objects.get()


def refreshes(link):
    return [entry["status"] for entry in link.entries() if entry["endpoint"] == "token"]


def let_pass(**time):
    """Let time pass for what is noted, without waiting for it."""
    ago = timedelta(**time)
    Credential.objects.update(renewal_at=F("renewal_at") - ago, lost_at=F("lost_at") - ago)


def end_sessions(link):
    link.org.sessions.end_all()


def test_a_dead_session_is_renewed_and_the_next_token_stored(by_person):
    first = held().refresh_token
    for name in "ABC":
        end_sessions(by_person)
        create_partner(name=name, kind="agent")
        assert not by_person.sync().failed
    assert refreshes(by_person) == [200, 200, 200]
    assert held().refresh_token != first
    assert (held().renewal, held().lost_at) == (None, None)
    assert held().renewed_at is not None


def test_the_new_token_is_stored_before_it_is_used(by_person, monkeypatch):
    """Whatever is first sent with a new session finds its refresh token committed."""
    seen = []
    real = tokens.renewing.finish

    def watched(turn, grant, **options):
        with transaction.atomic():
            assert SyncState.objects.get().access_token != grant.token
        done = real(turn, grant, **options)
        with transaction.atomic():
            state = SyncState.objects.get()
            seen.append((held().refresh_token == grant.refresh_token, state.access_token == grant.token))
        return done

    monkeypatch.setattr(tokens.renewing, "finish", watched)
    end_sessions(by_person)
    by_person.sync()
    assert seen == [(True, True)]


def test_it_refuses_to_renew_within_a_transaction_of_others(by_person):
    """Rolled back with it, the new token would be lost."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        StoredTokens().renew(SyncState.objects.get().access_token)


def test_of_two_at_once_one_asks_and_the_other_waits_for_it(by_person, monkeypatch):
    stale, other, waits = SyncState.objects.get().access_token, [], []
    real = signin.sign_in

    def slow(way):
        """While Salesforce is asked, another worker comes."""
        assert renewing.begin(stale) is None
        grant = real(way)
        assert renewing.begin(stale) is None
        return grant

    monkeypatch.setattr(tokens, "sign_in", slow)
    first = StoredTokens().renew(stale)
    monkeypatch.setattr(tokens, "sign_in", other.append)
    assert StoredTokens(waits.append).renew(stale) == StoredTokens().current()
    assert StoredTokens().current().token == first.token
    assert (other, waits, refreshes(by_person)) == ([], [], [200])


def test_whoever_waits_finds_the_new_token(by_person):
    stale = SyncState.objects.get().access_token
    turn = renewing.begin(stale)
    waits = []

    def pause(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            renewing.finish(turn, signin.sign_in(turn.way))

    assert StoredTokens(pause).renew(stale).token == SyncState.objects.get().access_token != stale
    assert (len(waits), refreshes(by_person)) == (3, [200])


@pytest.mark.parametrize("fault", ["lose_after", "truncate"])
def test_a_lost_answer_is_not_repeated_and_ends_in_words(by_person, fault):
    """The new token is gone with the answer, and the old one works no more: only a person can sign in again."""
    create_partner(name="A", kind="agent")
    end_sessions(by_person)
    by_person.fault(fault, path="oauth2/token", times="always")
    report = by_person.sync(patient=True)
    assert (
        report.failed and "was lost" in report.message and "a person has to sign in again" in report.message
    )
    assert len(refreshes(by_person)) == 1
    assert Connection.objects.get().state == "connected"
    by_person.org.faults.clear()
    let_pass(minutes=2)
    assert by_person.sync().failed
    assert len(refreshes(by_person)) == 1
    let_pass(minutes=1)
    report = by_person.sync()
    assert refreshes(by_person) == [200, 400]
    bound = Connection.objects.get()
    assert bound.state == "signed_out"
    assert "A person has to sign in again: Connect Salesforce" in bound.state_note == report.message
    assert by_person.dirty() == 1
    sign_in_by_person(by_person.server)
    assert not by_person.sync().failed
    assert by_person.there.org.store.value('SELECT count(*) FROM "Account"') == 1
    assert held().lost_at is None


def test_a_request_that_never_arrived_costs_three_minutes_and_nobody(by_person):
    end_sessions(by_person)
    by_person.fault("lose_before", path="oauth2/token")
    assert by_person.sync().failed
    let_pass(minutes=3)
    assert not by_person.sync().failed
    assert Connection.objects.get().state == "connected"
    assert held().lost_at is None


@pytest.mark.parametrize("arrived", [True, False])
def test_a_worker_killed_in_between_leaves_its_mark(by_person, monkeypatch, arrived):
    class Killed(BaseException):
        pass

    def killed(way):
        if arrived:
            signin.sign_in(way)
        raise Killed

    end_sessions(by_person)
    monkeypatch.setattr(tokens, "sign_in", killed)
    with pytest.raises(Killed):
        by_person.sync()
    monkeypatch.setattr(tokens, "sign_in", signin.sign_in)
    assert held().renewal is not None
    # Others wait for it first, then hold it for lost, then try once with care.
    stale = SyncState.objects.get().access_token
    assert renewing.begin(stale) is None
    let_pass(seconds=41)
    with pytest.raises(errors.Busy, match="was lost"):
        renewing.begin(stale)
    assert len(refreshes(by_person)) == int(arrived)
    let_pass(minutes=3)
    assert by_person.sync().failed is arrived
    assert Connection.objects.get().state == ("signed_out" if arrived else "connected")


def test_not_reached_or_too_busy_is_no_loss(by_person):
    end_sessions(by_person)
    by_person.fault("status", path="oauth2/token", status=429, body="")
    assert not by_person.sync().failed
    assert (held().lost_at, refreshes(by_person)) == (None, [429, 200])


def test_revoked_there_it_says_so(by_person):
    by_person.org.grants.end_all()
    by_person.sync()
    bound = Connection.objects.get()
    assert bound.state == "signed_out"
    assert "revoked" in bound.state_note and "Setup → Users" in bound.state_note
    assert held().refusal.startswith("invalid_grant/")


def test_a_blocked_app_keeps_what_was_allowed(by_person):
    before = held().refresh_token
    by_person.org.app.refusal = "blocked"
    end_sessions(by_person)
    by_person.sync()
    assert "Setup → Connected Apps OAuth Usage" in Connection.objects.get().state_note
    by_person.org.app.refusal = ""
    setup_service.resume()
    assert not by_person.sync().failed
    assert held().refresh_token != before
    assert held().refusal == ""


def test_another_organisation_is_noted_and_nothing_of_it_stored(by_person):
    end_sessions(by_person)
    before = held().refresh_token
    Connection.objects.update(organization_id="00D000000000001AAA")
    by_person.sync()
    assert "Nothing was sent" in Connection.objects.get().state_note
    assert (held().found_organization, held().refresh_token) == (by_person.org.organization_id, before)


def test_who_signs_in_anew_meanwhile_has_precedence(by_person, monkeypatch):
    """A slow renewal of the former session must not write over what a person has just allowed."""
    stale = SyncState.objects.get().access_token
    turn = renewing.begin(stale)
    grant = signin.sign_in(turn.way)
    sign_in_by_person(by_person.server)
    fresh = held().refresh_token, SyncState.objects.get().access_token
    assert renewing.finish(turn, grant).token == fresh[1]
    assert (held().refresh_token, SyncState.objects.get().access_token) == fresh


def test_a_refresh_token_is_not_readable_in_the_table(by_person):
    with database.cursor() as cursor:
        cursor.execute("SELECT refresh_token FROM salesforce_credential")
        assert held().refresh_token not in cursor.fetchone()[0]


def test_without_rotation_the_token_stays(by_person):
    by_person.org.app.rotates = False
    before = held().refresh_token
    end_sessions(by_person)
    assert not by_person.sync().failed
    assert held().refresh_token == before


def test_a_tenant_from_before_there_were_other_ways_goes_on(connected):
    Credential.objects.all().delete()
    end_sessions(connected)
    assert not connected.sync().failed
    assert held().way == "secret"


def test_disconnecting_ends_it_at_salesforce_too(by_person, django_capture_on_commit_callbacks):
    assert by_person.org.grants.count == 1
    with django_capture_on_commit_callbacks(execute=True):
        setup_service.disconnect()
    assert by_person.org.grants.count == 0
    assert (held().refresh_token, SyncState.objects.get().access_token) == ("", "")


# --- kept alive -----------------------------------------------------------------------------------


def test_what_was_allowed_is_used_once_a_week_also_while_paused(by_person, monkeypatch):
    from prm.salesforce.runs import tasks

    sent = []
    monkeypatch.setattr(tasks, "send_task", sent.append)
    setup_service.pause()
    tasks.keep_everybody_signed_in()
    tasks.tokens.use_what_was_allowed()
    assert (sent, refreshes(by_person)) == ([], [])
    Credential.objects.update(renewed_at=F("renewed_at") - timedelta(days=8))
    tasks.keep_everybody_signed_in()
    assert sent == ["salesforce.keep_signed_in"]
    before = held().refresh_token
    tasks.tokens.use_what_was_allowed()
    assert held().refresh_token != before
    assert not tasks.tokens.is_idle()
    assert Connection.objects.get().state == "paused"


@pytest.mark.parametrize("change", [{"state": "signed_out"}, {"state": "disconnected"}])
def test_nobody_who_is_signed_out_is_kept_signed_in(by_person, change):
    Credential.objects.update(renewed_at=F("renewed_at") - timedelta(days=8))
    Connection.objects.update(**change)
    tokens.use_what_was_allowed()
    assert refreshes(by_person) == []
