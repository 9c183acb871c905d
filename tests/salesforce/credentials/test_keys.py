"""The key of JWT sign-ins: made here, replaced without a gap, brought by whoever has one."""

import pytest

from prm.core import clock
from prm.core.errors import Refused
from prm.salesforce.credentials import keys
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import Connection
from prm.salesforce.setup import service as setup_service
from prm.salesforce.wire import assertion

USER = "integration@default.example"


@pytest.fixture
def by_key(bound, furnished_server):
    """Connected with PRM's own key."""
    server = furnished_server
    server.org.app.certificate = keys.make().certificate
    connect(server)
    return server


def connect(server, **change):
    values = {"login_url": server.url, "client_id": server.client_id, "username": USER, **change}
    return setup_service.connect_by_key(**values)


def renew(server):
    from prm.salesforce.engine.models import SyncState
    from prm.salesforce.runs.tokens import StoredTokens

    return StoredTokens().renew(SyncState.objects.get().access_token)


def test_a_key_signs_in_and_renews_without_a_secret(by_key):
    assert Connection.objects.get().client_secret == ""
    assert renew(by_key).organization_id == by_key.org.organization_id
    # Where the clocks are apart, the first assertion is too old or too new and tells by how much.
    asked = [entry["status"] for entry in by_key.org.log.entries if entry["endpoint"] == "token"]
    assert [status for status in asked if status != 400] == [200, 200]


def test_a_key_is_replaced_without_a_gap(by_key):
    old = Credential.objects.get().private_key
    made = keys.make()
    assert made.private_key == old and made.next_key
    assert keys.certificate(made).is_next and keys.to_upload(made) == made.next_certificate
    # Not uploaded yet: the old one goes on.
    renew(by_key)
    assert Credential.objects.get().next_key == made.next_key
    # Uploaded: the next sign-in takes the new one, and the old one is forgotten.
    by_key.org.app.certificate = made.next_certificate
    renew(by_key)
    held = Credential.objects.get()
    assert (held.private_key, held.certificate) == (made.next_key, made.next_certificate)
    assert (held.next_key, held.next_certificate) == ("", "")


def test_signing_in_again_takes_the_new_key(by_key):
    made = keys.make()
    by_key.org.app.certificate = made.next_certificate
    connect(by_key)
    assert Credential.objects.get().private_key == made.next_key


def test_a_key_that_is_not_in_use_is_made_anew_at_once(bound):
    first = keys.make()
    second = keys.make()
    assert first.private_key != second.private_key
    assert not second.next_key and Credential.objects.count() == 1


def test_a_key_that_is_brought_has_no_certificate_here(bound, furnished_server):
    private, public = assertion.new_key("theirs", clock.now())
    furnished_server.org.app.certificate = public
    connect(furnished_server, private_key=private)
    held = Credential.objects.get()
    assert held.private_key and keys.certificate(held) is None
    assert renew(furnished_server).token


@pytest.mark.parametrize(
    "change,words",
    [
        ({"username": " "}, "user name is empty"),
        ({"client_id": ""}, "consumer key"),
        ({}, "no key yet"),
        ({"private_key": "nonsense"}, "no private key"),
    ],
)
def test_what_needs_no_sign_in_is_refused_before(bound, server, change, words):
    with pytest.raises(Refused, match=words):
        connect(server, **change)
    assert server.org.log.entries == []


def test_disconnecting_keeps_our_own_key_and_forgets_one_that_was_brought(by_key):
    own = Credential.objects.get().private_key
    setup_service.disconnect()
    assert Credential.objects.get().private_key == own
    connect(by_key)
    private, public = assertion.new_key("theirs", clock.now())
    by_key.org.app.certificate = public
    connect(by_key, private_key=private)
    setup_service.disconnect()
    assert Credential.objects.get().private_key == ""
