"""Signing in as an errand: what a worker is told, what is forgotten afterwards, what a person may stop."""

import json

import pytest

from prm.core.errors import Refused
from prm.salesforce.credentials.models import Credential
from prm.salesforce.engine.models import Connection
from prm.salesforce.setup import errands
from prm.salesforce.setup.models import Errand
from prm.salesforce.wire import pkce
from prm.salesforce.wire.signin import ByCode
from prm.sandbox.oauth.grants import challenge_of

BACK = "http://testserver/t/mercy/salesforce/callback/"
CONNECT = Errand.Kind.CONNECT


@pytest.fixture
def way(server):
    verifier = pkce.new_verifier()
    code = server.org.grants.allow(server.org.integration, BACK, challenge_of(verifier))
    return ByCode(server.url, server.client_id, server.client_secret, code, verifier, BACK)


def test_a_code_is_kept_sealed_until_it_is_used_and_then_forgotten(bound, way):
    from django.db import connection

    errand = errands.ask_connect_by_code(way)
    assert json.loads(errand.details)["code"] == way.code
    with connection.cursor() as cursor:
        cursor.execute("SELECT details, client_secret FROM salesforce_errand")
        stored = str(cursor.fetchall())
    assert way.code not in stored and way.verifier not in stored and way.client_secret not in stored
    errands.perform(CONNECT)
    done = Errand.objects.get()
    assert (done.state, done.details, done.client_secret) == ("done", "", "")
    assert Credential.objects.get().way == done.way == "person"


def test_what_was_refused_says_which_cause_it_was(bound, way, server):
    server.org.app.refusal = "not_installed"
    errands.ask_connect_by_code(way)
    errands.perform(CONNECT)
    failed = Errand.objects.get()
    assert (failed.state, failed.result) == ("failed", {"code": "sign_in:OAUTH_EC_APP_NOT_FOUND"})
    assert "Setup → External Client App Manager" in failed.message
    assert (failed.details, failed.client_secret) == ("", "")
    assert not Connection.objects.exists()


def test_a_code_that_was_used_is_refused_in_words(bound, way):
    for _ in range(2):
        errands.ask_connect_by_code(way)
        errands.perform(CONNECT)
    failed = Errand.objects.get()
    assert "took too long, or was used twice" in failed.message
    # The first sign-in stands.
    assert Connection.objects.get().state == "resting"


def test_a_stopped_sign_in_forgets_its_code(bound, way):
    errands.ask_connect_by_code(way)
    errands.stop(CONNECT)
    stopped = Errand.objects.get()
    assert (stopped.state, stopped.details, stopped.client_secret) == ("stopped", "", "")
    errands.perform(CONNECT)
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    "values,field",
    [
        ({"login_url": "nonsense", "client_id": "a", "username": "u"}, "login_url"),
        ({"login_url": "https://a.example", "client_id": " ", "username": "u"}, "client_id"),
    ],
)
def test_what_needs_no_sign_in_is_refused_at_its_field(bound, values, field):
    with pytest.raises(Refused) as caught:
        errands.ask_connect_by_key(**values)
    assert caught.value.field == field
    assert not Errand.objects.exists()
